package io.sterna.broker.http;

import java.util.List;
import java.util.Map;

/**
 * Figures of single queues in Prometheus' text format 0.0.4, of one page of a list of nodes. They are not among {@code
 * /metrics}: with ten thousand queues nobody could pay for a scrape, so that whoever wants them says of which.
 */
final class NodeFigures {
    private static final List<String> GAUGES = List.of("messages", "unsettled", "scheduled", "bytes", "consumers");
    private static final List<String> COUNTERS = List.of("enqueued", "delivered", "acknowledged");

    private NodeFigures() {}

    /** @param answer to a query: its {@code nodes}, and how many are {@code matching} */
    static String text(Map<String, Object> answer) {
        List<?> nodes = (List<?>) answer.getOrDefault("nodes", List.of());
        StringBuilder text = new StringBuilder(256 * nodes.size());
        GAUGES.forEach(name -> append(text, "sterna_queue_" + name, "gauge", name, nodes));
        append(text, "sterna_queue_resident_bytes", "gauge", "residentBytes", nodes);
        COUNTERS.forEach(name -> append(text, "sterna_queue_" + name + "_total", "counter", name, nodes));
        int matching = answer.get("matching") instanceof Number number ? number.intValue() : nodes.size();
        text.append("# TYPE sterna_queue_left_out gauge\nsterna_queue_left_out ")
                .append(matching - nodes.size())
                .append('\n');
        return text.toString();
    }

    private static void append(StringBuilder text, String metric, String type, String attribute, List<?> nodes) {
        text.append("# TYPE ").append(metric).append(' ').append(type).append('\n');
        for (Object node : nodes) {
            Map<?, ?> attributes = (Map<?, ?>) node;
            if (attributes.get(attribute) == null) {
                continue; // A topic has none.
            }
            text.append(metric)
                    .append("{address=\"")
                    .append(escaped(String.valueOf(attributes.get("address"))))
                    .append("\"} ")
                    .append(attributes.get(attribute))
                    .append('\n');
        }
    }

    private static String escaped(String address) {
        return address.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
