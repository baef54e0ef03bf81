package io.sterna.broker.forward;

import io.sterna.amqp.AmqpError;

/** What a transaction that spans nodes does at one of them, this one or another. On the loop of the client's connection. */
public interface CommitPart {

    /** Prepares it, as the part that will decide. */
    void prepareToDecide(Prepared prepared);

    /**
     * Prepares it.
     *
     * @param name what the part that decides has told
     */
    void prepare(byte[] name, Prepared prepared);

    /**
     * Decides, or does what was decided.
     *
     * @param others the partitions of all others, a bit for each, for the part that decides
     */
    void goOn(long others, Result result);

    /** Rolls it back, also when it was not prepared. */
    void giveUp(Runnable then);

    /** Hears whether it is prepared. */
    interface Prepared {
        /**
         * It is.
         *
         * @param told as {@code CommitHandle} tells
         */
        void onPrepared(byte[] told);

        /** It is not, and was rolled back. */
        void onRefused(AmqpError why);
    }

    /** Hears what has become of it. */
    interface Result {
        void onCommitted();

        /** Surely nothing of it has happened. */
        void onRolledBack(AmqpError why);

        /** Nobody here knows; of the part that decides the client's connection is being closed. */
        void onUnknown();
    }
}
