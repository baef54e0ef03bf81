package io.sterna.broker.partition;

import java.util.Optional;

/**
 * What tells a subscription that has a name from others. Those that last and those that go with their last subscriber
 * have names of their own (Jakarta Messaging 3.1 §8.3).
 *
 * @param containerId the client that it belongs to; empty when all clients share it
 * @param lasting whether it stays when nobody receives from it
 */
public record SubscriptionId(Optional<String> containerId, String name, boolean lasting) {

    /**
     * The name within its topic: {@code NAME}, {@code CLIENT|NAME}, or {@code CLIENT|NAME|volatile}. Unique, since the
     * parts are escaped.
     */
    public String key() {
        String escaped = escape(name);
        if (!lasting) {
            return containerId.map(SubscriptionId::escape).orElse("") + '|' + escaped + "|volatile";
        }
        return containerId.map(id -> escape(id) + '|' + escaped).orElse(escaped);
    }

    /** Where it is to be found below a topic. */
    public String address(String topic) {
        return topic + Addresses.SUBSCRIPTIONS + key();
    }

    /** Of a subscription without a name; differs from all that have one. */
    static String addressWithoutName(String topic, long nodeId) {
        return topic + Addresses.SUBSCRIPTIONS + "|||" + Long.toHexString(nodeId);
    }

    private static String escape(String part) {
        StringBuilder escaped = new StringBuilder(part.length());
        for (int index = 0; index < part.length(); index++) {
            char character = part.charAt(index);
            if (character == '%' || character == '|' || character == '/' || Character.isISOControl(character)) {
                escaped.append(String.format("%%%02X", (int) character));
            } else {
                escaped.append(character);
            }
        }
        return escaped.toString();
    }
}
