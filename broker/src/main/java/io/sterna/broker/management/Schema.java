package io.sterna.broker.management;

import io.sterna.broker.config.PolicyTarget;
import io.sterna.broker.management.ManagementRequest.Operation;
import io.sterna.broker.partition.NodeKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What AMQP management tells of itself: types, their attributes and operations. */
final class Schema {
    private static final Map<String, NodeKind> TYPES = new LinkedHashMap<>();
    private static final List<String> OF_ALL = List.of("address", "kind", "temporary", "stored");
    private static final List<String> OF_QUEUES = List.of(
            "messages",
            "unsettled",
            "scheduled",
            "bytes",
            "residentBytes",
            "consumers",
            "enqueued",
            "delivered",
            "acknowledged",
            "enqueuedPerSecond",
            "deliveredPerSecond",
            "acknowledgedPerSecond",
            "stalled");

    static {
        TYPES.put("sterna.queue", NodeKind.QUEUE);
        TYPES.put("sterna.topic", NodeKind.TOPIC);
        TYPES.put("sterna.subscription", NodeKind.SUBSCRIPTION);
    }

    private Schema() {}

    static Optional<NodeKind> kind(String type) {
        return Optional.ofNullable(TYPES.get(type));
    }

    static Optional<Operation> operation(String name) {
        return Arrays.stream(Operation.values())
                .filter(operation -> operation.text().equals(name))
                .findFirst();
    }

    /** The answer to an operation that asks about types; empty for all other operations. */
    static Optional<Object> describe(String operation, String type) {
        return switch (operation) {
            case "GET-TYPES" -> Optional.of(each(type, kind -> List.of()));
            case "GET-ATTRIBUTES" -> Optional.of(each(type, Schema::attributes));
            case "GET-OPERATIONS" -> Optional.of(each(type, Schema::operations));
            case "GET-MGMT-NODES" -> Optional.of(List.of());
            default -> Optional.empty();
        };
    }

    private interface Part {
        Object of(NodeKind kind);
    }

    private static Map<String, Object> each(String type, Part part) {
        Map<String, Object> answer = new LinkedHashMap<>();
        TYPES.forEach((name, kind) -> {
            if (type.isEmpty() || type.equals(name)) {
                answer.put(name, part.of(kind));
            }
        });
        return answer;
    }

    /** Whether an attribute is a setting, or says where it comes from. */
    static boolean isSetting(String attribute) {
        return attribute.equals("settings-from") || PolicyTarget.QUEUE.keys().contains(attribute);
    }

    private static List<String> settings(NodeKind kind) {
        return kind.policyTarget("").keys();
    }

    private static List<String> attributes(NodeKind kind) {
        List<String> names = new ArrayList<>(OF_ALL);
        switch (kind) {
            case QUEUE -> names.addAll(OF_QUEUES);
            case TOPIC -> names.add("subscriptions");
            case SUBSCRIPTION -> {
                names.add("topic");
                names.addAll(OF_QUEUES);
            }
        }
        names.addAll(settings(kind));
        names.add("settings-from");
        return names;
    }

    private static Map<String, Object> operations(NodeKind kind) {
        Map<String, Object> operations = new LinkedHashMap<>();
        operations.put("READ", List.of());
        operations.put("DELETE", List.of("force"));
        if (kind != NodeKind.SUBSCRIPTION) {
            operations.put("CREATE", settings(kind));
            operations.put("UPDATE", settings(kind));
        }
        if (kind != NodeKind.TOPIC) {
            operations.put("PURGE", List.of());
            operations.put("REDRIVE", List.of("selector", "limit", "target"));
            operations.put("SCHEDULED", List.of("after", "limit"));
            operations.put("CANCEL", List.of("message", "messageId"));
            operations.put("RENEW-LOCK", List.of("message", "messageId"));
        }
        return operations;
    }
}
