package io.sterna.broker.partition;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A node as operators see it, at one instant.
 *
 * @param attributes what there is to know, by name, in the order in which it is shown; texts, numbers and truth values
 */
public record NodeDescription(String address, NodeKind kind, int consumers, Map<String, Object> attributes) {

    /** Describes a node. On its loop. */
    public static NodeDescription of(Node node) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        attributes.put("address", node.address());
        attributes.put("kind", node.kind().toString());
        attributes.put("temporary", node.owner().isPresent());
        attributes.put("stored", node.stored());
        int consumers = 0;
        if (node instanceof QueueNode queue) {
            consumers = queue.queue().consumers();
            describe(queue, attributes);
        } else if (node instanceof TopicNode topic) {
            attributes.put("subscriptions", topic.subscriptions().size());
        }
        return new NodeDescription(node.address(), node.kind(), consumers, attributes);
    }

    private static void describe(QueueNode node, Map<String, Object> attributes) {
        if (node.kind() == NodeKind.SUBSCRIPTION) {
            attributes.put("topic", Addresses.base(node.address()));
        }
        attributes.put("messages", node.queue().depth());
        attributes.put("unsettled", node.queue().acquired());
        attributes.put("scheduled", node.queue().scheduled());
        attributes.put("bytes", node.queue().bytes());
        attributes.put("consumers", node.queue().consumers());
        attributes.put("enqueued", node.queue().enqueuedTotal());
        attributes.put("acknowledged", node.queue().acknowledgedTotal());
    }
}
