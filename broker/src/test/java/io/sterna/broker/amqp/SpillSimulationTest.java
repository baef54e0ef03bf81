package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.management.ManagementAnswer;
import io.sterna.broker.management.ManagementRequest;
import io.sterna.broker.management.ManagementRequest.Operation;
import io.sterna.broker.partition.NodeKind;
import io.sterna.store.InMemoryStore;
import io.sterna.store.Store;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that are spilled and come back, whatever comes between, on virtual time. */
class SpillSimulationTest {
    private static final long MEMORY_BYTES = 256 * 1024;
    private static final int BODY_BYTES = 1_000;
    private static final int MESSAGES = 2_000;

    private final List<FaultySpill> spills = new ArrayList<>();

    private FaultySpill spill() {
        return spills.get(spills.size() - 1);
    }

    private Store spilling(long seed, InMemoryStore store) {
        FaultySpill spill = new FaultySpill(seed, store);
        spills.add(spill);
        return store.spillingTo(spill);
    }

    private Simulation simulation(long seed) {
        return new Simulation(seed, MEMORY_BYTES, store -> spilling(seed, store));
    }

    /** A producer that sends numbered messages whenever it may. */
    private static final class Producer {
        private final Peer peer;
        private final Random random;
        private final int durableOf;
        private int sent;

        Producer(Simulation broker, String address, Random random, int durableOf) {
            this.random = random;
            this.durableOf = durableOf;
            peer = broker.connect(1);
            peer.send(address, 0);
        }

        void send(int most) {
            int upTo = (int) Math.min(Math.min(MESSAGES, sent + most), peer.limit(0));
            for (; sent < upTo; sent++) {
                boolean durable = durableOf != 0 && random.nextInt(durableOf) == 0;
                peer.transfer(0, sent, TestMessages.message(sent, durable, "", BODY_BYTES));
            }
        }
    }

    /** A consumer that takes some, accepts them, and sends some back. */
    private static final class Consumer {
        private final Peer peer;
        private final List<Integer> accepted = new ArrayList<>();
        private int settled;

        Consumer(Simulation broker, String address) {
            peer = broker.connect(0);
            peer.receive(address, 0);
        }

        void receive(Simulation broker, int credit, int releasedOf) {
            peer.flow(0, peer.messages().size(), credit, false);
            broker.settle();
            List<Integer> numbers = peer.numbers();
            for (; settled < numbers.size(); settled++) {
                if (releasedOf != 0 && broker.random().nextInt(releasedOf) == 0) {
                    peer.dispose(settled, settled, true, Released.getInstance());
                } else {
                    peer.dispose(settled, settled, true, Accepted.getInstance());
                    accepted.add(numbers.get(settled));
                }
            }
            broker.settle();
        }
    }

    private static List<Integer> all() {
        return IntStream.range(0, MESSAGES).boxed().toList();
    }

    private void run(Simulation broker, Producer producer, Consumer consumer, int releasedOf) {
        Random random = broker.random();
        for (int step = 0; step < 10_000; step++) {
            if (producer.sent == MESSAGES
                    && step > 100
                    && broker.partitions().totals().messages() == 0) {
                break;
            }
            producer.send(1 + random.nextInt(400));
            for (int turn = random.nextInt(200); turn > 0; turn--) {
                broker.step();
            }
            if (random.nextInt(3) == 0 || producer.sent == MESSAGES) {
                consumer.receive(broker, 1 + random.nextInt(100), releasedOf);
            }
            if (random.nextInt(4) == 0) {
                broker.pass(1_000);
            }
        }
        assertThat(producer.sent).isEqualTo(MESSAGES);
        assertThat(broker.partitions().totals().messages()).isZero();
        assertThat(broker.partitions().totals().residentBytes()).isZero();
        assertThat(broker.partitions().totals().spillFileBytes()).isZero();
        broker.settle();
        assertThat(spill().files()).isZero();
        assertThat(spill().writes).isPositive();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldDeliverEachOnceInOrder(long seed) {
        Simulation broker = simulation(seed);
        String queue = broker.addressOn(0, "queue");
        Consumer consumer = new Consumer(broker, queue);
        run(broker, new Producer(broker, queue, broker.random(), 2 * (int) (seed % 4)), consumer, 0);
        assertThat(consumer.accepted).isEqualTo(all());
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
    void shouldDeliverEachOnceWhenWritesAndReadsFail(long seed) {
        Simulation broker = simulation(seed);
        spill().failingWrites = 3;
        spill().failingReads = 5;
        String queue = broker.addressOn(0, "queue");
        Consumer consumer = new Consumer(broker, queue);
        run(broker, new Producer(broker, queue, broker.random(), 2 * (int) (seed % 4)), consumer, 10);
        assertThat(consumer.accepted).containsExactlyInAnyOrderElementsOf(all());
    }

    @Test
    void shouldWriteNothingWhileTheDiskHasTooLittleRoom() {
        Simulation broker = simulation(7);
        String queue = broker.addressOn(0, "queue");
        Producer producer = new Producer(broker, queue, broker.random(), 0);
        while (producer.sent < 200) {
            broker.settle();
            producer.send(200 - producer.sent);
        }
        broker.settle();
        broker.disk(Simulation.MIN_FREE_BYTES - 1);
        producer.send(MESSAGES);
        broker.settle();
        assertThat(broker.partitions().totals().residentBytes()).isGreaterThan(MEMORY_BYTES);
        assertThat(spill().writes).isZero();

        broker.disk(2 * Simulation.MIN_FREE_BYTES);
        Consumer consumer = new Consumer(broker, queue);
        run(broker, producer, consumer, 0);
        assertThat(consumer.accepted).isEqualTo(all());
    }

    /** What is being written counts as free already, and nobody would say when that is no longer so. */
    @Test
    void shouldGoOnWithOtherQueuesWhenWhatWasBeingWrittenBelongedToADeletedOne() {
        Simulation broker = simulation(9);
        spill().holdBack();
        String deleted = broker.addressOn(0, "deleted");
        fill(broker, deleted, 500);
        broker.manage(
                new ManagementRequest(Operation.DELETE, Optional.of(NodeKind.QUEUE), deleted, Map.of(), Map.of()));
        assertThat(broker.partitions().totals().residentBytes()).isZero();
        fill(broker, broker.addressOn(0, "queue"), 300);
        assertThat(broker.partitions().totals().residentBytes()).isGreaterThan(MEMORY_BYTES);

        spill().release();
        broker.settle();
        assertThat(broker.partitions().totals().residentBytes()).isLessThan(MEMORY_BYTES);
    }

    /** Of as many as are read at once there may be none that can be read: that ends no search. */
    @Test
    void shouldFindAScheduledMessageBehindADamagedOne() {
        Simulation broker = simulation(10);
        String queue = broker.addressOn(0, "queue");
        Peer peer = broker.producer(1, queue);
        spill().damagedMessages = 1;
        sendScheduled(broker, peer, 0);
        spill().damagedMessages = 0;
        sendScheduled(broker, peer, 1);
        assertThat(spill().writes).isEqualTo(2);

        Map<String, Object> named = Map.of("messageId", "message-1");
        ManagementAnswer answer = broker.manage(
                new ManagementRequest(Operation.CANCEL, Optional.of(NodeKind.QUEUE), queue, named, Map.of()));
        assertThat(answer.status()).isEqualTo(ManagementAnswer.NO_CONTENT);
        assertThat(broker.partitions().totals().messages()).isEqualTo(1);
    }

    /** As large as what is read at once. */
    private static void sendScheduled(Simulation broker, Peer peer, int number) {
        Message message = Message.Factory.create();
        message.setMessageId("message-" + number);
        message.setMessageAnnotations(
                new MessageAnnotations(Map.of(Symbol.valueOf("x-opt-delivery-delay"), 3_600_000L)));
        byte[] body = ByteBuffer.allocate(1 << 20)
                .putInt((1 << 20) - Integer.BYTES, number)
                .array();
        message.setBody(new Data(new Binary(body)));
        byte[] bytes = new byte[body.length + 1_000];
        int length = message.encode(bytes, 0, bytes.length);
        int part = 16_000;
        int from = 0;
        for (; from + part < length; from += part) {
            peer.part(0, number, Arrays.copyOfRange(bytes, from, from + part));
            broker.settle();
        }
        peer.transfer(0, number, Arrays.copyOfRange(bytes, from, length));
        broker.settle();
    }

    private static void fill(Simulation broker, String address, int messages) {
        Producer producer = new Producer(broker, address, broker.random(), 0);
        while (producer.sent < messages) {
            broker.settle();
            producer.send(messages - producer.sent);
        }
        broker.settle();
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24, 25, 26})
    void shouldLoseNothingButWhatIsDamaged(long seed) {
        Simulation broker = simulation(seed);
        spill().damagedMessages = 20;
        String queue = broker.addressOn(0, "queue");
        Consumer consumer = new Consumer(broker, queue);
        run(broker, new Producer(broker, queue, broker.random(), 2 * (int) (seed % 4)), consumer, 0);
        assertThat(spill().damaged()).isNotEmpty();
        List<Integer> intact = all().stream()
                .filter(number -> !spill().damaged().contains(number))
                .toList();
        assertThat(consumer.accepted).isSubsetOf(all()).containsAll(intact).doesNotHaveDuplicates();
        assertThat(consumer.accepted).isSorted();
    }

    @ParameterizedTest
    @ValueSource(longs = {31, 32, 33, 34})
    void shouldKeepWhatIsDurableAndNothingElseOverACrash(long seed) {
        Simulation broker = simulation(seed);
        String queue = broker.addressOn(0, "queue");
        Producer producer = new Producer(broker, queue, broker.random(), 2);
        for (int step = 0; step < 20; step++) {
            broker.settle();
            producer.send(MESSAGES);
        }
        broker.settle();
        assertThat(spill().writes).isPositive();
        assertThat(producer.sent).isEqualTo(MESSAGES);

        broker.crashAndRestart();
        Consumer consumer = new Consumer(broker, queue);
        int left = (int) broker.partitions().totals().messages();
        assertThat(left).isBetween(MESSAGES / 4, 3 * MESSAGES / 4);
        while (consumer.accepted.size() < left) {
            consumer.receive(broker, 100, 0);
        }
        assertThat(consumer.accepted).isSorted().doesNotHaveDuplicates();
        assertThat(broker.partitions().totals().messages()).isZero();
    }
}
