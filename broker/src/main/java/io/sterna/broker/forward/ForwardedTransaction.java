package io.sterna.broker.forward;

import io.sterna.amqp.AmqpError;
import io.sterna.broker.partition.Countdown;
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

    /** How many other nodes have a part. */
    public int count() {
        return branches.size();
    }

    /** Their names. */
    public String owners() {
        return branches.keySet().stream().map(mirror -> mirror.owner().node()).collect(Collectors.joining(" and "));
    }

    /**
     * Commits where everything is at one other node.
     *
     * @param answer why it was rolled back; nothing when it was committed. Not called when nobody knows: then the client's
     *     connection is closed
     */
    public void commit(Consumer<Optional<AmqpError>> answer) {
        MirrorBranch only = branches.values().iterator().next();
        branches.clear();
        only.commit(new MirrorBranch.Outcome() {
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
