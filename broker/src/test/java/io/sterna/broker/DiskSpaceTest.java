package io.sterna.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.partition.DiskSpace;
import io.sterna.store.InMemoryStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.Sender;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The broker looks at its disk by itself. */
@Timeout(60)
class DiskSpaceTest {
    private static final long GIB = 1L << 30;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final AtomicLong freeBytes = new AtomicLong(2 * GIB);

    @Test
    void shouldStopProducersAndServeConsumersUntilThereIsRoomAgain() throws Exception {
        try (BrokerFixture fixture =
                new BrokerFixture(new InMemoryStore(), GIB, () -> new DiskSpace.Reading(freeBytes.get(), 100 * GIB))) {
            assertThat(fixture.meter("sterna.disk.min.free.bytes")).isEqualTo(GIB);
            assertThat(fixture.meter("sterna.disk.tight")).isZero();
            Connection connection = fixture.connect();
            Sender sender = connection.openSender("q");
            sender.send(message(0)).awaitAccepted();

            freeBytes.set(GIB - 1);
            await().atMost(PATIENCE).until(() -> fixture.meter("sterna.disk.tight") == 1);
            assertThat(fixture.meter("sterna.disk.free.bytes")).isEqualTo(GIB - 1);
            int sent = 1;
            while (sent < 10_000 && sender.trySend(message(sent)) != null) {
                sent++;
            }
            assertThat(sent).isLessThan(10_000);
            int expected = sent;
            await().atMost(PATIENCE).until(() -> fixture.meter("sterna.messages") == expected);
            Receiver receiver = connection.openReceiver("q");
            for (int number = 0; number < sent; number++) {
                Delivery delivery = receiver.receive(30, TimeUnit.SECONDS);
                assertThat(delivery.message().body()).isEqualTo("message " + number);
            }
            assertThat(fixture.broker().problem()).isEmpty();

            freeBytes.set(2 * GIB);
            sender.send(message(sent)).awaitAccepted(); // Waits for credit.
            await().atMost(PATIENCE).until(() -> fixture.meter("sterna.disk.tight") == 0);
        }
    }

    @Test
    void shouldTellWhatTheDiskOfADirectoryIsLike(@TempDir Path directory) throws Exception {
        DiskSpace.Reading now = DiskSpace.of(directory).look();
        assertThat(now.usableBytes()).isBetween(0L, now.totalBytes());
        assertThat(now.totalBytes()).isPositive();
    }

    private static Message<String> message(int number) throws Exception {
        return Message.create("message " + number).durable(true);
    }
}
