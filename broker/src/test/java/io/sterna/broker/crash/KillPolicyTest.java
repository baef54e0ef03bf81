package io.sterna.broker.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a killed broker still knows of scheduled messages, and of messages that it has taken. */
@Timeout(180)
class KillPolicyTest {
    private static final long PATIENCE_SECONDS = 30;
    private static final List<String> SETTINGS = List.of(
            "queues.policies=[{match=\"dedup.*\", dedup-window=1 h}, {match=\"retry.*\", redelivery-delay=4 s}]");

    @TempDir
    Path directory;

    private interface Life {
        void with(Connection connection) throws ClientException;
    }

    /** One life of a broker on the test's data, ended by kill -9. */
    private void live(Life life) throws Exception {
        BrokerProcess broker = BrokerProcess.start(directory.resolve("data"), 0, SETTINGS);
        try (Client client = Client.create();
                Connection connection = client.connect(broker.host(), broker.port())) {
            life.with(connection);
        } finally {
            broker.kill();
        }
    }

    private static void send(Connection connection, String address, Message<String> message) throws ClientException {
        try (Sender sender = connection.openSender(address)) {
            sender.send(message.durable(true)).awaitAccepted(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static List<String> receive(Connection connection, String address, int count) throws ClientException {
        List<String> bodies = new ArrayList<>();
        try (Receiver receiver = connection.openReceiver(address)) {
            while (bodies.size() < count) {
                Delivery delivery = receiver.receive(PATIENCE_SECONDS, TimeUnit.SECONDS);
                assertThat(delivery).as("message after %s", bodies).isNotNull();
                bodies.add((String) delivery.message().body());
                delivery.accept();
            }
        }
        return bodies;
    }

    @Test
    void shouldDeliverScheduledMessagesAtTheirTimeWhenKilledBefore() throws Exception {
        long dueMillis = System.currentTimeMillis() + 8_000;
        live(connection -> {
            send(connection, "time", Message.create("late").annotation("x-opt-delivery-time", dueMillis));
            send(connection, "time", Message.create("now"));
        });
        live(connection -> {
            assertThat(receive(connection, "time", 2)).containsExactlyInAnyOrder("now", "late");
            assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(dueMillis);
        });
    }

    @Test
    void shouldNotStoreACopyWhenKilledAfterTheFirst() throws Exception {
        live(connection -> send(connection, "dedup.a", Message.create("one").messageId("id-1")));
        live(connection -> {
            send(connection, "dedup.a", Message.create("copy").messageId("id-1"));
            send(connection, "dedup.a", Message.create("two").messageId("id-2"));
        });
        live(connection -> assertThat(receive(connection, "dedup.a", 2)).containsExactly("one", "two"));
    }

    @Test
    void shouldRememberTheAttemptAndItsDelayWhenKilledAfterAFailedDelivery() throws Exception {
        live(connection -> {
            send(connection, "retry.a", Message.create("first"));
            try (Receiver receiver = connection.openReceiver("retry.a", new ReceiverOptions().autoAccept(false))) {
                receiver.receive(PATIENCE_SECONDS, TimeUnit.SECONDS).modified(true, false);
            }
            send(connection, "retry.a", Message.create("second"));
        });
        live(connection -> assertThat(receive(connection, "retry.a", 2)).contains("first", "second"));
    }
}
