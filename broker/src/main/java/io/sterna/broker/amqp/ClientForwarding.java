package io.sterna.broker.amqp;

import io.sterna.amqp.Connection;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ReceiverLink;
import io.sterna.broker.forward.ForwardedTransaction;
import io.sterna.broker.forward.ForwardingClient;
import io.sterna.broker.partition.Producer;
import java.util.Optional;

/**
 * A client as those see it who forward its links.
 *
 * @param isPeer whether it is another node that forwards a client's links
 */
record ClientForwarding(
        Connection connection,
        boolean isPeer,
        TrafficCounters counters,
        ClientTasks tasks,
        PendingLeaves leaves,
        ClientTransactions transactions,
        ClientInbound inbound)
        implements ForwardingClient {

    @Override
    public long nowMillis() {
        return System.nanoTime() / 1_000_000;
    }

    @Override
    public void after(long delayMillis, Runnable task) {
        tasks.loop().after(delayMillis, () -> tasks.run(task));
    }

    @Override
    public void post(Runnable task) {
        tasks.post(task);
    }

    @Override
    public void onPart(ReceiverLink link, int bytes) {
        inbound.onBuffering(link, bytes);
    }

    @Override
    public void onWhole(long bytes) {
        inbound.onWhole(bytes);
    }

    @Override
    public void onDone(int deliveries, long bytes) {
        inbound.onDone(deliveries, bytes);
    }

    @Override
    public void maybeHalt(Producer producer) {
        inbound.maybeHalt(producer);
    }

    @Override
    public Optional<ForwardedTransaction> transaction(DeliveryState.Transactional state) {
        return transactions.find(state.transactionId()).map(Transaction::elsewhere);
    }

    @Override
    public void onProducing(ReceiverLink link, boolean comes) {
        if (comes) {
            transactions.addProducer(link);
        } else {
            transactions.removeProducer(link);
        }
    }

    @Override
    public void onLeaving() {
        leaves.begin();
    }

    @Override
    public void onLeft() {
        leaves.end();
    }

    @Override
    public void onForwarded(int more) {
        counters.onForwarded(more);
    }

    @Override
    public void onReceived() {
        counters.onReceived();
    }

    @Override
    public void onDelivered() {
        counters.onDelivered();
    }
}
