package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Producers that come while memory or their queue is full: as applications do that open one for each message. */
class AdmissionOfProducersTest {
    private static final long MEMORY_BYTES = 256 * 1024;
    private static final int BODY_BYTES = 4 * 1024;

    /** Of a loop: its memory and a quarter, the message that exceeds it, and one more from each credit given before. */
    private static final long OVERFULL_BYTES = MEMORY_BYTES / 4 * 5 + 2 * (BODY_BYTES + 100);

    private final Simulation broker =
            new Simulation(3, MEMORY_BYTES, "queues.policies=[{match=\"short.#\", max-length=4, overflow=block}]");

    private Peer producer(String address) {
        return broker.producer(0, address);
    }

    private Peer consume(String from, int credit) {
        return broker.consumer(0, from, credit);
    }

    /** One volatile message from each newcomer to the loop of the queue for as long as they are let in; returns those that are not. */
    private List<Peer> fill(String target, String queue) {
        List<Peer> waiting = new ArrayList<>();
        for (int number = 0; number < 2 * MEMORY_BYTES / BODY_BYTES; number++) {
            Peer newcomer = producer(target);
            if (newcomer.credit(0) == 0) {
                waiting.add(newcomer);
                continue;
            }
            assertThat(waiting).isEmpty();
            newcomer.transfer(0, 0, TestMessages.message(number, false, target.isEmpty() ? queue : "", BODY_BYTES));
            broker.settle();
            assertThat(newcomer.accepted()).containsExactly(0);
            newcomer.close();
            broker.settle();
        }
        return waiting;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldGiveNoCreditToProducersThatComeWhileMemoryIsOverfull(boolean named) {
        String queue = broker.addressOn(0, "q.");
        producer(queue).transfer(0, 0, TestMessages.volatileOne(0));
        broker.settle();

        List<Peer> waiting = fill(named ? queue : "", queue);

        assertThat(waiting).isNotEmpty();
        assertThat(broker.partitions().totals().residentBytes()).isBetween(MEMORY_BYTES, OVERFULL_BYTES);
        Peer consumer = consume(queue, 10_000);
        int settled = 0;
        for (int held = consumer.messages().size();
                held > settled;
                held = consumer.messages().size()) {
            consumer.dispose(settled, held - 1, true, Accepted.getInstance());
            settled = held;
            broker.settle();
        }
        assertThat(waiting).allSatisfy(peer -> assertThat(peer.credit(0)).isPositive());
        assertThat(broker.partitions().totals().residentBytes()).isZero();
    }

    @Test
    void shouldGiveAnAnonymousProducerNoMoreCreditWhenTheQueueThatItSendsToIsFull() {
        String full = broker.addressOn(0, "short.");
        Peer peer = producer("");
        int sent = 0;
        for (; sent < 4; sent++) {
            peer.transfer(0, sent, TestMessages.message(sent, true, full, 0));
            broker.settle();
        }
        long limit = peer.limit(0);
        for (; sent < 8; sent++) {
            peer.transfer(0, sent, TestMessages.message(sent, true, full, 0));
            broker.settle();
        }
        assertThat(peer.accepted()).hasSize(8);
        assertThat(peer.limit(0)).isEqualTo(limit);

        consume(full, 100).dispose(0, 7, true, Accepted.getInstance());
        broker.settle();
        assertThat(peer.limit(0)).isGreaterThan(limit);
    }

    @Test
    void shouldRejectWhatAnonymousProducersSendWhenTheQueueIsTwiceAsFullAsItMayBe() {
        String full = broker.addressOn(0, "short.");
        for (int number = 0; number < 8; number++) {
            Peer newcomer = producer("");
            newcomer.transfer(0, 0, TestMessages.message(number, true, full, 0));
            broker.settle();
            assertThat(newcomer.accepted()).containsExactly(0);
        }
        Peer newcomer = producer("");
        newcomer.transfer(0, 0, TestMessages.message(8, true, full, 0));
        broker.settle();

        Rejected rejected = (Rejected) newcomer.last(Disposition.class).getState();
        assertThat(rejected.getError().getCondition().toString()).isEqualTo("amqp:resource-limit-exceeded");
        assertThat(rejected.getError().getDescription()).contains(full, "twice as many as its policy allows");
        assertThat(newcomer.heard(Detach.class)).isEmpty();
        assertThat(broker.partitions().totals().messages()).isEqualTo(8);

        Peer consumer = consume(full, 100);
        consumer.dispose(0, 7, true, Accepted.getInstance());
        broker.settle();
        newcomer.transfer(0, 1, TestMessages.message(9, true, full, 0));
        broker.settle();
        assertThat(newcomer.accepted()).containsExactly(1);
    }

    /** It may have to answer before it settles, and so makes room: on whatever loop. */
    @Test
    void shouldGiveCreditForAnAnswerWhenAConsumerComesAsAnAnonymousProducerWhileMemoryIsOverfull() {
        String queue = broker.addressOn(0, "q.");
        producer(queue).transfer(0, 0, TestMessages.volatileOne(0));
        broker.settle();
        assertThat(fill("", queue)).isNotEmpty();
        Peer elsewhere = broker.producer(1, "");
        assertThat(elsewhere.credit(0)).isPositive();

        Peer consumer = consume(queue, 1);
        assertThat(consumer.messages()).hasSize(1);
        String answers = broker.addressOn(1, "answers.");
        for (int link = 1; link < 4; link++) {
            consumer.send("", link);
            broker.settle();
            assertThat(consumer.credit(link)).isEqualTo(1);
            consumer.transfer(link, link, TestMessages.message(link, false, answers, 0));
            broker.settle();
        }
        assertThat(consumer.accepted()).containsExactly(1, 2, 3);
        assertThat(consumer.limit(3)).isEqualTo(1);
        assertThat(producer("").credit(0)).isZero();
    }

    /** What it has credit for is bounded by that; it was not held back when it was given. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldTakeAllThatAnAnonymousProducerHasCreditForWhenTheQueueGetsFull(boolean settled) {
        String free = broker.addressOn(0, "free.");
        String full = broker.addressOn(0, "short.");
        Peer peer = producer("");
        int sent = 0;
        for (; sent < 4; sent++) {
            peer.transfer(0, sent, TestMessages.message(sent, true, free, 0));
            broker.settle();
        }
        long limit = peer.limit(0);
        assertThat(limit).isGreaterThan(100);
        for (; sent < limit; sent++) {
            peer.say(Peer.transfer(0, sent, settled), TestMessages.message(sent, true, full, 0));
        }
        broker.settle();

        assertThat(peer.heard(Disposition.class)).noneMatch(each -> each.getState() instanceof Rejected);
        assertThat(peer.heard(Detach.class)).isEmpty();
        assertThat(broker.partitions().totals().messages()).isEqualTo(limit);
        assertThat(peer.limit(0)).isEqualTo(limit);
    }

    /** What waits for the store counts, and is told. */
    @Test
    void shouldTellWhatCountsWhenItRejects() {
        String full = broker.addressOn(0, "short.");
        List<Peer> newcomers = new ArrayList<>();
        for (int number = 0; number < 9; number++) {
            newcomers.add(producer(""));
        }
        broker.store().holdBack();
        for (Peer newcomer : newcomers) {
            newcomer.transfer(0, 0, TestMessages.message(0, true, full, 0));
            broker.settle();
        }
        broker.store().release();
        broker.settle();

        Rejected rejected = (Rejected) newcomers.get(8).last(Disposition.class).getState();
        assertThat(rejected.getError().getDescription())
                .contains("with what is on its way into it, it holds 8 messages", "twice as many as its policy allows");
        newcomers.get(8).transfer(0, 1, TestMessages.message(1, true, full, 0));
        broker.settle();
        assertThat(newcomers.get(8).accepted())
                .as("what was refused does not let others in")
                .isEmpty();
    }
}
