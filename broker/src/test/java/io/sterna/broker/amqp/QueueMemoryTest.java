package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.management.ManagementRequest;
import io.sterna.broker.management.ManagementRequest.Operation;
import io.sterna.broker.partition.NodeKind;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.junit.jupiter.api.Test;

/** What each queue may have in memory, in virtual time. */
class QueueMemoryTest {
    private static final long MEMORY_BYTES = 8L << 20;
    private static final int BODY_BYTES = 1_000;

    private final Simulation broker =
            new Simulation(7, MEMORY_BYTES, "queues.policies=[{match=\"small.#\", max-memory=2 MiB}]");

    /** Sends durable messages, numbered from 0. */
    private void send(String address, int count) {
        Peer producer = broker.connect(1);
        producer.send(address, 0);
        broker.settle();
        int sent = 0;
        while (sent < count) {
            int upTo = (int) Math.min(count, producer.limit(0));
            assertThat(upTo).isGreaterThan(sent);
            for (; sent < upTo; sent++) {
                producer.transfer(0, sent, TestMessages.message(sent, true, "", BODY_BYTES));
            }
            broker.settle();
        }
        producer.close();
        broker.settle();
    }

    private Map<String, Object> ask(Operation operation, String address, Map<String, Optional<Object>> settings) {
        return broker.manage(new ManagementRequest(operation, Optional.of(NodeKind.QUEUE), address, Map.of(), settings))
                .body();
    }

    private long residentBytes(String address) {
        return ((Number) ask(Operation.READ, address, Map.of()).get("residentBytes")).longValue();
    }

    private void drain(String address, int count) {
        Peer consumer = broker.connect(0);
        consumer.receive(address, 0);
        for (int received = 0; received < count; received = consumer.messages().size()) {
            consumer.flow(0, received, 500, false);
            broker.settle();
            consumer.dispose(received, consumer.messages().size() - 1, true, Accepted.getInstance());
            broker.settle();
        }
        assertThat(consumer.numbers())
                .containsExactlyElementsOf(IntStream.range(0, count).boxed().toList());
    }

    @Test
    void shouldKeepTheMessagesOfOthersInMemoryWhenABacklogIsDeep() {
        String active = broker.addressOn(0, "active");
        String deep = broker.addressOn(0, "deep");
        send(active, 1_000);
        long before = residentBytes(active);
        send(deep, 20_000);

        assertThat(residentBytes(active)).isEqualTo(before);
        assertThat(residentBytes(deep)).isBetween(MEMORY_BYTES / 2, MEMORY_BYTES);
        drain(deep, 20_000);
    }

    @Test
    void shouldLeaveABacklogItsShareWhenThereAreManyOthers() {
        String deep = broker.addressOn(0, "deep");
        send(deep, 20_000);
        for (int other = 0; other < 20; other++) {
            send(broker.addressOn(0, "other" + other + "."), 1_000);
        }

        assertThat(residentBytes(deep)).isGreaterThan(MEMORY_BYTES / 2 / 21);
        drain(deep, 20_000);
    }

    @Test
    void shouldKeepToItsOwnLimitAndDeliverInOrder() {
        String small = broker.addressOn(0, "small.");
        send(small, 9_000);

        assertThat(residentBytes(small)).isBetween(1L << 20, 2L << 20);
        drain(small, 9_000);
        assertThat(residentBytes(small)).isZero();
    }

    @Test
    void shouldKeepToAnotherLimitAsSoonAsItIsGiven() {
        String queue = broker.addressOn(0, "queue");
        send(queue, 6_000);
        assertThat(residentBytes(queue)).isGreaterThan(5L << 20);

        ask(Operation.UPDATE, queue, Map.of("max-memory", Optional.of("3 MiB")));

        assertThat(residentBytes(queue)).isBetween(2L << 20, 3L << 20);
        drain(queue, 6_000);
    }
}
