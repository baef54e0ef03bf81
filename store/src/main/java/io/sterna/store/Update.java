package io.sterna.store;

/**
 * What a message has that most messages have not.
 *
 * @param traits opaque; not changed
 * @param annotations opaque; not changed
 */
record Update(int deliveryCount, byte[] traits, byte[] annotations) {
    static final byte[] NO_BYTES = {};
    static final Update NONE = new Update(0, NO_BYTES, NO_BYTES);

    /** As a message comes. */
    static Update fresh(byte[] traits) {
        return traits.length == 0 ? NONE : new Update(0, traits, NO_BYTES);
    }

    boolean isNone() {
        return deliveryCount == 0 && traits.length == 0 && annotations.length == 0;
    }
}
