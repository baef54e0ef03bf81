package io.sterna.broker.forward;

import io.sterna.amqp.Connection;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ReceiverLink;
import io.sterna.broker.partition.Producer;
import java.util.Optional;

/** A client whose links are forwarded. Owned by its connection's loop. */
public interface ForwardingClient {

    /** Its connection, which is open. */
    Connection connection();

    /** Whether it is another node that forwards a client's links: they go no farther. */
    boolean isPeer();

    /** A monotonic time. */
    long nowMillis();

    /** Runs a task on this loop later. A defect costs this client's connection. */
    void after(long delayMillis, Runnable task);

    /** Runs a task on this loop with the next turn. */
    void post(Runnable task);

    /** A part of a delivery takes so many bytes of memory; 0 when it does not any more. */
    void onPart(ReceiverLink link, int bytes);

    /** A whole delivery has come, which is in memory until {@link #onDone}. */
    void onWhole(long bytes);

    /** So many of them are not in memory any more. */
    void onDone(int deliveries, long bytes);

    /** Holds a producer back while there is no room for what it sends. */
    void maybeHalt(Producer producer);

    /** What a transaction does at other nodes; empty when there is no such transaction. */
    Optional<ForwardedTransaction> transaction(DeliveryState.Transactional state);

    /** A link on which the client sends comes, or goes: no transaction is discharged in the middle of a delivery in it. */
    void onProducing(ReceiverLink link, boolean comes);

    /** Something the client has settled is on its way to be safe: its goodbyes are answered after {@link #onLeft}. */
    void onLeaving();

    void onLeft();

    /** So many links more are forwarded. */
    void onForwarded(int more);

    /** A message from the client was taken. */
    void onReceived();

    /** A message was sent to the client. */
    void onDelivered();
}
