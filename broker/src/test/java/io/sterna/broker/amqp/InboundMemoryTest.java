package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.transaction.Coordinator;
import org.apache.qpid.proton.amqp.transaction.Declare;
import org.apache.qpid.proton.amqp.transaction.Declared;
import org.apache.qpid.proton.amqp.transaction.Discharge;
import org.apache.qpid.proton.amqp.transaction.TransactionalState;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The memory that deliveries take before they are in a queue: how it is bounded, and that it is given back. */
class InboundMemoryTest {
    private static final long MEMORY_BYTES = 1024 * 1024;
    private static final long MOST_PART_BYTES = MEMORY_BYTES / 8 * 3;
    private static final long HELD_BYTES = MEMORY_BYTES / 2;
    private static final int PART_BYTES = 30_000;

    /** What the largest part in these tests takes, which may come on top. */
    private static final long LARGEST_BYTES = 3 * PART_BYTES + 512;

    private static final String LIMIT_EXCEEDED = "amqp:resource-limit-exceeded";

    private final Simulation broker = new Simulation(
            5,
            MEMORY_BYTES,
            "amqp.max-message-size=300 KiB",
            "queues.policies=[{match=\"full.#\", max-length=1, overflow=reject}]");
    private final String address = broker.addressOn(0, "q.");

    private long inboundBytes() {
        return broker.partitions().totals().inboundBytes();
    }

    /** Whether something is refused or not, the account keeps to its bound between any two turns. */
    private void settle(long mostBytes) {
        while (broker.step()) {
            assertThat(inboundBytes()).isLessThanOrEqualTo(mostBytes);
        }
    }

    private Peer producer(int links) {
        Peer peer = broker.connect(1);
        for (int handle = 0; handle < links; handle++) {
            peer.send(address, handle);
        }
        broker.settle();
        return peer;
    }

    private static List<Detach> refusals(Peer peer) {
        return peer.heard(Detach.class).stream()
                .filter(detach -> detach.getError() != null)
                .toList();
    }

    // ---- Parts

    @Test
    void shouldDetachTheLastPartsAndNobodyElseWhenOnePeerFillsMemory() {
        int links = 60;
        Peer greedy = producer(links);
        Peer other = producer(2);
        Peer slow = producer(1);
        byte[] message = TestMessages.message(7, true, "", PART_BYTES);
        slow.part(0, 0, Arrays.copyOf(message, PART_BYTES / 2));
        int sent = 0;
        for (int round = 0; round < 3; round++) {
            for (int link = 0; link < links; link++) {
                greedy.part(link, link, new byte[PART_BYTES]);
                other.transfer(link % 2, sent, TestMessages.message(sent, link % 2 == 0, "", 0));
                sent++;
                settle(MOST_PART_BYTES + LARGEST_BYTES);
            }
        }

        assertThat(refusals(greedy)).hasSizeBetween(links / 2, links - 1).allSatisfy(detach -> {
            assertThat(detach.getClosed()).isTrue();
            assertThat(detach.getError().getCondition().toString()).isEqualTo(LIMIT_EXCEEDED);
            assertThat(detach.getError().getDescription()).contains(MOST_PART_BYTES + " bytes", "send again later");
        });
        assertThat(greedy.heard(End.class)).isEmpty();
        assertThat(greedy.heard(Close.class)).isEmpty();
        assertThat(other.heard(Detach.class)).isEmpty();
        assertThat(slow.heard(Detach.class)).isEmpty();
        assertThat(other.accepted()).hasSize(sent);
        greedy.cut();
        slow.transfer(0, 0, Arrays.copyOfRange(message, PART_BYTES / 2, message.length));
        broker.settle();
        assertThat(slow.accepted()).containsExactly(0);
        assertThat(inboundBytes()).isZero();
    }

    /** Many small parts are many objects. */
    @Test
    void shouldDetachWhenThereAreTooManyParts() {
        List<Peer> greedy = new ArrayList<>();
        for (int number = 0; number < 10; number++) {
            Peer peer = producer(100);
            greedy.add(peer);
            for (int link = 0; link < 100; link++) {
                peer.part(link, link, new byte[1]);
            }
            settle(MOST_PART_BYTES + LARGEST_BYTES);
        }
        assertThat(greedy.stream().mapToInt(peer -> refusals(peer).size()).sum())
                .isGreaterThanOrEqualTo(1_000 - (int) (MOST_PART_BYTES / 512));
        greedy.forEach(Peer::cut);
        broker.settle();
        assertThat(inboundBytes()).isZero();
    }

    @Test
    void shouldGiveNoCreditToFurtherLinksOfAPeerThatHasMuchInParts() {
        Peer greedy = producer(8);
        for (int link = 0; link < 8; link++) {
            greedy.part(link, link, new byte[PART_BYTES]);
        }
        broker.settle();
        assertThat(refusals(greedy)).isEmpty();

        greedy.send(address, 8);
        broker.settle();
        Peer other = producer(1);

        assertThat(greedy.credit(8)).isZero();
        assertThat(other.credit(0)).isPositive();
        greedy.transfer(0, 0, TestMessages.volatileOne(0));
        for (int link = 1; link < 6; link++) {
            greedy.detach(link, true);
        }
        broker.settle();
        assertThat(greedy.credit(8)).isPositive();
    }

    /** It is what amqp.max-message-size allows, and nobody else waits because of it. */
    @Test
    void shouldTakeASingleMessageThatIsLargerThanTheMemoryForParts() {
        Simulation small = new Simulation(5, 64 * 1024);
        Peer peer = small.connect(1);
        String large = small.addressOn(0, "q.");
        peer.send(large, 0);
        small.settle();
        byte[] message = TestMessages.message(7, true, "", 330_000);
        for (int part = 0; part < 10; part++) {
            peer.part(0, 0, Arrays.copyOfRange(message, part * PART_BYTES, (part + 1) * PART_BYTES));
        }
        small.settle();
        Peer other = small.connect(1);
        other.send(large, 0);
        small.settle();
        other.transfer(0, 0, TestMessages.volatileOne(0));
        small.settle();
        assertThat(other.accepted()).containsExactly(0);

        peer.transfer(0, 0, Arrays.copyOfRange(message, 10 * PART_BYTES, message.length));
        small.settle();

        assertThat(peer.accepted()).containsExactly(0);
        assertThat(peer.heard(Detach.class)).isEmpty();
        assertThat(small.partitions().totals().inboundBytes()).isZero();
    }

    /** AMQP 1.0 §4.4.4: what could not be processed must not be committed without. */
    @Test
    void shouldDoomTheTransactionOfAPartThatIsRefused() {
        Peer peer = producer(20);
        Attach attach = Peer.sender("coordinator", 30, "");
        attach.setTarget(new Coordinator());
        peer.say(attach);
        broker.settle();
        peer.transfer(30, 1_000, value(new Declare()));
        broker.settle();
        Binary id = ((Declared) peer.last(Disposition.class).getState()).getTxnId();
        for (int link = 0; link < 20; link++) {
            TransactionalState state = new TransactionalState();
            state.setTxnId(id);
            Transfer transfer = Peer.transfer(link, link, false);
            transfer.setState(state);
            transfer.setMore(true);
            peer.say(transfer, new byte[PART_BYTES]);
        }
        broker.settle();
        assertThat(refusals(peer)).isNotEmpty();
        for (int link = 0; link < 20; link++) {
            Transfer abort = Peer.transfer(link, link, false);
            abort.setAborted(true);
            peer.say(abort);
        }
        Discharge discharge = new Discharge();
        discharge.setTxnId(id);
        peer.transfer(30, 1_001, value(discharge));
        broker.settle();

        assertThat(peer.last(Disposition.class).getState()).isInstanceOf(Rejected.class);
        assertThat(inboundBytes()).isZero();
    }

    private static byte[] value(Object request) {
        Message message = Message.Factory.create();
        message.setBody(new AmqpValue(request));
        byte[] buffer = new byte[256];
        return Arrays.copyOf(buffer, message.encode(buffer, 0, buffer.length));
    }

    // ---- Whole deliveries

    @Test
    void shouldHoldProducersBackAndRefuseNobodyWhenTheStoreIsSlow() {
        int links = 50;
        Peer many = producer(links);
        Peer other = producer(1);
        broker.store().holdBack();
        for (int number = 0; number < 2 * links; number++) {
            many.transfer(number % links, number, TestMessages.message(number, true, "", PART_BYTES));
        }
        settle(HELD_BYTES + 2 * PART_BYTES);
        assertThat(many.held()).isTrue();
        other.transfer(0, 0, TestMessages.durable(0));
        Peer late = producer(1);
        assertThat(late.credit(0)).isZero();
        assertThat(inboundBytes()).isGreaterThan(HELD_BYTES);

        broker.store().release();
        broker.settle();

        assertThat(many.held()).isFalse();
        assertThat(many.accepted()).hasSize(2 * links);
        assertThat(many.heard(Detach.class)).isEmpty();
        assertThat(other.accepted()).containsExactly(0);
        assertThat(late.credit(0)).isPositive();
        assertThat(other.credit(0)).isPositive();
        assertThat(inboundBytes()).isZero();
        assertThat(broker.partitions().totals().messages()).isEqualTo(2 * links + 1);
    }

    @Test
    void shouldForgetAPeerThatIsLostWhileItIsHeldBack() {
        int links = 50;
        Peer many = producer(links);
        broker.store().holdBack();
        for (int number = 0; number < links; number++) {
            many.transfer(number, number, TestMessages.message(number, true, "", PART_BYTES));
        }
        broker.settle();
        many.cut();
        broker.settle();
        broker.store().release();
        broker.settle();

        assertThat(inboundBytes()).isZero();
        assertThat(broker.partitions().totals().messages()).isBetween(HELD_BYTES / PART_BYTES, (long) links);
    }

    // ---- The end of deliveries

    /** How a delivery that has begun may end. */
    private enum Ending {
        COMPLETE,
        MALFORMED,
        REJECTED,
        ABORTED,
        TOO_LARGE,
        BROKEN,
        LINK_DETACHED,
        LINK_CLOSED,
        LINK_STOLEN,
        SESSION_ENDED,
        CONNECTION_CLOSED,
        CONNECTION_LOST
    }

    @ParameterizedTest
    @EnumSource(Ending.class)
    void shouldGiveAllMemoryBackWhenDeliveriesEnd(Ending way) {
        endDeliveries(new Random(9), List.of(way));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldGiveAllMemoryBackWhenDeliveriesEndInManyWays(long seed) {
        endDeliveries(new Random(seed), List.of(Ending.values()));
    }

    private void endDeliveries(Random random, List<Ending> ways) {
        for (int round = 0; round < 20; round++) {
            String full = broker.addressOn(0, "full." + round + ".");
            Peer filler = broker.connect(1);
            filler.send(full, 0);
            broker.settle();
            filler.transfer(0, 0, TestMessages.durable(0));
            broker.settle();
            Peer peer = broker.connect(1);
            peer.begin(1);
            int links = 1 + random.nextInt(5);
            for (int link = 0; link < links; link++) {
                peer.send(random.nextBoolean() ? address : full, link);
            }
            peer.send(full, links);
            broker.settle();
            if (random.nextBoolean()) {
                broker.store().holdBack();
            }
            for (int link = 0; link < links; link++) {
                peer.transfer(link, 100 + link, TestMessages.message(link, true, "", random.nextInt(20_000)));
            }
            int parts = 1 + random.nextInt(3);
            for (int part = 0; part < parts; part++) {
                for (int link = 0; link <= links; link++) {
                    peer.part(link, link, new byte[random.nextInt(25_000)]);
                    if (random.nextInt(4) == 0) {
                        broker.settle();
                    }
                }
            }
            broker.settle();
            for (int link = 0; link <= links; link++) {
                end(peer, link, ways.get(random.nextInt(ways.size())));
            }
            if (random.nextBoolean()) {
                broker.settle();
            }
            if (random.nextBoolean()) {
                peer.close();
            } else {
                peer.cut();
            }
            filler.cut();
            broker.settle();
            broker.store().release();
            broker.settle();
            assertThat(inboundBytes()).isZero();
        }
        assertThat(broker.partitions().problem()).isEmpty();
        Peer last = producer(1);
        assertThat(last.credit(0)).isPositive();
    }

    private void end(Peer peer, int link, Ending way) {
        switch (way) {
            case COMPLETE, REJECTED -> peer.transfer(link, link, TestMessages.volatileOne(0));
            case MALFORMED -> peer.transfer(link, link, new byte[] {1, 2, 3});
            case ABORTED -> {
                Transfer abort = Peer.transfer(link, link, false);
                abort.setAborted(true);
                peer.say(abort);
            }
            case TOO_LARGE -> {
                for (int part = 0; part < 12; part++) {
                    peer.part(link, link, new byte[PART_BYTES]);
                }
            }
            case BROKEN -> peer.part(link, 77, new byte[1]);
            case LINK_DETACHED -> peer.detach(link, false);
            case LINK_CLOSED -> peer.detach(link, true);
            case LINK_STOLEN -> peer.sayOn(1, Peer.sender("sender-" + link, link, address));
            case SESSION_ENDED -> peer.say(new End());
            case CONNECTION_CLOSED -> peer.close();
            case CONNECTION_LOST -> peer.cut();
        }
    }
}
