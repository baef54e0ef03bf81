package io.sterna.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.store.DurableStore;
import io.sterna.store.Store;
import io.sterna.store.StoreConfig;
import io.sterna.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.DistributionMode;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.SenderOptions;
import org.apache.qpid.protonj2.client.Tracker;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.apache.qpid.protonj2.types.Symbol;
import org.apache.qpid.protonj2.types.UnknownDescribedType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Messages that are not durable, and more of them than memory has room for. */
@Timeout(120)
class SpillTest {
    private static final long LITTLE_BYTES = 4L << 20;
    private static final int BODY_BYTES = 4 * 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private Store open() throws StoreException {
        return DurableStore.open(directory, StoreConfig.defaults());
    }

    private BrokerFixture start() throws Exception {
        return new BrokerFixture(open(), LITTLE_BYTES);
    }

    private interface Change {
        Message<byte[]> of(int number, Message<byte[]> message) throws ClientException;
    }

    private static void send(Connection connection, String address, int count, Change change) throws Exception {
        SenderOptions options = new SenderOptions();
        if (address.equals("topic")) {
            options.targetOptions().capabilities("topic");
        }
        try (Sender sender = connection.openSender(address, options)) {
            List<Tracker> trackers = new ArrayList<>();
            for (int number = 0; number < count; number++) {
                Message<byte[]> message =
                        Message.create(new byte[BODY_BYTES]).durable(false).property("n", number);
                trackers.add(sender.send(change.of(number, message)));
            }
            for (Tracker tracker : trackers) {
                tracker.awaitAccepted(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    private static void send(Connection connection, String address, int count) throws Exception {
        send(connection, address, count, (number, message) -> message);
    }

    private static int receive(Receiver receiver) throws ClientException {
        Delivery delivery = receiver.receive(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(delivery).as("a delivery").isNotNull();
        int number = (int) delivery.message().property("n");
        delivery.accept();
        return number;
    }

    private static List<Integer> receive(Connection connection, String address, int count, ReceiverOptions options)
            throws ClientException {
        List<Integer> numbers = new ArrayList<>(count);
        try (Receiver receiver = connection.openReceiver(address, options)) {
            for (int index = 0; index < count; index++) {
                numbers.add(receive(receiver));
            }
            assertThat(receiver.tryReceive()).isNull();
        }
        return numbers;
    }

    private static ReceiverOptions options() {
        return new ReceiverOptions().creditWindow(200).autoAccept(false);
    }

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private List<String> spillFiles() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("spill-"))
                    .toList();
        }
    }

    private static double onDisk(BrokerFixture fixture) {
        return fixture.meter("sterna.spill.files.bytes");
    }

    private void awaitNothingLeft(BrokerFixture fixture) {
        await().atMost(PATIENCE)
                .until(() -> onDisk(fixture) == 0 && spillFiles().isEmpty());
        assertThat(fixture.meter("sterna.messages")).isZero();
        assertThat(fixture.meter("sterna.messages.resident.bytes")).isZero();
    }

    @Test
    void shouldTakeAllAndDrainInOrderWhenTheyAreMoreThanMemory() throws Exception {
        int count = 16_000;
        try (BrokerFixture fixture = start()) {
            send(fixture.connect(), "queue", count);
            assertThat(fixture.meter("sterna.messages.resident.bytes")).isLessThan(LITTLE_BYTES);
            assertThat(onDisk(fixture)).isGreaterThan(count * (double) BODY_BYTES - 2 * LITTLE_BYTES);

            assertThat(receive(fixture.connect(), "queue", count, options())).isEqualTo(upTo(count));
            awaitNothingLeft(fixture);
        }
    }

    @Test
    void shouldKeepTheOrderBetweenThoseThatAreDurableAndThoseThatAreNot() throws Exception {
        int count = 4_000;
        try (BrokerFixture fixture = start()) {
            send(fixture.connect(), "queue", count, (number, message) -> message.durable(number % 3 == 0));
            assertThat(receive(fixture.connect(), "queue", count, options())).isEqualTo(upTo(count));
            awaitNothingLeft(fixture);
        }
    }

    @Test
    void shouldWriteOnceWhatManySubscriptionsWaitFor() throws Exception {
        int count = 4_000;
        try (BrokerFixture fixture = start()) {
            Connection connection = fixture.connect();
            List<Receiver> receivers = new ArrayList<>();
            for (int number = 0; number < 5; number++) {
                ReceiverOptions options = options().creditWindow(0);
                options.sourceOptions().capabilities("topic");
                Receiver receiver = connection.openReceiver("topic", options);
                receiver.openFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                receivers.add(receiver);
            }
            send(fixture.connect(), "topic", count);
            assertThat(fixture.meter("sterna.messages")).isEqualTo(5.0 * count);
            assertThat(onDisk(fixture)).isBetween(8e6, 1.05 * count * (BODY_BYTES + 100));
            for (Receiver receiver : receivers) {
                receiver.addCredit(count);
                for (int number = 0; number < count; number++) {
                    assertThat(receive(receiver)).isEqualTo(number);
                }
            }
            awaitNothingLeft(fixture);
        }
    }

    @Test
    void shouldServeSelectorsBrowsersAndPriorities() throws Exception {
        int count = 3_000;
        try (BrokerFixture fixture = start()) {
            send(fixture.connect(), "queue", count, (number, message) -> message.priority((byte) (number % 3 + 3)));
            Connection connection = fixture.connect();
            ReceiverOptions browsing = options();
            browsing.sourceOptions().distributionMode(DistributionMode.COPY);
            List<Integer> expected = Stream.of(2, 1, 0)
                    .flatMap(rest -> upTo(count).stream().filter(number -> number % 3 == rest))
                    .toList();
            assertThat(receive(connection, "queue", count, browsing)).isEqualTo(expected);

            assertThat(receive(connection, "queue", 99, selecting("n > 2900")))
                    .isEqualTo(
                            expected.stream().filter(number -> number > 2_900).toList());

            assertThat(receive(connection, "queue", count - 99, options()))
                    .isEqualTo(
                            expected.stream().filter(number -> number <= 2_900).toList());
            awaitNothingLeft(fixture);
        }
    }

    private static ReceiverOptions selecting(String selector) {
        ReceiverOptions options = options();
        options.sourceOptions()
                .filters(Map.of(
                        "jms-selector",
                        new UnknownDescribedType(Symbol.valueOf("apache.org:selector-filter:string"), selector)));
        return options;
    }

    @Test
    void shouldMoveWhatExpiresToTheDeadLetters() throws Exception {
        int count = 3_000;
        try (BrokerFixture fixture = start()) {
            send(fixture.connect(), "queue", count, (number, message) -> message.timeToLive(3_000));
            List<Integer> dead = receive(fixture.connect(), "queue/$deadletterqueue", count, options());
            assertThat(dead).containsExactlyInAnyOrderElementsOf(upTo(count));
            awaitNothingLeft(fixture);
        }
    }

    @Test
    void shouldGiveSpaceBackWhenFewAreLeftAmongMany() throws Exception {
        int count = 24_000;
        try (BrokerFixture fixture = start()) {
            Connection connection = fixture.connect();
            send(connection, "queue", count, (number, message) -> message.property("kept", number % 400 == 0));
            double full = onDisk(fixture);
            assertThat(receive(connection, "queue", count - count / 400, selecting("kept = false")))
                    .hasSize(count - count / 400);

            await().atMost(PATIENCE).until(() -> onDisk(fixture) < full / 2);
            assertThat(receive(connection, "queue", count / 400, options()))
                    .isEqualTo(IntStream.range(0, count / 400)
                            .mapToObj(n -> 400 * n)
                            .toList());
            awaitNothingLeft(fixture);
        }
    }

    @Test
    void shouldFindNothingOfItAfterARestart() throws Exception {
        Files.write(directory.resolve("spill-00000001"), new byte[1_000]);
        Files.write(directory.resolve("spill-00000123"), new byte[0]);
        try (BrokerFixture fixture = start()) {
            assertThat(spillFiles()).isEmpty();
            send(fixture.connect(), "queue", 3_000, (number, message) -> message.durable(number == 1_000));
            assertThat(spillFiles()).isNotEmpty();
        }
        assertThat(spillFiles()).isEmpty();
        try (BrokerFixture fixture = start()) {
            assertThat(receive(fixture.connect(), "queue", 1, options())).containsExactly(1_000);
            awaitNothingLeft(fixture);
        }
    }

    @Test
    void shouldCarryMessagesThatAreLargerThanMemory() throws Exception {
        try (BrokerFixture fixture = start()) {
            try (Sender sender = fixture.connect().openSender("queue")) {
                for (int number = 0; number < 6; number++) {
                    sender.send(Message.create(new byte[(int) LITTLE_BYTES]).property("n", number))
                            .awaitAccepted(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                }
            }
            await().atMost(PATIENCE).until(() -> fixture.meter("sterna.messages.resident.bytes") < LITTLE_BYTES);
            assertThat(receive(fixture.connect(), "queue", 6, options())).isEqualTo(upTo(6));
            awaitNothingLeft(fixture);
        }
    }
}
