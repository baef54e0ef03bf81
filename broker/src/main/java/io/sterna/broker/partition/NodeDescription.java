package io.sterna.broker.partition;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A node as operators see it, at one instant.
 *
 * @param attributes what there is to know, by name, in the order in which it is shown; texts, numbers, truth values and
 *     maps of them
 */
public record NodeDescription(String address, NodeKind kind, int consumers, Map<String, Object> attributes) {

    /**
     * Describes a node. On its loop.
     *
     * @param withSettings whether its settings are shown, too
     */
    public static NodeDescription of(Node node, boolean withSettings) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        attributes.put("address", node.address());
        attributes.put("kind", node.kind().toString());
        attributes.put("temporary", node.owner().isPresent());
        attributes.put("stored", node.stored());
        int consumers =
                node instanceof QueueNode queue ? describe(queue, attributes) : describe((TopicNode) node, attributes);
        if (withSettings) {
            NodeChanges.settingsOf(node).describe(attributes);
        }
        return new NodeDescription(node.address(), node.kind(), consumers, attributes);
    }

    private static int describe(TopicNode topic, Map<String, Object> attributes) {
        attributes.put("subscriptions", topic.subscriptions().size());
        return topic.subscriptions().consumers();
    }

    private static int describe(QueueNode node, Map<String, Object> attributes) {
        if (node.kind() == NodeKind.SUBSCRIPTION) {
            attributes.put("topic", Addresses.base(node.address()));
        }
        attributes.put("messages", node.queue().figures().depth());
        attributes.put("unsettled", node.queue().figures().acquired());
        attributes.put("scheduled", node.queue().figures().scheduled());
        attributes.put("bytes", node.queue().figures().bytes());
        attributes.put("residentBytes", node.residentBytes());
        attributes.put("consumers", node.queue().figures().consumers());
        node.rates().describe(attributes);
        return node.queue().figures().consumers();
    }
}
