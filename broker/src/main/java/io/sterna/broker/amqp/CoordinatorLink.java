package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.IncomingDelivery;
import io.sterna.amqp.LinkTerms;
import io.sterna.amqp.ReceiverHandler;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.TransactionRequest;
import io.sterna.amqp.codec.DecodeException;
import io.sterna.broker.forward.BranchRequest;
import io.sterna.broker.forward.CommitPart;
import java.util.List;
import java.util.Optional;

/** A link on which a client controls transactions (AMQP 1.0 §4.1 to §4.3). Owned by the connection's loop. */
final class CoordinatorLink implements ReceiverHandler {
    /** §4.5.7. */
    private static final List<String> CAPABILITIES =
            List.of("amqp:local-transactions", "amqp:multi-txns-per-ssn", "amqp:multi-ssns-per-txn");

    /** How many requests may be under way. */
    private static final int WINDOW = 64;

    /** Requests are small, whatever other sections they carry. */
    private static final long MAX_MESSAGE_BYTES = 64 * 1024;

    private final ClientTransactions transactions;
    private final ReceiverLink link;

    CoordinatorLink(ClientTransactions transactions, ReceiverLink link) {
        this.transactions = transactions;
        this.link = link;
    }

    void start() {
        LinkTerms terms = LinkTerms.asAsked(link.remote())
                .withTarget(new Terminus.Coordinator(CAPABILITIES))
                .withMaxMessageBytes(MAX_MESSAGE_BYTES);
        if (link.accept(terms, this)) {
            link.window(WINDOW);
        }
    }

    @Override
    public void onDelivery(IncomingDelivery delivery) {
        try {
            handle(delivery);
        } catch (Refusal refusal) {
            reject(delivery, refusal.error());
        }
    }

    private void handle(IncomingDelivery delivery) throws Refusal {
        if (delivery.remotelySettled()) {
            // §4.2, §4.3: the sender could not hear the outcome.
            delivery.settle(DeliveryState.Accepted.INSTANCE);
            terminate(AmqpError.of(
                    ErrorCondition.NOT_ALLOWED, "declare and discharge must not be sent settled; AMQP 1.0 §4.2"));
            return;
        }
        if (delivery.remoteState().orElse(null) instanceof DeliveryState.Transactional) {
            throw new Refusal(
                    ErrorCondition.NOT_ALLOWED, "no transactional work is allowed on a control link; AMQP 1.0 §4.1");
        }
        TransactionRequest request = read(delivery);
        if (request instanceof TransactionRequest.Declare declare) {
            declare(delivery, declare);
        } else if (request instanceof TransactionRequest.Discharge discharge) {
            discharge(delivery, discharge);
        } else {
            goThroughPhase(delivery, (TransactionRequest.Other) request);
        }
    }

    /** Another node has a transaction that spans several. */
    private void goThroughPhase(IncomingDelivery delivery, TransactionRequest.Other other) throws Refusal {
        BranchRequest request =
                transactions.isPeer() ? BranchRequest.decode(other).orElseThrow(CoordinatorLink::unknown) : refuse();
        Transaction transaction = transactions.require(request.id());
        if (request instanceof BranchRequest.PrepareToDecide) {
            transaction.prepareToDecide(new Preparing(delivery));
        } else if (request instanceof BranchRequest.Prepare prepare) {
            transaction.prepare(prepare.name(), new Preparing(delivery));
        } else if (transaction.isPrepared()) {
            transactions.close(transaction);
            transaction.goOn(((BranchRequest.GoOn) request).others(), new Going(delivery));
        } else {
            throw new Refusal(ErrorCondition.ILLEGAL_STATE, "the transaction is not prepared");
        }
    }

    private static BranchRequest refuse() throws Refusal {
        throw unknown();
    }

    private static Refusal unknown() {
        return new Refusal(
                ErrorCondition.NOT_ALLOWED,
                "only declare and discharge, each as an amqp-value, may be sent to a coordinator");
    }

    private final class Preparing implements CommitPart.Prepared {
        private final IncomingDelivery delivery;

        Preparing(IncomingDelivery delivery) {
            this.delivery = delivery;
        }

        @Override
        public void onPrepared(byte[] told) {
            delivery.settle(new DeliveryState.Declared(told));
        }

        @Override
        public void onRefused(AmqpError why) {
            reject(delivery, why);
        }
    }

    private final class Going implements CommitPart.Result {
        private final IncomingDelivery delivery;

        Going(IncomingDelivery delivery) {
            this.delivery = delivery;
        }

        @Override
        public void onCommitted() {
            delivery.settle(DeliveryState.Accepted.INSTANCE);
        }

        @Override
        public void onRolledBack(AmqpError why) {
            reject(delivery, why);
        }

        @Override
        public void onUnknown() {
            // The connection is being closed.
        }
    }

    private static TransactionRequest read(IncomingDelivery delivery) throws Refusal {
        try {
            return TransactionRequest.decode(delivery.payload()).orElseThrow(CoordinatorLink::unknown);
        } catch (DecodeException malformed) {
            throw new Refusal(ErrorCondition.DECODE_ERROR, "the request is not well formed: " + malformed.getMessage());
        }
    }

    private void declare(IncomingDelivery delivery, TransactionRequest.Declare declare) throws Refusal {
        if (declare.global()) {
            // §4.5.2: not without the capability amqp:distributed-transactions.
            throw new Refusal(
                    ErrorCondition.NOT_IMPLEMENTED,
                    "distributed transactions are not offered; declare without global-id");
        }
        delivery.settle(new DeliveryState.Declared(transactions.declare(this).id()));
    }

    private void discharge(IncomingDelivery delivery, TransactionRequest.Discharge discharge) throws Refusal {
        Transaction transaction = transactions.require(discharge.transactionId());
        if (transactions.isPostedInPart(transaction)) {
            // §4.4.1
            transaction
                    .owner()
                    .terminate(AmqpError.of(
                            ErrorCondition.TRANSACTION_ROLLBACK,
                            "a transaction was discharged while a delivery in it was not complete"));
            return;
        }
        transactions.close(transaction);
        transaction.discharge(
                discharge.fail(),
                failure -> failure.ifPresentOrElse(
                        error -> reject(delivery, error), () -> delivery.settle(DeliveryState.Accepted.INSTANCE)));
    }

    /** §4.2, §4.3: a source that does not know the outcome rejected is told by a detach. */
    private void reject(IncomingDelivery delivery, AmqpError error) {
        delivery.settle(new DeliveryState.Rejected(Optional.of(error)));
        List<String> outcomes =
                link.remote().source().map(Terminus.Source::outcomes).orElse(List.of());
        if (!outcomes.isEmpty() && !outcomes.contains("amqp:rejected:list")) {
            terminate(error);
        }
    }

    /** Ends the link; what was declared on it and not discharged is rolled back. */
    void terminate(AmqpError error) {
        link.detach(true, Optional.of(error));
        transactions.rollBackAllOf(this, () -> {});
    }

    /** Answered when all is back in its place. */
    @Override
    public void onDetached(boolean closed, Optional<AmqpError> error) {
        transactions.rollBackAllOf(this, () -> link.detach(closed, Optional.empty()));
    }

    @Override
    public void onLost(boolean inOrder) {
        transactions.rollBackAllOf(this, () -> {});
    }
}
