package io.sterna.broker.partition;

/**
 * Brings questions about transactions over several partitions to those that are served by other nodes. A partition that has
 * prepared a part asks the deciding one what was decided; a deciding one asks the others whether they have done their part,
 * and forgets the decision when all have. Each asks again until it is answered.
 *
 * <p>A node that gets a question gives it to {@link Partitions#answer}, and one that gets an answer to {@link
 * Partitions#onAnswer}. Both may be lost, late or doubled, but not made up. Any thread; returns at once.
 */
public interface Decisions {
    /** Of a node that is alone: nobody else can answer. */
    Decisions NONE = request -> {};

    /**
     * A question.
     *
     * @param asked the partition that is to answer
     * @param asking the partition that wants to know
     * @param deciding one of both, which decides or has decided
     * @param sequence with that the name of the transaction
     */
    record Request(int asked, int asking, int deciding, long sequence) {
        /** Whether it is asked what was decided, and not whether that is done. */
        boolean asksWhatWasDecided() {
            return asked == deciding;
        }

        TransactionKey key() {
            return new TransactionKey(deciding, sequence);
        }

        Answer answer(Verdict verdict) {
            return new Answer(this, verdict);
        }
    }

    /** What a question is answered with, once it is known and can't change any more. */
    record Answer(Request request, Verdict verdict) {}

    /** What there is to be said. */
    enum Verdict {
        /** All of the transaction happens. */
        COMMITTED,
        /** Nothing of it happens. */
        ABORTED,
        /** The part of the partition that was asked has happened, and can't be lost. */
        DONE
    }

    /** Brings a question to the owner of the partition that is asked, if there is one. */
    void ask(Request request);
}
