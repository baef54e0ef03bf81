package io.sterna.broker.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.DeliveryState;
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
    private static final List<String> SETTINGS =
            List.of("queues.policies=[{match=\"dedup.*\", dedup-window=1 h}, {match=\"retry.*\", redelivery-delay=4 s},"
                    + "{match=\"orders.*\", dedup-window=1 h, dedup-annotation=x-opt-order}]");

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

    private static Message<String> order(String body, String messageId, String order) throws ClientException {
        return Message.create(body).messageId(messageId).annotation("x-opt-order", order);
    }

    @Test
    void shouldKnowACopyByItsAnnotationWhenKilledAfterTheFirst() throws Exception {
        live(connection -> {
            send(connection, "orders.a", order("one", "id-1", "4711"));
            send(connection, "orders.a", order("copy", "id-2", "4711"));
        });
        live(connection -> {
            send(connection, "orders.a", order("copy", "id-3", "4711"));
            send(connection, "orders.a", order("two", "id-1", "4712"));
        });
        live(connection -> assertThat(receive(connection, "orders.a", 2)).containsExactly("one", "two"));
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

    @Test
    void shouldKeepWhatManagementHasGivenAQueueWhenKilled() throws Exception {
        live(connection -> {
            manage(connection, "CREATE", "made", Map.of("max-length", 5, "overflow", "reject"));
            manage(connection, "UPDATE", "made", Map.of("max-length", 2));
            send(connection, "there", Message.create("one"));
            manage(connection, "UPDATE", "there", Map.of("dedup-window", "1 h"));
            send(connection, "there", Message.create("two").messageId("id-1"));
        });
        live(connection -> {
            send(connection, "made", Message.create("one"));
            send(connection, "made", Message.create("two"));
            try (Sender sender = connection.openSender("made")) {
                assertThat(sender.send(Message.create("three").durable(true))
                                .awaitSettlement(PATIENCE_SECONDS, TimeUnit.SECONDS)
                                .remoteState()
                                .getType())
                        .isEqualTo(DeliveryState.Type.REJECTED);
            }
            send(connection, "there", Message.create("copy").messageId("id-1"));
            send(connection, "there", Message.create("three").messageId("id-3"));
            manage(connection, "UPDATE", "made", Collections.singletonMap("max-length", null));
        });
        live(connection -> {
            send(connection, "made", Message.create("three"));
            assertThat(receive(connection, "made", 3)).containsExactly("one", "two", "three");
            assertThat(receive(connection, "there", 3)).containsExactly("one", "two", "three");
        });
    }

    private static void manage(Connection connection, String operation, String queue, Map<String, Object> settings)
            throws ClientException {
        try (Receiver replies = connection.openReceiver("$management");
                Sender requests = connection.openSender("$management")) {
            replies.openFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            requests.send(Message.create(settings)
                    .property("operation", operation)
                    .property("type", "sterna.queue")
                    .property("name", queue));
            Delivery reply = replies.receive(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat((Integer) reply.message().property("statusCode")).isBetween(200, 201);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** A group is what its messages say, so it goes on with what is left of it, in order and with one consumer. */
    @Test
    void shouldGoOnWithGroupsInOrderWhenKilled() throws Exception {
        live(connection -> {
            for (int number = 0; number < 40; number++) {
                send(
                        connection,
                        "groups",
                        Message.create(Integer.toString(number)).groupId("group-" + number % 4));
            }
            assertThat(receive(connection, "groups", 8)).hasSize(8);
        });
        live(connection -> {
            Map<String, String> consumerOfGroup = new HashMap<>();
            Map<String, Integer> last = new HashMap<>();
            ReceiverOptions one = new ReceiverOptions().creditWindow(0);
            try (Receiver first = connection.openReceiver("groups", one);
                    Receiver second = connection.openReceiver("groups", one)) {
                first.addCredit(32);
                second.addCredit(32);
                for (int received = 0; received < 32; ) {
                    for (Receiver receiver : List.of(first, second)) {
                        Delivery delivery = receiver.receive(100, TimeUnit.MILLISECONDS);
                        if (delivery != null) {
                            received++;
                            String group = delivery.message().groupId();
                            String name = receiver == first ? "first" : "second";
                            assertThat(consumerOfGroup.putIfAbsent(group, name)).isIn(null, name);
                            int number =
                                    Integer.parseInt((String) delivery.message().body());
                            assertThat(last.put(group, number)).isIn(null, number - 4);
                            delivery.accept();
                        }
                    }
                }
            }
            assertThat(consumerOfGroup).hasSize(4);
            assertThat(last.values()).containsExactlyInAnyOrder(36, 37, 38, 39);
        });
    }
}
