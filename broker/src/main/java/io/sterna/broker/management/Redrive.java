package io.sterna.broker.management;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.codec.DecodeException;
import io.sterna.broker.partition.Addresses;
import io.sterna.broker.partition.Brake;
import io.sterna.broker.partition.BrokerMessage;
import io.sterna.broker.partition.Delivery;
import io.sterna.broker.partition.DeliveryTaker;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.Producer;
import io.sterna.broker.partition.Publication;
import io.sterna.broker.partition.QueueNode;
import io.sterna.broker.partition.SelectorFilter;
import io.sterna.broker.partition.Subscription;
import io.sterna.broker.queue.ConsumerOptions;
import io.sterna.broker.queue.Outcome;
import io.sterna.broker.selector.InvalidSelectorException;
import io.sterna.broker.selector.Selector;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves dead letters into a node. It takes part in their queue as a consumer, so that others can go on with it, and accepts
 * each letter when the message is in its new place for good: after a crash between the two it is in both. Owned by the
 * loop of the dead letters.
 */
final class Redrive implements DeliveryTaker, Producer {
    private static final Logger log = LoggerFactory.getLogger(Redrive.class);
    private static final long DEFAULT_LIMIT = 1000;
    private static final long MAX_LIMIT = 1_000_000;

    /** How many are under way at a time. */
    private static final long WINDOW_MESSAGES = 100;

    private static final Outcome NOT_WANTED = new Outcome.Modified(false, true, new byte[0]);

    private final Order order;
    private final QueueNode letters;
    private final Node target;
    private final Consumer<ManagementAnswer> answer;
    private @Nullable Subscription subscription;

    /** How many deliveries the queue was asked for, in all. */
    private long asked;

    private long underWay;
    private long moved;
    private boolean drained;
    private boolean exhausted;
    private Optional<ManagementAnswer> trouble = Optional.empty();
    private boolean finished;

    /**
     * What is to be moved.
     *
     * @param source the dead letters' own address
     * @param limit how many messages at most
     */
    record Order(String source, String target, Optional<Selector> selector, long limit) {

        static Order of(ManagementRequest request, String address) throws BadRequestException {
            boolean named = Addresses.isDeadLetterQueue(address);
            String source = named ? address : address + Addresses.DEAD_LETTER_SUFFIX;
            String home = source.substring(0, source.length() - Addresses.DEAD_LETTER_SUFFIX.length());
            String target = request.text("target").orElse(home);
            if (!Addresses.isValid(target) || target.equals(source)) {
                throw new BadRequestException("target can't be the address that is given");
            }
            Optional<String> selector = request.text("selector");
            return new Order(
                    source,
                    target,
                    selector.isPresent() ? Optional.of(parse(selector.get())) : Optional.empty(),
                    request.number("limit", 1, MAX_LIMIT).orElse(DEFAULT_LIMIT));
        }

        private static Selector parse(String text) throws BadRequestException {
            try {
                return Selector.parse(text);
            } catch (InvalidSelectorException e) {
                throw new BadRequestException("selector: " + e.getMessage());
            }
        }
    }

    private Redrive(Order order, QueueNode letters, Node target, Consumer<ManagementAnswer> answer) {
        this.order = order;
        this.letters = letters;
        this.target = target;
        this.answer = answer;
    }

    /** Begins; on the loop of the dead letters. */
    static void start(Order order, QueueNode letters, Node target, Consumer<ManagementAnswer> answer) {
        Redrive redrive = new Redrive(order, letters, target, answer);
        Optional<Subscription> place = letters.subscribe(redrive, redrive.options());
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

    private void ask() {
        drained = false;
        asked += Math.min(WINDOW_MESSAGES, order.limit() - moved);
        letters.flow(place(), asked, true);
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
        underWay++;
        letters.loop().post(() -> move(delivery));
    }

    @Override
    public void onDrained(long unusedCredit) {
        letters.loop().post(() -> {
            drained = true;
            exhausted = unusedCredit > 0;
            goOn();
        });
    }

    /** Settling it later has no effect. */
    @Override
    public void onLockLost(long sequence) {}

    @Override
    public void onQueueDeleted() {
        letters.loop()
                .post(() -> end(ManagementAnswer.refused(ManagementAnswer.NOT_FOUND, "the dead letters are gone")));
    }

    @Override
    public void onStopped(String reason) {
        letters.loop().post(() -> end(ManagementAnswer.refused(ManagementAnswer.UNAVAILABLE, reason)));
    }

    // ---- Moving

    private void move(Delivery delivery) {
        if (finished) {
            return;
        }
        if (trouble.isPresent()) {
            settle(delivery.sequence(), Outcome.RELEASED);
            return;
        }
        try {
            Moving moving = new Moving(delivery.sequence(), RedrivenMessage.of(delivery));
            target.loop().run(() -> target.publish(moving));
        } catch (DecodeException damaged) {
            log.error(
                    "dead letter {} of {} can't be read: {}",
                    delivery.sequence(),
                    order.source(),
                    damaged.getMessage());
            settle(delivery.sequence(), NOT_WANTED);
        }
    }

    private void settle(long sequence, Outcome outcome) {
        if (finished) {
            return;
        }
        underWay--;
        letters.settle(place(), new long[] {sequence}, outcome);
        goOn();
    }

    private void goOn() {
        if (finished || !drained || underWay > 0) {
            return;
        }
        if (trouble.isPresent() || exhausted || moved >= order.limit()) {
            finish();
        } else {
            ask();
        }
    }

    private void finish() {
        finished = true;
        letters.unsubscribe(place(), new long[0], new long[0], true, () -> {
            log.info("{} messages moved from {} to {} by management", moved, order.source(), order.target());
            answer.accept(trouble.orElseGet(() -> ManagementAnswer.ok(Map.of("moved", moved))));
        });
    }

    private void end(ManagementAnswer why) {
        if (!finished) {
            finished = true;
            answer.accept(why);
        }
    }

    /** A message on its way to its new place. */
    private final class Moving implements Publication {
        private final long sequence;
        private final BrokerMessage message;

        Moving(long sequence, BrokerMessage message) {
            this.sequence = sequence;
            this.message = message;
        }

        @Override
        public BrokerMessage message() {
            return message;
        }

        @Override
        public Producer producer() {
            return Redrive.this;
        }

        @Override
        public void onStored() {
            letters.loop().run(() -> {
                moved++;
                settle(sequence, Outcome.ACCEPTED);
            });
        }

        @Override
        public boolean mayBeRefused() {
            return true;
        }

        @Override
        public void onRefused(AmqpError error) {
            fail(ManagementAnswer.CONFLICT, "the target takes no more: " + error);
        }

        @Override
        public void onDeleted() {
            fail(ManagementAnswer.NOT_FOUND, "the target was deleted");
        }

        @Override
        public void onStopped(String reason) {
            fail(ManagementAnswer.UNAVAILABLE, reason);
        }

        private void fail(int status, String why) {
            letters.loop().run(() -> {
                trouble = Optional.of(new ManagementAnswer(status, why, Map.of("moved", moved)));
                settle(sequence, Outcome.RELEASED);
            });
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
