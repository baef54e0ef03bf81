package io.sterna.store;

/**
 * What became of a message since it was enqueued.
 *
 * @param annotations opaque; not changed
 */
record Update(int deliveryCount, byte[] annotations) {
    static final Update NONE = new Update(0, new byte[0]);

    boolean isNone() {
        return deliveryCount == 0 && annotations.length == 0;
    }
}
