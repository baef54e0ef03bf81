package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.RemoteOpen;
import io.sterna.broker.config.TransactionsConfig;
import io.sterna.broker.partition.Countdown;
import io.sterna.broker.partition.Loop;
import io.sterna.broker.queue.Acquisition;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The transactions of one connection: their ids hold in all of its sessions, and nowhere else. Owned by the connection's
 * loop.
 */
final class ClientTransactions {
    /** How finely time-outs are measured. */
    private static final int TICKS = 8;

    /** The product that Qpid JMS calls itself. */
    private static final String QPID_JMS = "QpidJMS";

    private final BrokerServices services;

    /** Whether the client takes a commit that was rejected with the condition rollback for one in doubt. */
    private final boolean rollbackMeansDoubt;

    /** Whether the client is another node. */
    private final boolean peer;

    private final TransactionsConfig config;
    private final Loop loop;
    private final ClientTasks tasks;
    private final PendingLeaves leaves;

    /** Those that can be worked in and discharged. */
    private final Map<Long, Transaction> open = new HashMap<>();

    /** As above, and those whose commit is under way. */
    private final Set<Transaction> live = new LinkedHashSet<>();

    /** Those that have work in them, each with the tick at which it has had enough time; the oldest first. */
    private final Map<Transaction, Long> working = new LinkedHashMap<>();

    private final Set<ReceiverLink> producers = new LinkedHashSet<>();
    private Optional<Long> lastId = Optional.empty();
    private long tick;
    private boolean ticking;

    ClientTransactions(
            BrokerServices services, ClientTasks tasks, PendingLeaves leaves, RemoteOpen client, boolean peer) {
        this.peer = peer;
        this.services = services;
        rollbackMeansDoubt = QPID_JMS.equals(client.properties().get("product"));
        loop = tasks.loop();
        this.tasks = tasks;
        this.leaves = leaves;
        config = services.config().transactions();
    }

    /**
     * Why a commit is rejected, in the words of AMQP 1.0 §4.5.8. Qpid JMS (2.10) turns {@code
     * amqp:transaction:rollback} into an exception that leaves the outcome in doubt, and everything else into the
     * TransactionRolledBackException that is meant: it gets the condition of the cause.
     */
    AmqpError rolledBack(AmqpError cause) {
        if (cause.condition().equals(ErrorCondition.TRANSACTION_TIMEOUT)) {
            return cause;
        }
        String description = "the transaction was rolled back: " + cause.description();
        return rollbackMeansDoubt
                ? AmqpError.of(cause.condition(), description)
                : AmqpError.of(ErrorCondition.TRANSACTION_ROLLBACK, description + " (" + cause.condition() + ")");
    }

    /** §4.4.4: what could not be processed must not be committed without. */
    void onPassedOver(DeliveryState.Transactional state) {
        find(state.transactionId())
                .ifPresent(its -> its.doom(AmqpError.of(
                        ErrorCondition.DETACH_FORCED, "a message in the transaction came for a link that has ended")));
    }

    boolean isPeer() {
        return peer;
    }

    /** Whether a commit may span nodes: each can find out what was decided at another one. */
    boolean maySpan() {
        return services.partitions().asksElsewhere();
    }

    PendingLeaves leaves() {
        return leaves;
    }

    TrafficCounters counters() {
        return services.counters();
    }

    /** Runs a task on the connection's loop. Any thread. */
    void run(Runnable task) {
        tasks.run(task);
    }

    /** Closes the connection. */
    void close(AmqpError why) {
        tasks.close(why);
    }

    Transaction declare(CoordinatorLink owner) throws Refusal {
        if (live.size() >= config.maxOpen()) {
            throw new Refusal(
                    ErrorCondition.RESOURCE_LIMIT_EXCEEDED,
                    "this connection has " + live.size()
                            + " open transactions, the most that transactions.max-open allows; discharge some");
        }
        // They begin anywhere, so that those of a former connection are unknown to this one.
        long id = lastId.orElseGet(() -> new SecureRandom().nextLong()) + 1;
        lastId = Optional.of(id);
        Transaction transaction = new Transaction(
                this, owner, ByteBuffer.allocate(Long.BYTES).putLong(id).array());
        open.put(id, transaction);
        live.add(transaction);
        return transaction;
    }

    Optional<Transaction> find(byte[] id) {
        return id.length == Long.BYTES
                ? Optional.ofNullable(open.get(ByteBuffer.wrap(id).getLong()))
                : Optional.empty();
    }

    /** As {@link #find}; an unknown one is refused as AMQP 1.0 §4.5.8 says. */
    Transaction require(byte[] id) throws Refusal {
        return find(id).orElseThrow(() -> new Refusal(
                ErrorCondition.TRANSACTION_UNKNOWN_ID,
                "there is no such transaction on this connection: it was never declared, is discharged, or was"
                        + " rolled back when its control link ended"));
    }

    /** It is being discharged: nothing more can be done in it. */
    void close(Transaction transaction) {
        open.remove(ByteBuffer.wrap(transaction.id()).getLong());
    }

    /** It has ended. */
    void forget(Transaction transaction) {
        close(transaction);
        live.remove(transaction);
        working.remove(transaction);
    }

    /** §4.1: the control link is gone, and with it all that was not discharged. */
    void rollBackAllOf(CoordinatorLink owner, Runnable then) {
        leaves.begin();
        List<Transaction> its =
                live.stream().filter(each -> each.endsWith(owner)).toList();
        Countdown left = new Countdown(its.size() + 1, () -> {
            leaves.end();
            then.run();
        });
        if (peer) {
            List.copyOf(live).stream().filter(each -> each.goesOnWithout(owner)).forEach(Transaction::abandon);
        }
        its.forEach(each -> each.rollback(left::down));
        left.down();
    }

    // ---- Limits

    /**
     * Why a transaction can't grow to that size; empty when it can, and then memory for the new bytes is set aside.
     */
    Optional<AmqpError> excess(long bytes, int operations, long newBytes) {
        if (bytes > config.maxBytes()) {
            return tooMuch("its messages have more than " + config.maxBytes() + " bytes, see transactions.max-bytes");
        }
        if (operations > config.maxOperations()) {
            return tooMuch(
                    "it has more than " + config.maxOperations() + " operations, see transactions.max-operations");
        }
        if (newBytes > 0 && !loop.setAside(newBytes)) {
            return tooMuch("there is no memory left for messages of open transactions");
        }
        return Optional.empty();
    }

    private static Optional<AmqpError> tooMuch(String what) {
        return Optional.of(AmqpError.of(
                ErrorCondition.RESOURCE_LIMIT_EXCEEDED,
                "the transaction is too large: " + what + "; commit more often"));
    }

    void freeBytes(long bytes) {
        if (bytes > 0) {
            loop.giveBack(bytes);
        }
    }

    /** The time of a transaction runs from its first work: clients declare one long before they need it. */
    void onFirstWork(Transaction transaction) {
        working.put(transaction, tick + TICKS + 1);
        if (!ticking) {
            ticking = true;
            tickLater();
        }
    }

    private void tickLater() {
        loop.after(Math.max(1, config.timeoutMillis() / TICKS), () -> tasks.run(this::onTick));
    }

    private void onTick() {
        tick++;
        List<Transaction> due = working.entrySet().stream()
                .takeWhile(entry -> entry.getValue() <= tick)
                .map(Map.Entry::getKey)
                .toList();
        for (Transaction transaction : due) {
            working.remove(transaction);
            transaction.timeOut(AmqpError.of(
                    ErrorCondition.TRANSACTION_TIMEOUT,
                    "the transaction was rolled back: it took longer than " + config.timeoutMillis()
                            + " ms, see transactions.timeout"));
        }
        ticking = !working.isEmpty();
        if (ticking) {
            tickLater();
        }
    }

    // ---- Links

    void addProducer(ReceiverLink link) {
        producers.add(link);
    }

    void removeProducer(ReceiverLink link) {
        producers.remove(link);
    }

    /** Whether a delivery has begun in the transaction and is not complete (§4.4.1). */
    boolean isPostedInPart(Transaction transaction) {
        return producers.stream()
                .flatMap(link -> link.incompleteState().stream())
                .anyMatch(state -> state instanceof DeliveryState.Transactional its
                        && Arrays.equals(its.transactionId(), transaction.id()));
    }

    /** The deliveries of a consumer whose outcome transactions decide. */
    List<Acquisition> heldBy(ConsumerLink link) {
        List<Acquisition> held = new ArrayList<>();
        live.forEach(each -> each.addHeldBy(link, held));
        return held;
    }
}
