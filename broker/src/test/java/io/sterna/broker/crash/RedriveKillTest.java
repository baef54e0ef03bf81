package io.sterna.broker.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Tracker;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters that are being moved back by management while the broker is killed. */
@Timeout(180)
class RedriveKillTest {
    private static final long PATIENCE_SECONDS = 30;
    private static final int MESSAGES = 1_000;
    private static final String HOME = "home";
    private static final String DEAD_LETTERS = HOME + "/$deadletterqueue";
    private static final String ELSEWHERE = "elsewhere";

    @TempDir
    Path directory;

    private BrokerProcess start() {
        return BrokerProcess.start(directory.resolve("data"), 0, List.of());
    }

    private static void sendAndReject(Connection connection) throws ClientException {
        try (Sender sender = connection.openSender(HOME);
                Receiver receiver = connection.openReceiver(HOME, new ReceiverOptions().autoAccept(false))) {
            List<Tracker> trackers = new ArrayList<>();
            for (int number = 0; number < MESSAGES; number++) {
                trackers.add(sender.send(Message.create(number).durable(true)));
            }
            for (Tracker tracker : trackers) {
                tracker.awaitAccepted(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
            for (int number = 0; number < MESSAGES; number++) {
                receiver.receive(PATIENCE_SECONDS, TimeUnit.SECONDS).reject("app:bad", "to the dead letters");
            }
        }
    }

    /** What is there, taken out until nothing more comes. */
    private static List<Integer> drain(Connection connection, String address) throws Exception {
        List<Integer> numbers = new ArrayList<>();
        try (Receiver receiver = connection.openReceiver(address, new ReceiverOptions().creditWindow(0))) {
            receiver.addCredit(2 * MESSAGES);
            receiver.drain().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            for (Delivery delivery = receiver.receive(1, TimeUnit.SECONDS);
                    delivery != null;
                    delivery = receiver.receive(1, TimeUnit.SECONDS)) {
                numbers.add((Integer) delivery.message().body());
            }
        }
        return numbers;
    }

    @Test
    void shouldHaveEachMessageInOnePlaceWhenKilledWhileDeadLettersAreMoved() throws Exception {
        BrokerProcess broker = start();
        try (Client client = Client.create();
                Connection connection = client.connect(broker.host(), broker.port())) {
            sendAndReject(connection);
            Receiver moved = connection.openReceiver(ELSEWHERE, new ReceiverOptions().autoAccept(false));
            moved.openFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            connection
                    .openSender("$management")
                    .send(Message.create("")
                            .property("operation", "REDRIVE")
                            .property("type", "sterna.queue")
                            .property("name", HOME)
                            .property("target", ELSEWHERE));
            assertThat(moved.receive(PATIENCE_SECONDS, TimeUnit.SECONDS)).isNotNull();
        } finally {
            broker.kill();
        }

        BrokerProcess again = start();
        try (Client client = Client.create();
                Connection connection = client.connect(again.host(), again.port())) {
            List<Integer> there = drain(connection, ELSEWHERE);
            assertThat(there).isNotEmpty();
            there.addAll(drain(connection, DEAD_LETTERS));
            there.addAll(drain(connection, HOME)); // Those whose outcome was under way still.
            assertThat(there)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, MESSAGES).boxed().toList());
        } finally {
            again.kill();
        }
    }
}
