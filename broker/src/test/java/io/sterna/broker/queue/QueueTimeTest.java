package io.sterna.broker.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.config.BrokerConfig;
import io.sterna.broker.config.ConfigException;
import io.sterna.broker.config.QueuePolicy;
import io.sterna.broker.queue.RecordingShell.Link;
import io.sterna.broker.queue.RecordingShell.Payload;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What happens to messages by itself, on an injected clock. */
class QueueTimeTest {
    private static final long NOW = 1_000_000;

    private final Link link = new Link();

    // ---- Scheduled messages

    @Test
    void shouldHoldMessageBackUntilItsTime() {
        RecordingShell shell = new RecordingShell();
        shell.consumer(link, 10);
        shell.enqueue(deliverAt(NOW + 50));
        shell.enqueue(1);
        assertThat(link.delivered).containsExactly(2L);
        assertThat(shell.queue.figures().depth()).isEqualTo(2);
        assertThat(shell.queue.figures().scheduled()).isEqualTo(1);
        shell.passTo(NOW + 49);
        assertThat(link.delivered).containsExactly(2L);
        shell.passTo(NOW + 50);
        shell.answerLoads();
        assertThat(link.delivered).containsExactly(2L, 1L);
        assertThat(shell.queue.figures().scheduled()).isZero();
    }

    @Test
    void shouldTakeThePlaceOfItsSequenceWhenItsTimeHasCome() {
        RecordingShell shell = new RecordingShell();
        shell.enqueue(1);
        shell.enqueue(deliverAt(NOW + 50));
        shell.enqueue(2);
        shell.enqueue(deliverAt(NOW + 40));
        shell.passTo(NOW + 100);
        shell.consumer(link, 10);
        shell.answerLoads();
        assertThat(link.delivered).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void shouldKeepNoPayloadOfADurableMessageInMemoryUntilItsTime() {
        RecordingShell shell = new RecordingShell();
        shell.enqueue(deliverAt(NOW + 50));
        assertThat(shell.queue.figures().residentBytes()).isZero();
        assertThat(shell.queue.figures().bytes()).isEqualTo(100);
        shell.queue.enqueue(9, new Payload(9, 7), deliverAt(NOW + 50), false);
        assertThat(shell.queue.figures().residentBytes()).isEqualTo(7);
        shell.consumer(link, 10);
        shell.passTo(NOW + 50);
        shell.answerLoads();
        assertThat(link.delivered).containsExactly(1L, 9L);
    }

    @Test
    void shouldHoldRecoveredMessageBackUntilItsTime() {
        RecordingShell shell = new RecordingShell();
        shell.stored.put(1L, new Payload(1, 100));
        shell.queue.restore(1, 100, 0, deliverAt(NOW + 50), new byte[0]);
        shell.consumer(link, 10);
        assertThat(shell.wakeAtMillis).isEqualTo(NOW + 50);
        shell.passTo(NOW + 50);
        shell.answerLoads();
        assertThat(link.delivered).containsExactly(1L);
    }

    @Test
    void shouldForgetScheduledMessageWhenCancelled() {
        RecordingShell shell = new RecordingShell();
        shell.enqueue(deliverAt(NOW + 50));
        shell.enqueue(deliverAt(NOW + 60));
        assertThat(shell.queue.schedule().cancel(1)).isTrue();
        assertThat(shell.queue.schedule().cancel(1)).isFalse();
        assertThat(shell.acknowledged).containsExactly(1L);
        shell.consumer(link, 10);
        shell.passTo(NOW + 100);
        shell.answerLoads();
        assertThat(link.delivered).containsExactly(2L);
        assertThat(shell.queue.schedule().cancel(2)).isFalse();
    }

    @Test
    void shouldPurgeAndDeleteScheduledMessagesToo() {
        RecordingShell shell = new RecordingShell();
        shell.enqueue(deliverAt(NOW + 50));
        shell.enqueue(1);
        assertThat(shell.queue.purge()).isEqualTo(2);
        assertThat(shell.acknowledged).containsExactlyInAnyOrder(1L, 2L);
        assertThat(shell.queue.figures().depth()).isZero();
        shell.enqueue(deliverAt(NOW + 50));
        shell.queue.delete();
        assertThat(shell.queue.figures().depth()).isZero();
        assertThat(shell.queue.figures().residentBytes()).isZero();
        shell.passTo(NOW + 100);
    }

    @Test
    void shouldAskToBeWokenForTheEarliestTime() {
        RecordingShell shell = new RecordingShell();
        shell.enqueue(deliverAt(NOW + 500));
        assertThat(shell.wakeAtMillis).isEqualTo(NOW + 500);
        shell.enqueue(deliverAt(NOW + 50));
        assertThat(shell.wakeAtMillis).isEqualTo(NOW + 50);
        shell.passTo(NOW + 50);
        assertThat(shell.wakeAtMillis).isEqualTo(NOW + 500);
    }

    @Test
    void shouldLetManyScheduledMessagesEnterInTurns() {
        RecordingShell shell = new RecordingShell();
        int count = 100_000;
        for (int index = 0; index < count; index++) {
            shell.queue.restore(index + 1, 100, 0, deliverAt(NOW + 1 + index % 7), new byte[0]);
        }
        shell.nowMillis = NOW + 10;
        shell.queue.onTime();
        assertThat(shell.queue.figures().scheduled()).isPositive().isLessThan(count);
        assertThat(shell.wakeAtMillis).isLessThanOrEqualTo(NOW + 10);
        shell.passTo(NOW + 10);
        assertThat(shell.queue.figures().scheduled()).isZero();
        assertThat(shell.queue.figures().depth()).isEqualTo(count);
    }

    // ---- Expiry (AMQP 1.0 §3.2.1 and §3.2.4)

    @Test
    void shouldNotDeliverAndDeadLetterWhenExpired() {
        RecordingShell shell = new RecordingShell();
        shell.enqueue(1);
        shell.enqueue(expiresAt(NOW + 50));
        shell.enqueue(1);
        shell.nowMillis = NOW + 50; // The timer is late.
        shell.consumer(link, 10);
        assertThat(link.delivered).containsExactly(1L, 3L);
        assertThat(shell.deadSequences(DeadLetterReason.EXPIRED)).containsExactly(2L);
        assertThat(shell.acknowledged).isEmpty();
        assertThat(shell.queue.figures().depth()).isEqualTo(2);
    }

    @Test
    void shouldExpireWithoutAnyConsumer() {
        RecordingShell shell = new RecordingShell();
        shell.enqueue(expiresAt(NOW + 50));
        shell.enqueue(expiresAt(NOW + 40));
        shell.passTo(NOW + 45);
        assertThat(shell.deadSequences(DeadLetterReason.EXPIRED)).containsExactly(2L);
        shell.passTo(NOW + 50);
        assertThat(shell.queue.figures().depth()).isZero();
        assertThat(shell.queue.figures().residentBytes()).isZero();
    }

    /** Millions may expire at the same time: they are taken out as fast as they can be put elsewhere. */
    @Test
    void shouldExpireNoMoreThanTheDeadLettersTakeAndDeliverNothingThatHasExpired() {
        RecordingShell shell = new RecordingShell();
        for (int count = 0; count < 3; count++) {
            shell.enqueue(expiresAt(NOW + 50));
        }
        shell.deadLettersTaken = false;
        shell.passTo(NOW + 60);
        shell.consumer(link, 10);
        assertThat(shell.deadLetters).isEmpty();
        assertThat(link.delivered).isEmpty();

        shell.deadLettersTaken = true;
        shell.queue.onTime();
        assertThat(shell.deadSequences(DeadLetterReason.EXPIRED)).containsExactly(1L, 2L, 3L);
        shell.enqueue(MessageTraits.DEFAULT);
        assertThat(link.delivered).containsExactly(4L);
    }

    @Test
    void shouldExpireFromTheMidstAndKeepTheOrderOfTheOthers() {
        RecordingShell shell = new RecordingShell();
        for (int index = 0; index < 1_000; index++) {
            shell.enqueue(index % 3 == 0 ? MessageTraits.DEFAULT : expiresAt(NOW + index));
        }
        shell.passTo(NOW + 2_000);
        assertThat(shell.queue.figures().depth()).isEqualTo(334);
        assertThat(shell.queue.figures().residentBytes()).isEqualTo(33_400);
        assertThat(shell.queue.loading().drop(1_000)).isEqualTo(1_000);
        shell.consumer(link, 1_000);
        shell.answerLoads();
        assertThat(link.delivered).hasSize(334).isSorted();
        assertThat(link.delivered).allMatch(sequence -> sequence % 3 == 1);
    }

    /** Those are packed, all that is known of them is when the first of some expires. */
    @Test
    void shouldExpireByTimeWhatWaitsFarFromDelivery() {
        RecordingShell shell = new RecordingShell();
        int never = 7;
        for (int index = 1; index <= 1_000; index++) {
            shell.restore(index % never == 0 ? MessageTraits.DEFAULT : expiresAt(expiryOf(index)));
        }
        Map<Long, List<Long>> byTime = LongStream.rangeClosed(1, 1_000)
                .filter(sequence -> sequence % never != 0)
                .boxed()
                .collect(Collectors.groupingBy(QueueTimeTest::expiryOf, TreeMap::new, Collectors.toList()));
        List<Long> expected = new ArrayList<>();
        for (Map.Entry<Long, List<Long>> next : byTime.entrySet()) {
            assertThat(shell.wakeAtMillis).isEqualTo(next.getKey());
            shell.passTo(next.getKey());
            expected.addAll(next.getValue());
            assertThat(shell.deadSequences(DeadLetterReason.EXPIRED)).isEqualTo(expected);
        }

        shell.consumer(link, 1_000);
        shell.answerLoads();
        assertThat(link.delivered).hasSize(1_000 / never).isSorted().allMatch(sequence -> sequence % never == 0);
    }

    /** The timer is late: what expired first goes first all the same. */
    @Test
    void shouldExpireInTheOrderOfTimesWhenManyAreDueAtOnce() {
        RecordingShell shell = new RecordingShell();
        for (int index = 1; index <= 1_000; index++) {
            shell.restore(expiresAt(expiryOf(index)));
        }
        shell.passTo(NOW);
        shell.nowMillis = NOW + 1_000;
        shell.queue.onTime();
        assertThat(shell.deadSequences(DeadLetterReason.EXPIRED))
                .hasSize(1_000)
                .isSortedAccordingTo(
                        Comparator.comparingLong(QueueTimeTest::expiryOf).thenComparing(Comparator.naturalOrder()));
    }

    private static long expiryOf(long sequence) {
        return NOW + 50 + sequence / 10 + sequence * 37 % 19;
    }

    @Test
    void shouldExpireInTheHandsOfNobodyButWhenItComesBack() {
        RecordingShell shell = new RecordingShell();
        Consumer consumer = shell.consumer(link, 1);
        shell.enqueue(expiresAt(NOW + 50));
        shell.passTo(NOW + 100);
        assertThat(shell.deadLetters).isEmpty();
        shell.queue.settle(consumer, 1, Outcome.RELEASED);
        shell.passTo(NOW + 101);
        assertThat(shell.deadSequences(DeadLetterReason.EXPIRED)).containsExactly(1L);
        assertThat(link.delivered).containsExactly(1L);
    }

    @Test
    void shouldExpireBeforeItsDeliveryTime() {
        RecordingShell shell = new RecordingShell();
        shell.consumer(link, 10);
        shell.enqueue(new MessageTraits(4, NOW + 50, NOW + 100, ""));
        shell.passTo(NOW + 50);
        assertThat(shell.deadSequences(DeadLetterReason.EXPIRED)).containsExactly(1L);
        assertThat(shell.queue.figures().depth()).isZero();
        shell.passTo(NOW + 200);
        assertThat(link.delivered).isEmpty();
    }

    @Test
    void shouldExpireOnArrivalWhenItsTimeIsPast() {
        RecordingShell shell = new RecordingShell();
        shell.consumer(link, 10);
        shell.enqueue(expiresAt(NOW - 1));
        assertThat(link.delivered).isEmpty();
        assertThat(shell.deadSequences(DeadLetterReason.EXPIRED)).containsExactly(1L);
    }

    // ---- Failed deliveries

    @Test
    void shouldDeadLetterWhenDeliveriesHaveFailedAsOftenAsAllowed() throws ConfigException {
        RecordingShell shell = new RecordingShell(rules("max-deliveries = 3"));
        Consumer consumer = shell.consumer(link, 10);
        shell.enqueue(1);
        shell.queue.settle(consumer, 1, Outcome.DELIVERY_FAILED);
        shell.queue.settle(consumer, 1, Outcome.RELEASED);
        shell.queue.settle(consumer, 1, Outcome.DELIVERY_FAILED);
        assertThat(shell.deadLetters).isEmpty();
        shell.queue.settle(consumer, 1, Outcome.DELIVERY_FAILED);
        assertThat(shell.deadSequences(DeadLetterReason.MAX_DELIVERIES)).containsExactly(1L);
        assertThat(shell.deadLetters.get(0).deliveryCount()).isEqualTo(3);
        assertThat(link.deliveryCounts).containsExactly(0, 1, 1, 2);
        assertThat(shell.queue.figures().depth()).isZero();
    }

    @Test
    void shouldWaitLongerAfterEachFailedDelivery() throws ConfigException {
        RecordingShell shell = new RecordingShell(rules("redelivery-delay = 100, redelivery-max-delay = 300"));
        Consumer consumer = shell.consumer(link, 100);
        shell.enqueue(1);
        long failedAt = NOW;
        for (long expectedWait : new long[] {100, 200, 300, 300}) {
            shell.queue.settle(consumer, 1, Outcome.DELIVERY_FAILED);
            int before = link.delivered.size();
            shell.passTo(failedAt + expectedWait - 1);
            assertThat(link.delivered).hasSize(before);
            shell.passTo(failedAt + expectedWait);
            shell.answerLoad();
            assertThat(link.delivered).hasSize(before + 1);
            failedAt += expectedWait;
        }
        assertThat(shell.updates).hasSize(4);
    }

    @Test
    void shouldNotWaitWhenReleased() throws ConfigException {
        RecordingShell shell = new RecordingShell(rules("redelivery-delay = 100"));
        Consumer consumer = shell.consumer(link, 100);
        shell.enqueue(1);
        shell.queue.settle(consumer, 1, Outcome.RELEASED);
        assertThat(link.delivered).containsExactly(1L, 1L);
    }

    @Test
    void shouldWaitUntilTheTimeThatTheConsumerNames() {
        RecordingShell shell = new RecordingShell();
        Consumer consumer = shell.consumer(link, 100);
        shell.enqueue(2);
        shell.queue.settle(consumer, 1, new Outcome.Modified(true, false, "a".getBytes(UTF_8), NOW + 70));
        assertThat(link.delivered).containsExactly(1L, 2L);
        assertThat(shell.updates).hasSize(1);
        shell.passTo(NOW + 70);
        shell.answerLoads();
        assertThat(link.delivered).containsExactly(1L, 2L, 1L);
    }

    /** AMQP 1.0 §3.5.3, default-outcome. */
    @Test
    void shouldWaitUntilTheTimeThatTheDefaultOutcomeNamesWhenTheConsumerLeavesInOrder() {
        RecordingShell shell = new RecordingShell();
        Outcome later = new Outcome.Modified(true, false, new byte[0], NOW + 70);
        Consumer leaving = shell.consumer(link, ConsumerOptions.of(later), 1);
        Link otherLink = new Link();
        shell.consumer(otherLink, 1);
        shell.enqueue(1);
        shell.queue.removeConsumer(leaving, List.of(), true);
        assertThat(otherLink.delivered).isEmpty();
        shell.passTo(NOW + 70);
        shell.answerLoads();
        assertThat(otherLink.delivered).containsExactly(1L);
    }

    @Test
    void shouldDeadLetterWhenEveryConsumerHasDeclined() throws ConfigException {
        RecordingShell shell = new RecordingShell(rules("undeliverable = dead-letter"));
        Consumer one = shell.consumer(link, 10);
        Link otherLink = new Link();
        Consumer other = shell.consumer(otherLink, 10);
        shell.enqueue(1);
        Outcome notHere = new Outcome.Modified(false, true, new byte[0]);
        shell.queue.settle(one, 1, notHere);
        assertThat(otherLink.delivered).containsExactly(1L);
        shell.queue.settle(other, 1, notHere);
        assertThat(shell.deadSequences(DeadLetterReason.UNDELIVERABLE)).containsExactly(1L);
    }

    // ---- Locks

    @Test
    void shouldTakeDeliveryBackWhenItIsNotSettledInTime() throws ConfigException {
        RecordingShell shell = new RecordingShell(rules("lock-duration = 100"));
        Consumer consumer = shell.consumer(link, 1);
        Link otherLink = new Link();
        shell.consumer(otherLink, 1);
        shell.enqueue(1);
        assertThat(link.delivered).containsExactly(1L);
        shell.passTo(NOW + 99);
        assertThat(link.locksLost).isEmpty();
        shell.passTo(NOW + 100);
        assertThat(link.locksLost).containsExactly(1L);
        assertThat(otherLink.delivered).containsExactly(1L);
        assertThat(otherLink.deliveryCounts).containsExactly(0);
        assertThat(shell.queue.settle(consumer, 1, Outcome.ACCEPTED)).isFalse();
        assertThat(shell.queue.figures().acquired()).isEqualTo(1);
    }

    @Test
    void shouldKeepDeliveryWhenItsLockIsRenewed() throws ConfigException {
        RecordingShell shell = new RecordingShell(rules("lock-duration = 100"));
        Consumer consumer = shell.consumer(link, 1);
        shell.enqueue(1);
        shell.passTo(NOW + 60);
        assertThat(shell.queue.holdings().renewLock(1)).isEqualTo(OptionalLong.of(NOW + 160));
        assertThat(shell.queue.holdings().renewLock(2)).isEmpty();
        shell.passTo(NOW + 159);
        assertThat(shell.queue.settle(consumer, 1, Outcome.ACCEPTED)).isTrue();
        shell.passTo(NOW + 500);
        assertThat(link.locksLost).isEmpty();
    }

    // ---- Limits

    @Test
    void shouldDropTheOldestThatWaitsWhenFull() throws ConfigException {
        RecordingShell shell = new RecordingShell(rules("max-length = 3, overflow = drop-oldest"));
        shell.enqueue(5);
        assertThat(shell.deadSequences(DeadLetterReason.OVERFLOW)).containsExactly(1L, 2L);
        shell.consumer(link, 2);
        shell.enqueue(2);
        assertThat(link.delivered).containsExactly(3L, 4L);
        assertThat(shell.deadSequences(DeadLetterReason.OVERFLOW)).containsExactly(1L, 2L, 5L, 6L);
        assertThat(shell.queue.figures().depth()).isEqualTo(3);
    }

    @Test
    void shouldNotDropOneThatLivesForOneThatHasExpired() throws ConfigException {
        RecordingShell shell = new RecordingShell(rules("max-length = 2, overflow = drop-oldest"));
        shell.enqueue(2);
        shell.enqueue(expiresAt(NOW - 1));
        assertThat(shell.deadSequences(DeadLetterReason.OVERFLOW)).isEmpty();
        assertThat(shell.deadSequences(DeadLetterReason.EXPIRED)).containsExactly(3L);
        assertThat(shell.queue.figures().depth()).isEqualTo(2);
    }

    @Test
    void shouldKeepTheNewestWhenItAloneIsTooLarge() throws ConfigException {
        RecordingShell shell = new RecordingShell(rules("max-bytes = 250, overflow = dead-letter"));
        shell.enqueue(3);
        assertThat(shell.deadSequences(DeadLetterReason.OVERFLOW)).containsExactly(1L);
        shell.enqueue(true, 10_000);
        assertThat(shell.deadSequences(DeadLetterReason.OVERFLOW)).containsExactly(1L, 2L, 3L);
        assertThat(shell.queue.figures().depth()).isEqualTo(1);
    }

    @Test
    void shouldLeaveItToTheShellWhenProducersAreHeldBack() throws ConfigException {
        RecordingShell shell = new RecordingShell(rules("max-length = 3, overflow = block"));
        shell.enqueue(5);
        assertThat(shell.queue.figures().depth()).isEqualTo(5);
        assertThat(shell.deadLetters).isEmpty();
    }

    @Test
    void shouldKeepOnlyTheLatestMessageOfAValue() {
        RecordingShell shell = new RecordingShell();
        shell.enqueue(lastValue("a"));
        shell.enqueue(lastValue("b"));
        shell.enqueue(lastValue("a"));
        shell.enqueue(1);
        assertThat(shell.acknowledged).containsExactly(1L);
        assertThat(shell.queue.figures().depth()).isEqualTo(3);
        shell.consumer(link, 10);
        assertThat(link.delivered).containsExactly(2L, 3L, 4L);
    }

    @Test
    void shouldNotTakeBackAMessageThatWasSuperseded() {
        RecordingShell shell = new RecordingShell();
        Consumer consumer = shell.consumer(link, 2);
        shell.enqueue(lastValue("a"));
        shell.enqueue(lastValue("a"));
        shell.queue.settle(consumer, 1, Outcome.DELIVERY_FAILED);
        assertThat(shell.acknowledged).containsExactly(1L);
        assertThat(shell.updates).isEmpty();
        shell.queue.settle(consumer, 2, Outcome.ACCEPTED);
        assertThat(shell.queue.figures().depth()).isZero();
    }

    private static MessageTraits deliverAt(long millis) {
        return new MessageTraits(4, 0, millis, "");
    }

    private static MessageTraits expiresAt(long millis) {
        return new MessageTraits(4, millis, 0, "");
    }

    private static MessageTraits lastValue(String value) {
        return MessageTraits.DEFAULT.withLastValue(value);
    }

    private static QueueRules rules(String keys) throws ConfigException {
        QueuePolicy policy = BrokerConfig.of("queues.policies=[{match=a, " + keys + "}]")
                .queues()
                .policies()
                .of("a");
        return QueueRules.of(policy);
    }
}
