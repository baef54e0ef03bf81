package io.sterna.broker.amqp;

import io.sterna.amqp.RemoteAttach;
import io.sterna.amqp.Terminus;
import io.sterna.broker.partition.QueueNode;
import io.sterna.broker.partition.Seat;
import io.sterna.broker.partition.Subscription;
import io.sterna.broker.queue.Acquisition;
import io.sterna.broker.queue.ConsumerOptions;
import io.sterna.broker.queue.Outcome;
import java.util.List;

/**
 * A consumer without a link. It keeps its place at the queue, and what it has not settled there; the tags of its
 * deliveries are their sequences, so that the queue knows all there is to know of them.
 *
 * @param asked what its first link asked for
 * @param granted what that was granted
 * @param options how it takes part
 * @param inOrder whether its last link was left in order
 * @param enlisted deliveries whose outcome transactions of its last links decide
 * @param bytes of the messages held
 */
record SuspendedSource(
        Seat seat,
        Subscription subscription,
        Terminus.Source asked,
        Terminus.Source granted,
        ConsumerOptions options,
        boolean inOrder,
        List<Acquisition> enlisted,
        long bytes)
        implements SuspendedLink {

    @Override
    public Terminus.Node terminus() {
        return granted.node();
    }

    @Override
    public void discard() {
        QueueNode node = seat.queue();
        node.loop().run(() -> node.seats()
                .unsubscribe(subscription, List.of(), enlisted, inOrder, () -> seat.leave(false, () -> {})));
    }

    /** What becomes of a delivery that the receiver does not hold. */
    Outcome lostOutcome() {
        return inOrder ? Outcome.uncounted(options.defaultOutcome()) : options.defaultOutcome();
    }

    /** Whether an attach means this consumer: it wants the same messages, or whatever there is (AMQP 1.0 §2.6.4). */
    boolean fits(RemoteAttach attach) {
        return attach.source()
                .map(source -> namesTheSame(source)
                        && source.filter().equals(asked.filter())
                        && source.distributionMode().equals(asked.distributionMode()))
                .orElse(true);
    }

    /** As before, or by the address that its node was given. */
    private boolean namesTheSame(Terminus.Source source) {
        return source.node().address().equals(asked.node().address())
                || source.node().address().equals(granted.node().address());
    }
}
