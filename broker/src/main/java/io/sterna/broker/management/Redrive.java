package io.sterna.broker.management;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.codec.DecodeException;
import io.sterna.broker.partition.Brake;
import io.sterna.broker.partition.BrokerMessage;
import io.sterna.broker.partition.CommitAnswer;
import io.sterna.broker.partition.Delivery;
import io.sterna.broker.partition.DeliveryTaker;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.Producer;
import io.sterna.broker.partition.QueueNode;
import io.sterna.broker.partition.SelectorFilter;
import io.sterna.broker.partition.Subscription;
import io.sterna.broker.partition.TransactionWork;
import io.sterna.broker.queue.ConsumerOptions;
import io.sterna.broker.queue.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves dead letters into a node. It takes part in their queue as a consumer, so that others can go on with it, and moves
 * some at a time in one transaction: whatever happens, each message is either here or there. Owned by the loop of the dead
 * letters.
 */
final class Redrive implements DeliveryTaker, Producer {
    private static final Logger log = LoggerFactory.getLogger(Redrive.class);

    /** How many are moved at a time. */
    private static final long WINDOW_MESSAGES = 100;

    /** When those that were taken have so many bytes, or more, they are moved first. */
    private static final long WINDOW_BYTES = 8 * 1024 * 1024;

    private static final Outcome NOT_WANTED = new Outcome.Modified(false, true, new byte[0]);

    private final RedriveOrder order;
    private final QueueNode letters;
    private final Node target;
    private final Consumer<ManagementAnswer> answer;
    private @Nullable Subscription subscription;

    /** How many deliveries the queue was asked for, in all. */
    private long asked;

    private final List<Delivery> taken = new ArrayList<>();
    private long takenBytes;
    private long window = WINDOW_MESSAGES;
    private long moved;
    private boolean exhausted;
    private boolean finished;

    private Redrive(RedriveOrder order, QueueNode letters, Node target, Consumer<ManagementAnswer> answer) {
        this.order = order;
        this.letters = letters;
        this.target = target;
        this.answer = answer;
    }

    /** Begins; on the loop of the dead letters. */
    static void start(RedriveOrder order, QueueNode letters, Node target, Consumer<ManagementAnswer> answer) {
        Redrive redrive = new Redrive(order, letters, target, answer);
        Optional<Subscription> place = letters.seats().subscribe(redrive, redrive.options());
        place.ifPresent(redrive::begin);
    }

    private ConsumerOptions options() {
        ConsumerOptions ordinary = ConsumerOptions.of(Outcome.RELEASED);
        return order.selector()
                .map(SelectorFilter::new)
                .map(ordinary::withFilter)
                .orElse(ordinary);
    }

    private void begin(Subscription place) {
        subscription = place;
        ask();
    }

    /** One after the other: nobody knows how large the next one is. */
    private void ask() {
        asked++;
        letters.seats().flow(place(), asked, true);
    }

    private Subscription place() {
        if (subscription == null) {
            throw new IllegalStateException("not begun");
        }
        return subscription;
    }

    // ---- What the dead letters say; each only hands over

    @Override
    public void onDelivery(Delivery delivery) {
        letters.loop().post(() -> {
            taken.add(delivery);
            takenBytes += delivery.message().length();
        });
    }

    @Override
    public void onDrained(long unusedCredit) {
        letters.loop().post(() -> {
            exhausted = unusedCredit > 0;
            if (exhausted || takenBytes >= WINDOW_BYTES || taken.size() >= Math.min(window, order.limit() - moved)) {
                move();
            } else if (!finished) {
                ask();
            }
        });
    }

    @Override
    public void onLockLost(long sequence) {
        letters.loop().post(() -> taken.removeIf(delivery -> delivery.sequence() == sequence));
    }

    @Override
    public void onQueueDeleted() {
        letters.loop()
                .post(() -> end(ManagementAnswer.refused(ManagementAnswer.NOT_FOUND, "the dead letters are gone")));
    }

    @Override
    public void onStopped(String reason) {
        letters.loop().post(() -> leave(ManagementAnswer.refused(ManagementAnswer.UNAVAILABLE, reason)));
    }

    // ---- Moving

    /** All that was taken, in one transaction: each message is here or there, whatever happens. */
    private void move() {
        if (finished) {
            return;
        }
        TransactionWork work = new TransactionWork();
        List<Delivery> moving = new ArrayList<>();
        for (Delivery delivery : taken) {
            try {
                BrokerMessage message = RedrivenMessage.of(delivery);
                // It must not be given to somebody else while the transaction is under way.
                letters.operations().renewLock(delivery.sequence());
                letters(work, delivery, Outcome.ACCEPTED);
                work.post(target, new MovingLetter(message, this));
                moving.add(delivery);
            } catch (DecodeException damaged) {
                log.error(
                        "dead letter {} of {} can't be read: {}",
                        delivery.sequence(),
                        order.source(),
                        damaged.getMessage());
                letters(work, delivery, NOT_WANTED);
            }
        }
        work.commit(new Answer(moving.size()));
    }

    private void letters(TransactionWork work, Delivery delivery, Outcome outcome) {
        work.retire(letters, place(), List.of(delivery.acquisition()), outcome);
    }

    private void onMoved(int count) {
        if (finished) {
            return;
        }
        forgetTaken();
        moved += count;
        if (exhausted || moved >= order.limit()) {
            finish(ManagementAnswer.ok(Map.of("moved", moved)));
        } else {
            ask();
        }
    }

    /** There may be room for some of them. */
    private void onRefused(String reason) {
        if (finished) {
            return;
        }
        letters.seats()
                .settle(place(), taken.stream().map(Delivery::acquisition).toList(), Outcome.RELEASED);
        boolean several = taken.size() > 1;
        forgetTaken();
        if (several) {
            window = 1;
            ask();
        } else {
            String why = "the target takes no more: " + reason;
            finish(new ManagementAnswer(ManagementAnswer.CONFLICT, why, Map.of("moved", moved)));
        }
    }

    private void forgetTaken() {
        taken.clear();
        takenBytes = 0;
    }

    private void finish(ManagementAnswer done) {
        if (finished) {
            return;
        }
        finished = true;
        letters.seats().unsubscribe(place(), List.of(), List.of(), true, () -> {
            log.info("{} messages moved from {} to {} by management", moved, order.source(), order.target());
            answer.accept(done);
        });
    }

    /** The dead letters may well go on without the target: what was taken goes back to them. */
    private void leave(ManagementAnswer why) {
        if (!finished && subscription != null) {
            finished = true;
            letters.seats().unsubscribe(place(), List.of(), List.of(), true, () -> answer.accept(why));
        } else {
            end(why);
        }
    }

    private void end(ManagementAnswer why) {
        if (!finished) {
            finished = true;
            answer.accept(why);
        }
    }

    /** What became of the messages that were moved together; from the loop of any partition. */
    private final class Answer implements CommitAnswer {
        private final int count;

        Answer(int count) {
            this.count = count;
        }

        @Override
        public void onCommitted() {
            letters.loop().post(() -> onMoved(count));
        }

        @Override
        public void onRefused(AmqpError error) {
            letters.loop().post(() -> Redrive.this.onRefused(error.description()));
        }

        @Override
        public void onStopped(String reason) {
            Redrive.this.onStopped(reason);
        }
    }

    // ---- As a producer

    @Override
    public String containerId() {
        return "";
    }

    /** What is under way is bounded anyway. */
    @Override
    public void onTight(Brake brake) {}

    @Override
    public void onRoom(Brake brake) {}
}
