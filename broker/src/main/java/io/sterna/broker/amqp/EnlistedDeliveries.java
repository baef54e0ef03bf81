package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.broker.queue.Outcome;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Deliveries of one consumer that it retires in transactions (AMQP 1.0 §4.4.2). Owned by the connection's loop.
 */
final class EnlistedDeliveries {
    private final ConsumerLink link;
    private final ClientTransactions transactions;

    /** Those that the client has not settled, so that more may be heard of them. */
    private final Map<OutgoingDelivery, Retirement> unsettled = new HashMap<>(0);

    EnlistedDeliveries(ConsumerLink link, ClientTransactions transactions) {
        this.link = link;
        this.transactions = transactions;
    }

    /** A disposition in a transaction; refused when there is no such transaction, or the outcome is none. */
    void onDisposition(OutgoingDelivery delivery, DeliveryState.Transactional state, boolean settled) throws Refusal {
        Transaction transaction = transactions.require(state.transactionId());
        Optional<Outcome> named =
                state.outcome().isPresent() ? Outcomes.of(state.outcome().get()) : Optional.empty();
        if (named.isEmpty() && !settled) {
            return; // Nothing is retired.
        }
        Outcome outcome = named.orElse(link.defaultOutcome());
        DeliveryState said =
                link.told(state.outcome().isPresent() ? state.outcome().get() : state);
        Retirement former = unsettled.get(delivery);
        if (former == null) {
            enlist(transaction, delivery, outcome, said, settled);
        } else if (former.transaction() == transaction) {
            former.change(outcome, said, settled);
            if (settled) {
                unsettled.remove(delivery);
            }
        } else {
            onTwoTransactions(former.transaction(), transaction);
            if (settled) {
                link.settleByDefault(delivery);
            }
        }
    }

    private void enlist(
            Transaction transaction, OutgoingDelivery delivery, Outcome outcome, DeliveryState said, boolean settled) {
        Optional<Retirement> retirement = transaction.retire(link, delivery, outcome, said, settled);
        if (retirement.isEmpty()) {
            if (settled) {
                link.settleByDefault(delivery); // It was rolled back already.
            }
        } else if (!settled) {
            unsettled.put(delivery, retirement.get());
        }
    }

    /** §4.4.2: "the control link MUST be terminated with a transaction-rollback error". */
    private static void onTwoTransactions(Transaction former, Transaction latter) {
        AmqpError error = AmqpError.of(
                ErrorCondition.TRANSACTION_ROLLBACK, "a delivery was given an outcome in two transactions");
        former.owner().terminate(error);
        latter.owner().terminate(error);
    }

    /**
     * A disposition outside of transactions. Whether it is to be handled as such: another outcome takes the delivery out
     * of its transaction, while settling alone leaves the outcome to it.
     */
    boolean leavesToOthers(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {
        Retirement retirement = unsettled.get(delivery);
        if (retirement == null) {
            return true;
        }
        boolean decided = state.orElse(null) instanceof DeliveryState.Outcome;
        if (decided) {
            retirement.withdraw();
        } else if (settled) {
            retirement.settle();
        }
        if (decided || settled) {
            unsettled.remove(delivery);
        }
        return decided;
    }

    /** Its transaction has ended. */
    void release(OutgoingDelivery delivery, Retirement retirement) {
        unsettled.remove(delivery, retirement);
    }
}
