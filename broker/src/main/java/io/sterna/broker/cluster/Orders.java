package io.sterna.broker.cluster;

import io.sterna.cluster.Coordinator;
import io.sterna.cluster.Waiting;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What operators ask of the cluster, carried to the nodes that it concerns as notes. Owned by the first event loop.
 *
 * <pre>
 * | 3: force open | partition int | epoch long | forked byte | count byte | missing nodes, each as modified UTF-8 |
 * | 4: drain      | draining byte |    for the node that it is sent to
 * </pre>
 */
final class Orders {
    private static final Logger log = LoggerFactory.getLogger(Orders.class);

    private final String self;
    private final Membership membership;
    private final Coordinator coordinator;
    private final Ports ports;

    /**
     * What they need of the node.
     *
     * @param send a note to a node
     * @param drain says whether this node is drained
     * @param leastHolders how many nodes there have to be that hold copies
     */
    record Ports(BiConsumer<String, byte[]> send, Consumer<Boolean> drain, int leastHolders, LongSupplier clock) {}

    Orders(String self, Membership membership, Coordinator coordinator, Ports ports) {
        this.self = self;
        this.membership = membership;
        this.coordinator = coordinator;
        this.ports = ports;
    }

    void register(Notes notes) {
        notes.read(Notes.FORCE_OPEN, this::onForceOpen);
        notes.read(Notes.DRAIN, this::onDrain);
    }

    /** Returns why not; empty when it is under way. */
    Optional<String> give(ClusterOrder order) {
        if (order instanceof ClusterOrder.ForceOpen force) {
            return forceOpen(force.seen());
        }
        return drain((ClusterOrder.Drain) order);
    }

    // ---- A partition that goes on without some nodes

    private Optional<String> forceOpen(Waiting seen) {
        if (!coordinator.waiting().contains(seen)) {
            return Optional.of("partition " + seen.partition() + " does not wait for " + seen.missing() + " in epoch "
                    + seen.epoch() + ", as this node sees it now; look at the cluster's status again");
        }
        log.warn("an operator opens partition {} by force, without {}", seen.partition(), seen.missing());
        byte[] note = encode(seen);
        membership.present().filter(node -> !node.equals(self)).forEach(node -> ports.send()
                .accept(node, note));
        coordinator.forceOpen(seen, ports.clock().getAsLong());
        return Optional.empty();
    }

    private void onForceOpen(String node, byte[] note) {
        decode(note)
                .ifPresentOrElse(
                        seen -> coordinator.forceOpen(seen, ports.clock().getAsLong()),
                        () -> Notes.passOver(node, note));
    }

    private static byte[] encode(Waiting seen) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(Notes.FORCE_OPEN);
            out.writeInt(seen.partition());
            out.writeLong(seen.epoch());
            out.writeBoolean(seen.forked());
            out.writeByte(seen.missing().size());
            for (String node : seen.missing()) {
                out.writeUTF(node);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static Optional<Waiting> decode(byte[] note) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(note, 1, note.length - 1))) {
            int partition = in.readInt();
            long epoch = in.readLong();
            boolean forked = in.readBoolean();
            List<String> missing = new ArrayList<>();
            for (int left = in.readUnsignedByte(); left > 0; left--) {
                missing.add(in.readUTF());
            }
            return Optional.of(new Waiting(partition, epoch, missing, forked));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    // ---- A node that is to have nothing

    private Optional<String> drain(ClusterOrder.Drain order) {
        String node = order.node();
        if (!membership.isPresent(node)) {
            return Optional.of("there is no node " + node + " in the cluster now; a node is told while it runs");
        }
        if (order.draining()) {
            Optional<String> objection = objection(node);
            if (objection.isPresent()) {
                return objection;
            }
        }
        if (node.equals(self)) {
            ports.drain().accept(order.draining());
        } else {
            ports.send().accept(node, new byte[] {Notes.DRAIN, (byte) (order.draining() ? 1 : 0)});
        }
        return Optional.empty();
    }

    private Optional<String> objection(String node) {
        if (membership.isWitness(node)) {
            return Optional.of(node + " is a witness, which has nothing");
        }
        long others =
                membership.presentHolders().filter(other -> !other.equals(node)).count();
        return others >= ports.leastHolders()
                ? Optional.empty()
                : Optional.of("without " + node + " there are " + others
                        + " nodes that may have copies, and there have to be " + ports.leastHolders()
                        + " for clients to be served (cluster.min-in-sync)");
    }

    private void onDrain(String node, byte[] note) {
        if (note.length == 2 && (note[1] == 0 || note[1] == 1)) {
            ports.drain().accept(note[1] == 1);
        } else {
            Notes.passOver(node, note);
        }
    }
}
