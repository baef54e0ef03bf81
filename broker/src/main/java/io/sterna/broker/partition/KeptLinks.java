package io.sterna.broker.partition;

import io.sterna.store.LogOperation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The links of one node that the store keeps. Their values there, numbers big-endian:
 *
 * <pre>
 * key  +------+---------+                  value +-----------------------+----------
 *      | lnk/ | link, 8 |                        | 1: state is kept too  | settings, opaque here
 *      +------+---------+----------+             +-----------------------+----------
 *      | tag/ | link, 8 | tag …    |             empty: accepted, and not settled by the sender
 *      +------+---------+----------+---+
 *      | hld/ | link, 8 | sequence, 8  |         empty: delivered, and not settled by the receiver
 *      +------+---------+--------------+
 * </pre>
 *
 * <p>A tag is written in the record of its message, and a hold is durable before its delivery goes out. A hold goes in
 * the record that takes its message out of the queue. Owned by the partition's loop; until it starts by the thread that
 * recovers it.
 */
final class KeptLinks {
    private static final int PREFIX_BYTES = 4;
    private static final int LINK = prefix("lnk/");
    private static final int TAG = prefix("tag/");
    private static final int HELD = prefix("hld/");
    private static final byte[] EMPTY = {};

    private final Partition partition;
    private final Node node;
    private final Map<Long, KeptLink> byId = new TreeMap<>();
    private final Map<Long, KeptLink> holders = new HashMap<>(0);
    private boolean deleted;

    // Before the partition starts; a link's values may come before what says what it is.
    private final Map<Long, byte[]> settings = new TreeMap<>();
    private final List<byte[]> details = new ArrayList<>(0);

    KeptLinks(Partition partition, Node node) {
        this.partition = partition;
        this.node = node;
    }

    private static int prefix(String text) {
        int value = 0;
        for (int index = 0; index < PREFIX_BYTES; index++) {
            value = value << Byte.SIZE | text.charAt(index);
        }
        return value;
    }

    Node node() {
        return node;
    }

    // ---- Keys and operations

    static byte[] linkKey(long id) {
        return ByteBuffer.allocate(PREFIX_BYTES + Long.BYTES)
                .putInt(LINK)
                .putLong(id)
                .array();
    }

    static byte[] tagKey(long id, byte[] tag) {
        return ByteBuffer.allocate(PREFIX_BYTES + Long.BYTES + tag.length)
                .putInt(TAG)
                .putLong(id)
                .put(tag)
                .array();
    }

    static byte[] heldKey(long id, long sequence) {
        return ByteBuffer.allocate(PREFIX_BYTES + 2 * Long.BYTES)
                .putInt(HELD)
                .putLong(id)
                .putLong(sequence)
                .array();
    }

    LogOperation put(KeptLink link, byte[] its) {
        byte[] value = ByteBuffer.allocate(1 + its.length)
                .put((byte) (link.keepsUnsettled() ? 1 : 0))
                .put(its)
                .array();
        return new LogOperation.ValuePut(node.id(), linkKey(link.id()), value);
    }

    LogOperation put(byte[] key) {
        return new LogOperation.ValuePut(node.id(), key, EMPTY);
    }

    LogOperation removed(byte[] key) {
        return new LogOperation.ValueRemoved(node.id(), key);
    }

    void append(LogOperation operation) {
        append(List.of(operation));
    }

    /** Appends what happens together. */
    void append(List<LogOperation> operations) {
        if (!operations.isEmpty()) {
            partition.guard(() ->
                    partition.append(operations.size() == 1 ? operations.get(0) : new LogOperation.Atomic(operations)));
        }
    }

    // ---- While it serves

    /** As {@link Node#keep}. */
    void keep(byte[] its, boolean keepsUnsettled, Consumer<Optional<KeptLink>> whenDurable) {
        if (deleted || !node.stored() || !partition.serves()) {
            whenDurable.accept(Optional.empty());
            return;
        }
        KeptLink link = new KeptLink(this, partition.nextNodeId(), keepsUnsettled);
        byId.put(link.id(), link);
        append(put(link, its));
        partition.afterAppendedOrGone(() -> whenDurable.accept(Optional.of(link)));
    }

    void onEnded(KeptLink link) {
        byId.remove(link.id());
    }

    void setHolder(long sequence, KeptLink link) {
        holders.put(sequence, link);
    }

    /** Unless another link has got the message meanwhile. */
    void forgetHolder(long sequence, KeptLink link) {
        holders.remove(sequence, link);
    }

    /** The record of messages that leave their queue: nobody holds them any more. */
    LogOperation leaving(LogOperation.Acknowledged acknowledged, LogOperation... others) {
        List<LogOperation> all = new ArrayList<>(List.of(others));
        all.add(0, acknowledged);
        if (!holders.isEmpty()) {
            all.addAll(released(acknowledged.sequences()));
        }
        return all.size() == 1 ? acknowledged : new LogOperation.Atomic(all);
    }

    /** What the log has to say of messages that nobody holds any more. */
    List<LogOperation> released(long... sequences) {
        List<LogOperation> gone = new ArrayList<>();
        for (long sequence : sequences) {
            KeptLink holder = holders.remove(sequence);
            if (holder != null) {
                holder.forget(sequence);
                gone.add(removed(heldKey(holder.id(), sequence)));
            }
        }
        return gone;
    }

    /** The node is gone, with its values. */
    void onDeleted() {
        deleted = true;
        byId.values().forEach(KeptLink::onNodeDeleted);
        byId.clear();
        holders.clear();
    }

    // ---- Before the partition starts

    /** A value that the store has kept; false when it is not of a link. */
    boolean recover(byte[] key, byte[] value) {
        if (key.length < PREFIX_BYTES + Long.BYTES) {
            return false;
        }
        ByteBuffer in = ByteBuffer.wrap(key);
        int prefix = in.getInt();
        long id = in.getLong();
        if (prefix == LINK) {
            ByteBuffer content = ByteBuffer.wrap(value);
            byId.put(id, new KeptLink(this, id, content.get() != 0));
            byte[] its = new byte[content.remaining()];
            content.get(its);
            settings.put(id, its);
            return true;
        }
        boolean detail = prefix == TAG || prefix == HELD;
        if (detail) {
            details.add(key);
        }
        return detail;
    }

    /** All values have been recovered; called before messages are, any number of times. */
    void onValuesRecovered() {
        for (byte[] key : details) {
            ByteBuffer in = ByteBuffer.wrap(key);
            boolean tagged = in.getInt() == TAG;
            Optional<KeptLink> link = Optional.ofNullable(byId.get(in.getLong()));
            if (tagged) {
                byte[] tag = new byte[in.remaining()];
                in.get(tag);
                link.ifPresent(its -> its.restoreTag(tag));
            } else {
                long sequence = in.getLong();
                link.ifPresent(its -> its.restoreHeld(sequence));
            }
        }
        details.clear();
    }

    /** Who had a message when the broker stopped. */
    Optional<KeptLink> holder(long sequence) {
        return holders.isEmpty() ? Optional.empty() : Optional.ofNullable(holders.get(sequence));
    }

    /** The settings of a recovered link. */
    byte[] settings(KeptLink link) {
        return Optional.ofNullable(settings.get(link.id())).orElseThrow();
    }

    /** The recovered links in the order in which they came; their settings are forgotten here. */
    void takeRecovered(BiConsumer<KeptLink, byte[]> taker) {
        List.copyOf(byId.values()).forEach(link -> taker.accept(link, settings(link)));
        settings.clear();
    }
}
