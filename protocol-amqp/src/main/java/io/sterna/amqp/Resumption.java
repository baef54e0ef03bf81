package io.sterna.amqp;

import io.sterna.amqp.DeliveryState.Outcome;
import io.sterna.amqp.DeliveryState.Received;
import java.util.Optional;

/**
 * What a sender does, when its link is resumed, with a delivery that is unsettled on its side: the comparison of both
 * sides' unsettled maps (AMQP 1.0 §2.6.13, with the examples of §3.4.6 by their delivery-tags). What is unsettled on the
 * receiver's side alone is not the sender's business.
 */
public enum Resumption {
    /** The receiver's map is incomplete: nothing can be said yet. */
    KEEP,

    /** The receiver has forgotten it, and it has its outcome here: so can the sender. Tag 10. */
    FORGET,

    /** The receiver does not know it: it is sent anew, not as a resumed delivery. Tags 1 and 5. */
    RESEND,

    /** The message is sent again, or what the receiver lacks of it, with {@link SenderLink#resume}. Tags 2, 4, 6. */
    RESUME,

    /** The receiver's outcome is applied, and told by {@link SenderLink#resumeWithState}. Tags 3 and 8. */
    APPLY,

    /** The outcome is the same on both sides: settled by {@link SenderLink#resumeWithState}. Tag 12. */
    CONFIRM,

    /** The outcomes differ and ours counts: told, unsettled, by {@link SenderLink#resumeWithState}. Tag 13. */
    RESTATE,

    /** It has its outcome here while the receiver waits for more: {@link SenderLink#resumeAborted}. Tags 11 and 14. */
    ABORT,

    /** What the receiver lacks can't be sent any more: {@link SenderLink#resumeAborted}, then sent anew. Tags 7, 9. */
    ABORT_AND_RESEND;

    /**
     * What to do with a delivery.
     *
     * @param local its state here; {@link Received} where only what follows can be sent again
     * @param remote the receiver's attach
     */
    public static Resumption of(byte[] tag, Optional<DeliveryState> local, RemoteAttach remote) {
        Optional<UnsettledDelivery> theirs = remote.unsettled().find(tag);
        boolean terminal = local.orElse(null) instanceof Outcome;
        if (theirs.isEmpty()) {
            return remote.incompleteUnsettled() ? KEEP : terminal ? FORGET : RESEND;
        }
        Optional<DeliveryState> state = theirs.get().state();
        boolean terminalThere = state.orElse(null) instanceof Outcome;
        if (terminal) {
            return !terminalThere ? ABORT : state.equals(local) ? CONFIRM : RESTATE;
        } else if (terminalThere) {
            return APPLY;
        }
        return reaches(local, state) ? RESUME : ABORT_AND_RESEND;
    }

    /** Whether what we can still send begins no later than what the receiver lacks. */
    private static boolean reaches(Optional<DeliveryState> local, Optional<DeliveryState> remote) {
        Received first = local.orElse(null) instanceof Received received ? received : new Received(0, 0);
        Received next = remote.orElse(null) instanceof Received received ? received : new Received(0, 0);
        int sections = Integer.compareUnsigned(first.sectionNumber(), next.sectionNumber());
        return sections < 0
                || (sections == 0 && Long.compareUnsigned(first.sectionOffset(), next.sectionOffset()) <= 0);
    }
}
