package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.management.ManagementAnswer;
import io.sterna.broker.management.ManagementRequest;
import io.sterna.broker.management.ManagementRequest.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A disk that gets full: producers wait, everybody else is served, and it goes on by itself. */
class DiskTest {
    private static final long TIGHT = Simulation.MIN_FREE_BYTES - 1;
    private static final long ENOUGH = Simulation.MIN_FREE_BYTES / 10 * 11;

    private Simulation broker = new Simulation(11);
    private String queue = broker.addressOn(0, "q.");

    private Peer consumer(String from, int credit) {
        return broker.consumer(1, from, credit);
    }

    private static byte[] message(int number, String target, String queue) {
        return TestMessages.message(number, number % 3 != 0, target.isEmpty() ? queue : "", 0);
    }

    private static List<Integer> range(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    @ParameterizedTest
    @CsvSource({"0, true", "0, false", "1, true", "1, false"})
    void shouldTakeWhatThereIsCreditForAndGiveNoMoreUntilThereIsRoom(int loop, boolean named) {
        String target = named ? queue : "";
        Peer peer = broker.producer(loop, target);
        int sent = 0;
        for (; sent < 4; sent++) {
            peer.transfer(0, sent, message(sent, target, queue));
            broker.settle();
        }
        long limit = peer.limit(0);
        assertThat(limit).isGreaterThan(100);

        broker.disk(TIGHT);
        for (; sent < limit; sent++) {
            peer.transfer(0, sent, message(sent, target, queue));
        }
        broker.settle();

        assertThat(peer.accepted()).containsExactlyInAnyOrderElementsOf(range(sent));
        assertThat(peer.limit(0)).isEqualTo(limit);
        assertThat(peer.heard(Detach.class)).isEmpty();
        broker.disk(ENOUGH);
        assertThat(peer.limit(0)).isEqualTo(2 * limit);
        peer.transfer(0, sent, message(sent, target, queue));
        broker.settle();
        assertThat(consumer(queue, 10_000).numbers()).isEqualTo(range(sent + 1));
    }

    /** What is on its way when the disk gets tight brings no credit back with its outcome. */
    @Test
    void shouldGiveNoCreditForOutcomesThatComeWhileTheDiskIsTight() {
        Peer peer = broker.producer(1, queue);
        for (int number = 0; number < 2; number++) {
            peer.transfer(0, number, TestMessages.durable(number));
            broker.settle();
        }
        long limit = peer.limit(0);
        broker.store().holdBack();
        for (int number = 2; number < limit; number++) {
            peer.transfer(0, number, TestMessages.durable(number));
        }
        broker.settle();
        broker.disk(TIGHT);
        broker.store().release();
        broker.settle();

        assertThat(peer.accepted()).hasSize((int) limit);
        assertThat(peer.limit(0)).isEqualTo(limit);
    }

    @Test
    void shouldWaitForATenthMoreBeforeProducersGoOn() {
        Peer peer = broker.producer(1, queue);
        broker.disk(Simulation.MIN_FREE_BYTES);
        assertThat(broker.disk().tight()).isFalse();
        broker.disk(TIGHT);
        long limit = peer.limit(0);
        for (int number = 0; number < limit; number++) {
            peer.transfer(0, number, TestMessages.durable(number));
        }
        broker.disk(ENOUGH - 1);
        assertThat(peer.limit(0)).isEqualTo(limit);
        assertThat(broker.disk().tight()).isTrue();

        broker.disk(ENOUGH);
        assertThat(peer.limit(0)).isGreaterThan(limit);
        assertThat(broker.disk().tight()).isFalse();
        assertThat(broker.disk().freeBytes()).isEqualTo(ENOUGH);
        assertThat(broker.disk().minFreeBytes()).isEqualTo(Simulation.MIN_FREE_BYTES);
    }

    @Test
    void shouldLookMoreOftenWhenProducersMayFillTheDiskSoon() {
        broker.disk(2 * Simulation.MIN_FREE_BYTES);
        assertThat(broker.disk().nextLookMillis()).isEqualTo(1_000);
        broker.disk(2 * Simulation.MIN_FREE_BYTES - 1);
        assertThat(broker.disk().nextLookMillis()).isEqualTo(100);
        broker.disk(TIGHT);
        assertThat(broker.disk().nextLookMillis()).isEqualTo(1_000);
    }

    @Test
    void shouldTakeWhatWasKnownLastForTrueWhenItCannotBeTold() {
        broker.disk(TIGHT);
        broker.disk(-1);
        assertThat(broker.producer(1, queue).credit(0)).isZero();
        broker.disk(ENOUGH);
        broker.disk(-1);
        assertThat(broker.producer(1, queue).credit(0)).isPositive();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldGiveNoCreditToProducersThatComeWhileTheDiskIsTight(int loop) {
        broker.disk(TIGHT);
        List<Peer> newcomers = new ArrayList<>(List.of(broker.producer(loop, queue), broker.producer(loop, "")));
        Peer withATopic = broker.connect(loop);
        Attach attach = Peer.sender("sender-0", 0, "t");
        ((Target) attach.getTarget()).setCapabilities(Symbol.valueOf("topic"));
        withATopic.say(attach);
        broker.settle();
        newcomers.add(withATopic);

        assertThat(newcomers).allSatisfy(peer -> {
            assertThat(peer.heard(Attach.class)).hasSize(1);
            assertThat(peer.credit(0)).isZero();
            assertThat(peer.heard(Detach.class)).isEmpty();
        });
        broker.disk(ENOUGH);
        assertThat(newcomers).allSatisfy(peer -> assertThat(peer.credit(0)).isPositive());
    }

    @Test
    void shouldHoldProducersBackFromTheStartWhenTheDiskWasFullBefore() {
        broker.producer(1, queue).transfer(0, 0, TestMessages.durable(0));
        broker.disk(TIGHT);
        broker.crashAndRestart();
        broker.settle();

        Peer peer = broker.producer(1, queue);
        assertThat(peer.credit(0)).isZero();
        assertThat(consumer(queue, 10).numbers()).containsExactly(0);
        broker.disk(ENOUGH);
        assertThat(peer.credit(0)).isPositive();
    }

    @Test
    void shouldServeConsumersAndStoreTheirAcknowledgementsWhileTheDiskIsTight() {
        Peer peer = broker.producer(1, queue);
        for (int number = 0; number < 10; number++) {
            peer.transfer(0, number, TestMessages.durable(number));
            broker.settle();
        }
        broker.disk(TIGHT);
        Peer consumer = consumer(queue, 100);
        assertThat(consumer.numbers()).isEqualTo(range(10));
        consumer.dispose(0, 5, true, Accepted.getInstance());
        broker.settle();

        broker.crashAndRestart();
        broker.settle();
        assertThat(consumer(queue, 100).numbers()).containsExactly(6, 7, 8, 9);
        assertThat(broker.disk().tight()).isTrue();
    }

    @Test
    void shouldCommitWhatWasPostedBeforeTheDiskGotTight() {
        Peer peer = broker.producer(1, queue);
        peer.transfer(0, 0, TestMessages.durable(0));
        broker.settle();
        consumer(queue, 0);
        peer.receive(queue, 1);
        peer.flow(1, 0, 1, false);
        Controller controller = new Controller(broker, peer, 2);
        Binary open = controller.declare();
        controller.post(open, 0, 1, TestMessages.durable(1));
        broker.settle();

        broker.disk(TIGHT);
        controller.accept(open, 0, 0);
        controller.post(open, 0, 2, TestMessages.durable(2)); // Of its credit.
        assertThat(controller.commit(open)).isInstanceOf(Accepted.class);
        Binary next = controller.declare();
        assertThat(controller.rollback(next)).isInstanceOf(Accepted.class);

        broker.crashAndRestart();
        broker.settle();
        assertThat(consumer(queue, 100).numbers()).containsExactly(1, 2);
    }

    @Test
    void shouldLetGoOfProducersThatLeaveWhileTheyAreHeldBack() {
        Peer detaching = broker.producer(1, queue);
        Peer lost = broker.producer(0, queue);
        broker.disk(TIGHT);
        detaching.detach(0, true);
        lost.cut();
        broker.settle();
        assertThat(detaching.heard(Detach.class)).hasSize(1);
        detaching.send(queue, 0);
        broker.settle();
        long flows = detaching.heard(Flow.class).stream()
                .filter(flow -> flow.getHandle() != null)
                .count();

        broker.disk(ENOUGH);
        assertThat(detaching.heard(Flow.class))
                .filteredOn(flow -> flow.getHandle() != null)
                .hasSize((int) flows + 1);
        assertThat(broker.partitions().problem()).isEmpty();
    }

    @Test
    void shouldMoveDeadLettersBackWhileTheDiskIsTight() {
        Peer peer = broker.producer(1, queue);
        peer.transfer(0, 0, TestMessages.durable(0));
        broker.settle();
        Peer consumer = consumer(queue, 1);
        consumer.dispose(0, 0, true, new Rejected());
        broker.settle();
        consumer.close();
        broker.disk(TIGHT);

        ManagementAnswer answer =
                broker.manage(new ManagementRequest(Operation.REDRIVE, Optional.empty(), queue, Map.of(), Map.of()));
        assertThat(answer.body()).containsEntry("moved", 1L);
        assertThat(consumer(queue, 1).numbers()).containsExactly(0);
    }

    /** As while memory is tight: who has to answer before it settles would never settle. */
    @Test
    void shouldGiveCreditForOneAnswerWhenAConsumerComesAsAnAnonymousProducer() {
        broker.producer(1, queue).transfer(0, 0, TestMessages.durable(0));
        broker.disk(TIGHT);
        Peer consumer = consumer(queue, 1);
        assertThat(consumer.numbers()).containsExactly(0);
        consumer.send("", 1);
        broker.settle();
        assertThat(consumer.credit(1)).isEqualTo(1);
        consumer.transfer(1, 0, TestMessages.message(0, false, broker.addressOn(1, "answers."), 0));
        broker.settle();
        assertThat(consumer.accepted()).containsExactly(0);
        assertThat(consumer.limit(1)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldLoseNothingAndStopNobodyForGoodWhileTheDiskComesAndGoes(long seed) {
        broker = new Simulation(seed);
        queue = broker.addressOn(0, "q.");
        Random random = new Random(seed);
        List<Peer> producers = new ArrayList<>();
        for (int number = 0; number < 4; number++) {
            producers.add(broker.producer(number % 2, number < 2 ? queue : ""));
        }
        Peer consumer = consumer(queue, 100_000);
        int[] sent = new int[4];
        int settled = 0;
        for (int round = 0; round < 30; round++) {
            broker.disk(random.nextBoolean() ? TIGHT : ENOUGH);
            List<Long> limits = producers.stream().map(peer -> peer.limit(0)).toList();
            for (int at = 0; at < 4; at++) {
                Peer peer = producers.get(at);
                for (int left = random.nextInt(100); left > 0 && sent[at] < limits.get(at); left--) {
                    peer.transfer(0, sent[at], TestMessages.message(4 * sent[at] + at, true, queue, 0));
                    sent[at]++;
                }
            }
            int held = consumer.messages().size();
            if (held > settled && random.nextBoolean()) {
                consumer.dispose(settled, held - 1, true, Accepted.getInstance());
                settled = held;
            }
            broker.settle();
            if (broker.disk().tight()) {
                assertThat(producers.stream().map(peer -> peer.limit(0)).toList())
                        .isEqualTo(limits);
            }
        }
        broker.disk(ENOUGH);
        TreeSet<Integer> all = new TreeSet<>();
        for (int at = 0; at < 4; at++) {
            assertThat(producers.get(at).accepted()).containsExactlyInAnyOrderElementsOf(range(sent[at]));
            assertThat(producers.get(at).limit(0)).isGreaterThan(sent[at]);
            for (int number = 0; number < sent[at]; number++) {
                all.add(4 * number + at);
            }
        }
        assertThat(consumer.numbers()).containsExactlyInAnyOrderElementsOf(all);
    }
}
