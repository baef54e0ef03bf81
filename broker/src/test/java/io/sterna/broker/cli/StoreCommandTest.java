package io.sterna.broker.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.BrokerFixture;
import io.sterna.store.DurableStore;
import io.sterna.store.Store;
import io.sterna.store.StoreConfig;
import io.sterna.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Tracker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code sterna store} finds and does in the directory of a broker, and what clients get from it. */
@Timeout(120)
class StoreCommandTest {
    private static final int MESSAGES = 600;
    private static final int BODY_BYTES = 2_000;
    private static final long MEMORY_BYTES = 16L << 20;

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    @BeforeEach
    void fill() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(open(), MEMORY_BYTES);
                Sender sender = fixture.connect().openSender("orders")) {
            Tracker last = sender.send(message(0));
            for (int number = 1; number < MESSAGES; number++) {
                last = sender.send(message(number));
            }
            last.settlementFuture().get(60, TimeUnit.SECONDS);
        }
    }

    private Store open() throws StoreException {
        return DurableStore.open(directory, StoreConfig.defaults());
    }

    private static Message<byte[]> message(int number) throws Exception {
        return Message.create(body(number)).durable(true);
    }

    /** Its number, and bytes that follow from it. */
    private static byte[] body(int number) {
        byte[] body = new byte[BODY_BYTES];
        new Random(number).nextBytes(body);
        body[0] = (byte) (number >> 8);
        body[1] = (byte) number;
        return body;
    }

    private int run(String... arguments) {
        output.reset();
        PrintStream before = System.out;
        System.setOut(new PrintStream(output, true, UTF_8));
        try {
            String[] all =
                    Stream.concat(Stream.of("store"), Arrays.stream(arguments)).toArray(String[]::new);
            return Main.execute(all);
        } finally {
            System.setOut(before);
        }
    }

    private int runHere(String... arguments) {
        return run(Stream.concat(Arrays.stream(arguments), Stream.of("--data", directory.toString()))
                .toArray(String[]::new));
    }

    private String said() {
        return output.toString(UTF_8);
    }

    /** Takes all there is; each must be as it was sent. */
    private Set<Integer> drain(int atLeast) throws Exception {
        Set<Integer> numbers = new HashSet<>();
        try (BrokerFixture fixture = new BrokerFixture(open(), MEMORY_BYTES)) {
            Receiver receiver = fixture.connect().openReceiver("orders", new ReceiverOptions().creditWindow(1_000));
            for (Delivery delivery = receiver.receive(2, TimeUnit.SECONDS);
                    delivery != null;
                    delivery = receiver.receive(numbers.size() < atLeast ? 30 : 1, TimeUnit.SECONDS)) {
                byte[] body = (byte[]) delivery.message().body();
                int number = ((body[0] & 0xff) << 8) | (body[1] & 0xff);
                assertThat(body).isEqualTo(body(number));
                assertThat(numbers.add(number)).isTrue();
            }
        }
        return numbers;
    }

    private Path file(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    private void damage(Path file, int from, int count) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        for (int at = from; at < from + count; at++) {
            bytes[at] ^= 0x10;
        }
        Files.write(file, bytes);
    }

    @Test
    void shouldFindNothingWhenNothingIsDamaged() throws Exception {
        assertThat(runHere("verify")).isZero();
        assertThat(said()).contains("600 messages", "Intact");
        assertThat(runHere("stats")).isZero();
        assertThat(said()).containsPattern("orders +600 ").contains("journal", "message files");
        assertThat(runHere("repair")).isZero();
        assertThat(said()).contains("nothing to repair");
    }

    @Test
    void shouldRefuseWhenABrokerRunsAndWhenThereIsNothing() throws Exception {
        Store store = open();
        assertThat(runHere("verify")).isEqualTo(3);
        store.close();
        assertThat(run("verify", "--data", directory.resolve("missing").toString()))
                .isEqualTo(1);
        assertThat(run("verify", "--set", "data.dir=" + directory)).isZero();
        assertThat(run()).isEqualTo(2);
    }

    @Test
    void shouldRestoreEveryMessageWhenABitIsFlipped() throws Exception {
        Path messages = file("messages-");
        damage(messages, (int) Files.size(messages) / 2, 1);

        assertThat(runHere("verify")).isEqualTo(4);
        assertThat(said()).contains(messages.toString(), "nothing is lost");
        assertThat(drain(MESSAGES)).hasSize(MESSAGES);
        assertThat(runHere("verify")).isZero();
    }

    @Test
    void shouldDeliverOnlyWhatIsIntactWhenMuchIsDamaged() throws Exception {
        Path messages = file("messages-");
        damage(messages, (int) Files.size(messages) / 2, 100_000);
        assertThat(drain(1)).hasSizeBetween(1, MESSAGES - 1);
    }

    @Test
    void shouldDeliverAllThatIsIntactWhenRepaired() throws Exception {
        Path messages = file("messages-");
        damage(messages, (int) Files.size(messages) / 2, 100_000);

        assertThat(runHere("repair")).isEqualTo(4);
        assertThat(said()).contains("orders (queue ", "can't be delivered", "Nothing was changed");
        assertThat(messages).exists();
        assertThat(runHere("repair", "--yes")).isZero();
        assertThat(said()).contains("Repaired", "damaged-1-" + messages.getFileName());
        assertThat(runHere("verify")).isZero();

        // The damage and the blocks of messages at both its ends.
        assertThat(drain(400)).hasSizeBetween(400, MESSAGES - 40);
    }
}
