package io.sterna.broker.partition;

/** A consumer's stake in the queue that it receives from. Owned by the queue's loop. */
public interface Seat {

    /** Where to receive from. Any thread. */
    QueueNode queue();

    /**
     * The consumer has left the queue; called once.
     *
     * @param closed whether the consumer has no use for it any more, rather than coming back later
     * @param then runs once what follows from that is durable, or when the partition does not serve
     */
    void leave(boolean closed, Runnable then);

    /** The place of a consumer that comes and goes without further effect. */
    static Seat at(QueueNode queue) {
        return new Seat() {
            @Override
            public QueueNode queue() {
                return queue;
            }

            @Override
            public void leave(boolean closed, Runnable then) {
                then.run();
            }
        };
    }
}
