package io.sterna.broker.management;

import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.AmqpWriter;
import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.BodyKind;
import io.sterna.amqp.message.MessageSections;
import io.sterna.amqp.message.PropertiesField;
import io.sterna.amqp.message.Slice;
import io.sterna.broker.management.ManagementRequest.Operation;
import io.sterna.broker.partition.NodeKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A request as a message, after the working draft 11 of AMQP Management, and the message that answers it. */
public final class AmqpRequest {
    /** Of the management node itself: what is asked of it is about all entities. */
    private static final String OWN_TYPE = "org.amqp.management";

    private static final long PROPERTIES = 0x73;
    private static final long APPLICATION_PROPERTIES = 0x74;
    private static final long AMQP_VALUE = 0x77;

    private final Map<String, Object> properties;
    private final Map<String, Optional<Object>> body;
    private final Optional<String> replyTo;
    private final Optional<Object> correlationId;

    private AmqpRequest(MessageSections sections) throws DecodeException {
        properties = present(map(sections.applicationProperties()));
        body = sections.bodyKind() == BodyKind.VALUE ? map(sections.body()) : Map.of();
        replyTo = sections.property(PropertiesField.REPLY_TO)
                .filter(String.class::isInstance)
                .map(String.class::cast);
        correlationId = sections.property(PropertiesField.CORRELATION_ID)
                .or(() -> sections.property(PropertiesField.MESSAGE_ID));
    }

    /** Reads a message; throws when it is not well formed. */
    public static AmqpRequest of(byte[] message) throws DecodeException {
        return new AmqpRequest(MessageSections.scan(message));
    }

    private static Map<String, Object> present(Map<String, Optional<Object>> map) {
        Map<String, Object> present = new LinkedHashMap<>();
        map.forEach((key, value) -> value.ifPresent(its -> present.put(key, its)));
        return present;
    }

    private static Map<String, Optional<Object>> map(Slice section) throws DecodeException {
        if (section.isEmpty()) {
            return Map.of();
        }
        byte[] bytes = section.bytes();
        int at = AmqpValues.skip(bytes, section.offset() + 1, section.end());
        return AmqpValues.isMap(bytes, at, section.end()) ? Trees.readNullableMap(bytes, at, section.end()) : Map.of();
    }

    /** Where the answer is to go. */
    public Optional<String> replyTo() {
        return replyTo;
    }

    /**
     * Has it done.
     *
     * @param reply takes what makes the message that answers it, on any thread
     */
    public void handle(Manager manager, Consumer<Supplier<byte[]>> reply) {
        if (!(properties.get("operation") instanceof String operation)) {
            reply.accept(() -> message(
                    ManagementAnswer.BAD_REQUEST,
                    "a request says in the application property operation, a string, what is to be done",
                    Map.of()));
            return;
        }
        Optional<Object> known = Schema.describe(operation, type());
        if (known.isPresent()) {
            reply.accept(() -> message(ManagementAnswer.OK, "OK", known.get()));
            return;
        }
        Optional<Operation> asked = Schema.operation(operation);
        if (asked.isEmpty()) {
            reply.accept(() -> message(
                    ManagementAnswer.NOT_IMPLEMENTED,
                    "there is no operation " + operation + "; GET-OPERATIONS names those there are",
                    Map.of()));
        } else if (!type().isEmpty() && Schema.kind(type()).isEmpty()) {
            reply.accept(() -> message(
                    ManagementAnswer.NOT_FOUND,
                    "there is no type " + type() + "; GET-TYPES names those there are",
                    Map.of()));
        } else {
            manager.handle(request(asked.get()), answer -> reply.accept(() -> message(asked.get(), answer)));
        }
    }

    /** The type of entity that it is about; empty for any. */
    private String type() {
        String type = String.valueOf(properties.getOrDefault("type", ""));
        return String.valueOf(properties.getOrDefault("entityType", type.equals(OWN_TYPE) ? "" : type));
    }

    private ManagementRequest request(Operation operation) {
        boolean settings = operation == Operation.CREATE || operation == Operation.UPDATE;
        Map<String, Object> arguments = new LinkedHashMap<>(properties);
        arguments.putAll(settings ? Map.of() : present(body));
        if (attributeNames().stream().anyMatch(name -> Schema.isSetting(String.valueOf(name)))) {
            arguments.put("settings", true);
        }
        if (properties.get("count") != null) {
            arguments.put("limit", properties.get("count"));
        }
        Object name = properties.getOrDefault("name", properties.getOrDefault("identity", ""));
        Optional<NodeKind> kind = Schema.kind(type());
        return new ManagementRequest(operation, kind, String.valueOf(name), arguments, settings ? body : Map.of());
    }

    private List<?> attributeNames() {
        return body.getOrDefault("attributeNames", Optional.empty()).orElse("") instanceof List<?> names
                ? names
                : List.of();
    }

    private byte[] message(Operation operation, ManagementAnswer answer) {
        boolean tabular = operation == Operation.QUERY && answer.status() == ManagementAnswer.OK;
        return message(answer.status(), answer.description(), tabular ? table(answer.body()) : answer.body());
    }

    /** The draft's form of a list: names once, and then values in their order. */
    private Map<String, Object> table(Map<String, Object> answer) {
        List<?> nodes = (List<?>) answer.getOrDefault("nodes", List.of());
        List<Object> names = new ArrayList<>();
        names.addAll(attributeNames());
        if (names.isEmpty()) {
            nodes.forEach(node -> ((Map<?, ?>) node)
                    .keySet().stream().filter(name -> !names.contains(name)).forEach(names::add));
        }
        List<Object> results = new ArrayList<>();
        for (Object node : nodes) {
            List<Object> row = new ArrayList<>();
            for (Object name : names) {
                Object value = ((Map<?, ?>) node).get(name);
                row.add(value == null ? "" : value);
            }
            results.add(row);
        }
        return Map.of("attributeNames", names, "results", results);
    }

    private byte[] message(int status, String description, Object answer) {
        AmqpWriter out = new AmqpWriter(256);
        out.writeDescriptor(PROPERTIES);
        int list = out.beginList();
        out.writeNull().writeNull();
        replyTo.ifPresentOrElse(out::writeString, out::writeNull);
        out.writeNull().writeNull();
        correlationId.ifPresentOrElse(id -> Trees.writeMessageId(id, out), out::writeNull);
        out.endList(list, 6);
        out.writeDescriptor(APPLICATION_PROPERTIES);
        int map = out.beginMap();
        out.writeString("statusCode");
        Trees.writeInt(status, out);
        out.writeString("statusDescription").writeString(description);
        out.endMap(map, 4);
        out.writeDescriptor(AMQP_VALUE);
        Trees.write(answer, out);
        return out.toByteArray();
    }
}
