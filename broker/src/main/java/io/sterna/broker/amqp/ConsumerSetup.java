package io.sterna.broker.amqp;

import io.sterna.amqp.SenderLink;
import io.sterna.amqp.SettleMode;
import io.sterna.amqp.Terminus;
import io.sterna.broker.partition.NodeKind;
import io.sterna.broker.partition.QueueNode;
import io.sterna.broker.partition.Seat;
import io.sterna.broker.queue.ConsumerOptions;

/**
 * What a link on which a client receives is about; it stays as it is for the life of the link.
 *
 * @param asked the source that the client wants
 * @param granted what the attach is answered with
 * @param options how the consumer takes part in the queue
 */
record ConsumerSetup(
        ClientContext client,
        SenderLink link,
        Terminus.Source asked,
        Terminus.Source granted,
        Seat seat,
        ConsumerOptions options) {

    static ConsumerSetup of(
            ClientContext client, SenderLink link, Terminus.Source granted, Seat seat, ConsumerOptions options) {
        ConsumerSetup setup =
                new ConsumerSetup(client, link, link.remote().source().orElse(granted), granted, seat, options);
        Terminus.Node node = granted.node();
        ConsumerSetup bounded = setup.isLastingSubscription()
                ? setup
                : setup.withNode(Expiry.bounded(node, client.services().config()));
        return bounded.withNode(bounded.granted.node().withDurability(DurableTermini.of(bounded)));
    }

    private ConsumerSetup withNode(Terminus.Node actual) {
        return new ConsumerSetup(client, link, asked, granted.withNode(actual), seat, options);
    }

    /** Of a link that takes the place of one that was suspended. */
    static ConsumerSetup of(ClientContext client, SenderLink link, SuspendedSource former) {
        return new ConsumerSetup(client, link, former.asked(), former.granted(), former.seat(), former.options());
    }

    QueueNode node() {
        return seat.queue();
    }

    ClientTasks tasks() {
        return client.tasks();
    }

    /** Whether deliveries are sent settled. */
    boolean presettled() {
        return link.remote().senderSettleMode() == SettleMode.Sender.SETTLED;
    }

    /** Whether the source was granted for ever, as that of a durable subscription is. */
    boolean isLastingSubscription() {
        return node().kind() == NodeKind.SUBSCRIPTION && granted.node().expiryPolicy() == Terminus.ExpiryPolicy.NEVER;
    }

    /**
     * Whether the place at the queue, and what is unsettled there, may outlive the link. Of a subscription that lasts, what
     * does is the subscription itself: JMS clients detach from it and come back holding nothing, so that the messages go back
     * at once unless the client has shown that it resumes links.
     */
    boolean mayOutlive() {
        return !options.browse() && (resumes() || !isLastingSubscription());
    }

    /** Whether the store is to keep the link. */
    boolean kept() {
        return mayOutlive() && granted.node().durability() != Terminus.Durability.NONE;
    }

    /** Whether the client has shown that it resumes links. */
    boolean resumes() {
        return link.remote().resumes() || link.remote().receiverSettleMode() == SettleMode.Receiver.SECOND;
    }
}
