package io.sterna.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.store.DurableStore;
import io.sterna.store.InMemoryStore;
import io.sterna.store.Store;
import io.sterna.store.StoreConfig;
import io.sterna.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Tracker;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Little memory for payloads, and more messages than fit into it. */
@Timeout(120)
class MemoryTest {
    private static final long LITTLE_BYTES = 4L << 20;
    private static final int BODY_BYTES = 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private Store open() throws StoreException {
        return DurableStore.open(directory, StoreConfig.defaults());
    }

    private static Message<byte[]> message(int number, int bytes, boolean durable) throws ClientException {
        byte[] body = Arrays.copyOf(Integer.toString(number).getBytes(StandardCharsets.UTF_8), bytes);
        return Message.create(body).durable(durable);
    }

    private static int number(Delivery delivery) throws ClientException {
        byte[] body = (byte[]) delivery.message().body();
        int number = 0;
        for (int at = 0; at < body.length && body[at] != 0; at++) {
            number = 10 * number + body[at] - '0';
        }
        return number;
    }

    private static void send(Connection connection, String address, int count) throws Exception {
        try (Sender sender = connection.openSender(address)) {
            Tracker last = sender.send(message(0, BODY_BYTES, true));
            for (int number = 1; number < count; number++) {
                last = sender.send(message(number, BODY_BYTES, true));
            }
            last.settlementFuture().get(60, TimeUnit.SECONDS);
        }
    }

    private static Delivery receive(Receiver receiver) throws ClientException {
        Delivery delivery = receiver.receive(60, TimeUnit.SECONDS);
        if (delivery == null) {
            throw new AssertionError("no delivery came");
        }
        return delivery;
    }

    private void drainBacklog(int count) throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(open(), LITTLE_BYTES)) {
            send(fixture.connect(), "backlog", count);
            assertThat(fixture.meter("sterna.messages.resident.bytes")).isLessThan(LITTLE_BYTES);
            assertThat(fixture.meter("sterna.messages")).isEqualTo(count);
        }
        try (BrokerFixture fixture = new BrokerFixture(open(), LITTLE_BYTES)) {
            assertThat(fixture.meter("sterna.messages.resident.bytes")).isZero();
            Receiver receiver = fixture.connect().openReceiver("backlog", new ReceiverOptions().creditWindow(1_000));
            for (int number = 0; number < count; number++) {
                assertThat(number(receive(receiver))).isEqualTo(number);
            }
            assertThat(fixture.meter("sterna.messages.resident.bytes")).isLessThan(LITTLE_BYTES);
            await().atMost(PATIENCE).until(() -> fixture.meter("sterna.messages") == 0);
        }
    }

    @Test
    void shouldDrainInOrderWhenABacklogIsLargerThanMemory() throws Exception {
        drainBacklog(20_000);
    }

    @Tag("long")
    @Test
    void shouldDrainInOrderWhenABacklogIsMuchLargerThanMemory() throws Exception {
        drainBacklog(200_000);
    }

    @Test
    void shouldStopProducersOfVolatileMessagesUntilThereIsRoom() throws Exception {
        int count = 12_000;
        try (BrokerFixture fixture = new BrokerFixture(new InMemoryStore(), LITTLE_BYTES)) {
            Sender sender = fixture.connect().openSender("volatile");
            int sent = 0;
            for (Tracker tracker = sender.trySend(message(sent, BODY_BYTES, false));
                    ;
                    tracker = sender.trySend(message(sent, BODY_BYTES, false))) {
                if (tracker != null) {
                    sent++;
                } else if (fixture.meter("sterna.messages.resident.bytes") > LITTLE_BYTES / 2.0
                        && fixture.meter("sterna.messages") == sent) {
                    break; // No credit, and none under way to us.
                }
                assertThat(sent).isLessThan(count);
            }
            // One loop's share, and what the last credit allowed.
            assertThat(fixture.meter("sterna.messages.resident.bytes")).isLessThan(LITTLE_BYTES + 1_100.0 * 1_100);

            Receiver receiver = fixture.connect().openReceiver("volatile", new ReceiverOptions().creditWindow(100));
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            for (int received = 0; received < count; ) {
                // Credit may come when all that was sent has been received already.
                while (sent < count && sender.trySend(message(sent, BODY_BYTES, false)) != null) {
                    sent++;
                }
                Delivery delivery = receiver.receive(10, TimeUnit.MILLISECONDS);
                if (delivery != null) {
                    assertThat(number(delivery)).isEqualTo(received);
                    received++;
                    deadline = System.nanoTime() + PATIENCE.toNanos();
                }
                assertThat(System.nanoTime() < deadline)
                        .as("%s of %s messages received in time", received, sent)
                        .isTrue();
            }
        }
    }

    /** What one consumer holds must not stop the others. */
    @Test
    void shouldServeOthersWhenOneConsumerHoldsMoreThanMemory() throws Exception {
        int count = 10_000;
        try (BrokerFixture fixture = new BrokerFixture(open(), LITTLE_BYTES)) {
            Connection greedy = fixture.connect();
            Connection others = fixture.connect();
            send(others, "hoarded", count);
            Receiver hoarder = greedy.openReceiver(
                    "hoarded",
                    new ReceiverOptions().creditWindow(0).autoAccept(false).autoSettle(false));
            hoarder.addCredit(count);
            Delivery first = receive(hoarder);
            await().atMost(PATIENCE).until(() -> fixture.meter("sterna.messages.resident.bytes") > LITTLE_BYTES / 2.0);

            for (int queue = 0; queue < 4; queue++) {
                send(others, "other." + queue, 1_000);
                Receiver receiver = others.openReceiver("other." + queue);
                for (int number = 0; number < 1_000; number++) {
                    assertThat(number(receive(receiver))).isEqualTo(number);
                }
            }
            assertThat(fixture.meter("sterna.messages.resident.bytes")).isLessThan(2.0 * LITTLE_BYTES);

            first.accept();
            for (int number = 1; number < count; number++) {
                Delivery delivery = receive(hoarder);
                assertThat(number(delivery)).isEqualTo(number);
                delivery.accept();
            }
        }
    }

    @Test
    void shouldCarryAMessageThatIsLargerThanMemory() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(open(), LITTLE_BYTES)) {
            Connection connection = fixture.connect();
            Sender sender = connection.openSender("large");
            for (int number = 0; number < 3; number++) {
                sender.send(message(number, 3 * (int) LITTLE_BYTES, number % 2 == 0))
                        .awaitAccepted();
            }
            Receiver receiver = connection.openReceiver("large");
            for (int number = 0; number < 3; number++) {
                assertThat(number(receive(receiver))).isEqualTo(number);
            }
        }
    }

    @Test
    void shouldKeepToTheLimitWhenThereAreManyQueues() throws Exception {
        int queues = 400;
        try (BrokerFixture fixture = new BrokerFixture(open(), LITTLE_BYTES)) {
            Connection connection = fixture.connect();
            for (int queue = 0; queue < queues; queue++) {
                send(connection, "many." + queue, 30);
            }
            assertThat(fixture.meter("sterna.messages")).isEqualTo(30.0 * queues);
            assertThat(fixture.meter("sterna.messages.resident.bytes")).isLessThanOrEqualTo(LITTLE_BYTES);
            for (int queue = 0; queue < queues; queue += 40) {
                Receiver receiver = connection.openReceiver("many." + queue);
                for (int number = 0; number < 30; number++) {
                    assertThat(number(receive(receiver))).isEqualTo(number);
                }
            }
        }
    }
}
