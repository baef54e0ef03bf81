package io.sterna.broker.selector;

import io.sterna.amqp.message.MessageSections;
import io.sterna.amqp.message.PropertiesField;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the identifiers of Jakarta Messaging stand for in an AMQP message, as Qpid JMS maps them. The specification lets a
 * selector name six header fields (§3.8.1.1); the others are those that Artemis and Broker-J have too. JMSXDeliveryCount
 * and JMSRedelivered tell of the deliveries before the message came to this queue.
 */
final class HeaderField {
    private static final Map<String, HeaderField> BY_NAME = Map.ofEntries(
            field("JMSDeliveryMode", message -> message.durable() ? "PERSISTENT" : "NON_PERSISTENT"),
            field("JMSPriority", message -> Math.min(message.priority(), 9)),
            field("JMSMessageID", message -> messageId(message.property(PropertiesField.MESSAGE_ID))),
            field("JMSTimestamp", message -> orZero(message.property(PropertiesField.CREATION_TIME))),
            field("JMSCorrelationID", message -> correlationId(message.property(PropertiesField.CORRELATION_ID))),
            field("JMSType", message -> text(message.property(PropertiesField.SUBJECT))),
            field("JMSDestination", message -> text(message.property(PropertiesField.TO))),
            field("JMSReplyTo", message -> text(message.property(PropertiesField.REPLY_TO))),
            field("JMSExpiration", message -> orZero(message.property(PropertiesField.ABSOLUTE_EXPIRY_TIME))),
            field("JMSRedelivered", message -> message.deliveryCount() > 0),
            field("JMSXDeliveryCount", message -> (int) Math.min(message.deliveryCount() + 1, Integer.MAX_VALUE)),
            field("JMSXGroupID", message -> text(message.property(PropertiesField.GROUP_ID))),
            field("JMSXGroupSeq", message -> groupSequence(message.property(PropertiesField.GROUP_SEQUENCE))),
            field("JMSXUserID", message -> userId(message.property(PropertiesField.USER_ID))));

    private final Function<MessageSections, @Nullable Object> reader;

    private HeaderField(Function<MessageSections, @Nullable Object> reader) {
        this.reader = reader;
    }

    /** The field of that name, which counts with its case. */
    static Optional<HeaderField> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    @Nullable
    Object in(MessageSections message) {
        return reader.apply(message);
    }

    private static Map.Entry<String, HeaderField> field(
            String name, Function<MessageSections, @Nullable Object> reader) {
        return Map.entry(name, new HeaderField(reader));
    }

    private static @Nullable Object text(Optional<Object> value) {
        return value.filter(String.class::isInstance).orElse(null);
    }

    private static Object orZero(Optional<Object> value) {
        return value.filter(Long.class::isInstance).orElse(0L);
    }

    /** JMS has an int here where AMQP has a uint; Qpid JMS takes the same bits. */
    private static @Nullable Object groupSequence(Optional<Object> value) {
        return value.filter(Long.class::isInstance)
                .map(it -> ((Long) it).intValue())
                .orElse(null);
    }

    private static @Nullable Object userId(Optional<Object> value) {
        return value.filter(byte[].class::isInstance)
                .map(it -> new String((byte[]) it, StandardCharsets.UTF_8))
                .orElse(null);
    }

    /** §3.4.3: it begins with ID:, and Qpid JMS says behind that what else it was in AMQP. */
    private static @Nullable Object messageId(Optional<Object> value) {
        return value.map(id -> id instanceof String text && !text.startsWith("ID:")
                        ? "ID:AMQP_NO_PREFIX:" + text
                        : typedId(id))
                .orElse(null);
    }

    private static @Nullable Object correlationId(Optional<Object> value) {
        return value.map(HeaderField::typedId).orElse(null);
    }

    private static @Nullable String typedId(Object id) {
        if (id instanceof String text) {
            boolean escaped = text.startsWith("ID:AMQP_BINARY:")
                    || text.startsWith("ID:AMQP_UUID:")
                    || text.startsWith("ID:AMQP_ULONG:")
                    || text.startsWith("ID:AMQP_STRING:")
                    || text.startsWith("ID:AMQP_NO_PREFIX:");
            return escaped ? "ID:AMQP_STRING:" + text : text;
        } else if (id instanceof UUID uuid) {
            return "ID:AMQP_UUID:" + uuid;
        } else if (id instanceof Long || id instanceof BigInteger) {
            return "ID:AMQP_ULONG:" + id;
        } else if (id instanceof byte[] bytes) {
            return "ID:AMQP_BINARY:" + HexFormat.of().withUpperCase().formatHex(bytes);
        }
        return null;
    }
}
