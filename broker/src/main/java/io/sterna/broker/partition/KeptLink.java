package io.sterna.broker.partition;

import io.sterna.store.LogOperation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A link that the store keeps, since its terminus outlives the broker's process (AMQP 1.0 §3.5.5): what it is about
 * and, where that was asked for, its unsettled state. Of a producer's link these are the tags of deliveries that were
 * accepted and that the sender has not settled; of a consumer's link the deliveries that it has not settled.
 *
 * <p>Owned by the loop of the node that it is attached to. Does nothing any more when it has ended, or its node has.
 */
public final class KeptLink {
    private final KeptLinks links;
    private final long id;
    private final boolean keepsUnsettled;
    private final Map<ByteBuffer, byte[]> tags = new HashMap<>(0);
    private final Set<Long> held = new HashSet<>(0);
    private boolean ended;

    KeptLink(KeptLinks links, long id, boolean keepsUnsettled) {
        this.links = links;
        this.id = id;
        this.keepsUnsettled = keepsUnsettled;
    }

    /** Any thread. */
    public Node node() {
        return links.node();
    }

    /** Whether its unsettled state is kept too. Any thread. */
    public boolean keepsUnsettled() {
        return keepsUnsettled;
    }

    /** Rising in the order in which links of a partition were kept. Any thread. */
    public long id() {
        return id;
    }

    /** It is about something else from now on. */
    public void change(byte[] settings) {
        if (!ended) {
            links.append(links.put(this, settings));
        }
    }

    /** The sender has settled deliveries, so that it will not ask for them any more. */
    public void onSettled(List<byte[]> settledTags) {
        List<LogOperation> gone = new ArrayList<>();
        for (byte[] tag : settledTags) {
            if (tags.remove(ByteBuffer.wrap(tag)) != null) {
                gone.add(links.removed(KeptLinks.tagKey(id, tag)));
            }
        }
        links.append(gone);
    }

    /** Nothing is left of the link. Any number of times. */
    public void end() {
        if (!ended) {
            ended = true;
            List<LogOperation> gone = new ArrayList<>();
            tags.values().forEach(tag -> gone.add(links.removed(KeptLinks.tagKey(id, tag))));
            held.forEach(sequence -> {
                gone.add(links.removed(KeptLinks.heldKey(id, sequence)));
                links.forgetHolder(sequence, this);
            });
            gone.add(links.removed(KeptLinks.linkKey(id)));
            tags.clear();
            held.clear();
            links.append(gone);
            links.onEnded(this);
        }
    }

    /** Its node is gone, with all that it kept. */
    void onNodeDeleted() {
        ended = true;
        tags.clear();
        held.clear();
    }

    boolean ended() {
        return ended;
    }

    /** A delivery with this tag is accepted with the record that this becomes a part of. */
    LogOperation accepted(byte[] tag) {
        tags.put(ByteBuffer.wrap(tag), tag);
        return links.put(KeptLinks.tagKey(id, tag));
    }

    /** A delivery is about to go out. */
    void hold(long sequence) {
        if (keepsUnsettled && !ended && held.add(sequence)) {
            links.setHolder(sequence, this);
            links.append(links.put(KeptLinks.heldKey(id, sequence)));
        }
    }

    /** A message has gone back to its queue: it is nobody's. */
    void release(long sequence) {
        if (held.contains(sequence)) {
            links.append(links.released(sequence));
        }
    }

    /** A message is not held any more; {@link KeptLinks} writes that down. */
    void forget(long sequence) {
        held.remove(sequence);
    }

    // ---- Before the partition starts

    void restoreTag(byte[] tag) {
        tags.put(ByteBuffer.wrap(tag), tag);
    }

    void restoreHeld(long sequence) {
        held.add(sequence);
        links.setHolder(sequence, this);
    }

    List<byte[]> tags() {
        return List.copyOf(tags.values());
    }
}
