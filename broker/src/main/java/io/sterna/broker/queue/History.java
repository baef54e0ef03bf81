package io.sterna.broker.queue;

import java.util.Arrays;

/**
 * What has befallen a message that was delivered and came back; most messages share {@link #NONE}. Immutable, the
 * arrays included.
 *
 * @param deliveryCount failed attempts so far
 * @param annotations gathered so far, opaque, often empty
 * @param excluded the consumers that are not to get it again
 * @param returns how often it has come back, which a restart forgets
 */
record History(int deliveryCount, byte[] annotations, Consumer[] excluded, int returns) {
    private static final byte[] NO_ANNOTATIONS = {};
    private static final Consumer[] NOBODY = {};

    static final History NONE = new History(0, NO_ANNOTATIONS, NOBODY, 0);

    static History of(int deliveryCount, byte[] annotations) {
        return deliveryCount == 0 && annotations.length == 0
                ? NONE
                : new History(deliveryCount, annotations, NOBODY, 0);
    }

    boolean isNone() {
        return deliveryCount == 0 && annotations.length == 0 && excluded.length == 0 && returns == 0;
    }

    History withDeliveryCount(int changed) {
        return new History(changed, annotations, excluded, returns);
    }

    History withAnnotations(byte[] changed) {
        return new History(deliveryCount, changed, excluded, returns);
    }

    History returned() {
        return new History(deliveryCount, annotations, excluded, returns + 1);
    }

    /** Consumers that are gone make room, so that there are never more exclusions than consumers. */
    History excluding(Consumer consumer) {
        Consumer[] kept = Arrays.stream(excluded).filter(Consumer::attached).toArray(Consumer[]::new);
        Consumer[] changed = Arrays.copyOf(kept, kept.length + 1);
        changed[kept.length] = consumer;
        return new History(deliveryCount, annotations, changed, returns);
    }
}
