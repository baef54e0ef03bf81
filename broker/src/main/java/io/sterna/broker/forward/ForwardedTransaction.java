package io.sterna.broker.forward;

import io.sterna.amqp.AmqpError;
import io.sterna.broker.partition.Countdown;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What one of a client's transactions does at other nodes: a transaction at each of them, declared when there is something
 * to do there. Owned by the loop of the client's connection.
 */
public final class ForwardedTransaction {
    private final byte[] id;
    private final Consumer<AmqpError> doom;
    private final Map<Mirror, MirrorBranch> branches = new LinkedHashMap<>(1);

    /**
     * Begins with nothing to do anywhere.
     *
     * @param id the transaction's id at this node
     * @param doom told why it can't be committed any more
     */
    public ForwardedTransaction(byte[] id, Consumer<AmqpError> doom) {
        this.id = id;
        this.doom = doom;
    }

    MirrorBranch at(Mirror mirror) {
        return branches.computeIfAbsent(mirror, its -> new MirrorBranch(its, id, doom));
    }

    /** Whether nothing is done anywhere else. */
    public boolean isEmpty() {
        return branches.isEmpty();
    }

    /**
     * Whether more than one node has a part.
     *
     * @param here whether this one has
     */
    public boolean spans(boolean here) {
        return branches.size() + (here ? 1 : 0) > 1;
    }

    /** The names of the other nodes. */
    public String owners() {
        return branches.keySet().stream().map(mirror -> mirror.owner().node()).collect(Collectors.joining(" and "));
    }

    /**
     * Commits it, all or nothing: with one round trip where it is all at one other node.
     *
     * @param here what is done at this node, if there is something
     * @param answer why it was rolled back; nothing when it was committed. Not called when nobody knows: then the client's
     *     connection is closed
     */
    public void commit(Optional<CommitPart> here, Consumer<Optional<AmqpError>> answer) {
        List<CommitPart> parts = new ArrayList<>();
        here.ifPresent(parts::add);
        parts.addAll(branches.values());
        if (parts.size() > 1) {
            branches.clear();
            new SpanningCommit(parts, answer).begin();
            return;
        }
        MirrorBranch only = branches.values().iterator().next();
        branches.clear();
        only.commit(new CommitPart.Result() {
            @Override
            public void onCommitted() {
                answer.accept(Optional.empty());
            }

            @Override
            public void onRolledBack(AmqpError why) {
                answer.accept(Optional.of(why));
            }

            @Override
            public void onUnknown() {
                // Nobody is left who could be told.
            }
        });
    }

    /** Rolls everything back at all of them. */
    public void rollBack(Runnable then) {
        List<MirrorBranch> all = List.copyOf(branches.values());
        branches.clear();
        Countdown left = new Countdown(all.size(), then);
        all.forEach(branch -> branch.rollBack(left::down));
    }
}
