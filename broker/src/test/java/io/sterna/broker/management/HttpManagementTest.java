package io.sterna.broker.management;

import static io.sterna.broker.management.ManagedBroker.encoded;
import static io.sterna.broker.management.ManagedBroker.receive;
import static io.sterna.broker.management.ManagedBroker.rejectAll;
import static io.sterna.broker.management.ManagedBroker.sendNumbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.jms.JmsConnection;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.apache.qpid.jms.JmsConnectionListener;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.DeliveryState;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.apache.qpid.protonj2.client.exceptions.ClientLinkRemotelyClosedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class HttpManagementTest {
    private ManagedBroker broker;
    private Connection connection;

    @BeforeEach
    void start() throws Exception {
        broker = new ManagedBroker();
        connection = broker.connect();
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void shouldCreateShowAndDeleteQueuesAndTopics() throws Exception {
        assertThat(broker.status("GET", "queues/orders")).isEqualTo(404);
        HttpResponse<String> created = broker.call("PUT", "queues/orders", "");
        assertThat(created.statusCode()).isEqualTo(201);
        assertThat(new JsonObject(created.body()).getString("address")).isEqualTo("orders");
        assertThat(broker.status("PUT", "queues/orders")).isEqualTo(200);
        assertThat(broker.status("PUT", "topics/orders")).isEqualTo(409);
        assertThat(broker.status("PUT", "topics/news")).isEqualTo(201);
        assertThat(broker.status("GET", "queues/news")).isEqualTo(404);
        assertThat(broker.get("topics/news").getString("kind")).isEqualTo("topic");
        assertThat(broker.status("DELETE", "queues/orders")).isEqualTo(204);
        assertThat(broker.status("DELETE", "queues/orders")).isEqualTo(404);
        assertThat(broker.status("DELETE", "topics/news")).isEqualTo(204);
        assertThat(broker.get("topics").getInteger("matching")).isZero();
    }

    @Test
    void shouldShowWhatAQueueHolds() throws Exception {
        sendNumbered(connection, "a b/c", 3);
        try (Receiver receiver = connection.openReceiver("a b/c")) {
            receive(receiver);
            await().untilAsserted(() -> {
                JsonObject shown = broker.get("queues/" + encoded("a b/c"));
                assertThat(shown.getInteger("messages")).isEqualTo(2);
                assertThat(shown.getInteger("consumers")).isEqualTo(1);
                assertThat(shown.getInteger("enqueued")).isEqualTo(3);
                assertThat(shown.getInteger("acknowledged")).isEqualTo(1);
            });
        }
    }

    @Test
    void shouldListPageByPage() throws Exception {
        for (int n = 0; n < 25; n++) {
            assertThat(broker.status("PUT", "queues/page." + (10 + n))).isEqualTo(201);
        }
        broker.call("PUT", "queues/other", "");
        List<String> found = new ArrayList<>();
        JsonObject page = broker.get("queues?prefix=page.&limit=10");
        while (page.containsKey("next")) {
            addresses(page, found);
            page = broker.get("queues?prefix=page.&limit=10&after=" + page.getString("next"));
        }
        addresses(page, found);
        assertThat(found).hasSize(25).isSorted().startsWith("page.10").endsWith("page.34");
        assertThat(broker.status("GET", "queues?limit=0")).isEqualTo(400);
        assertThat(broker.status("GET", "queues?limit=x")).isEqualTo(400);
    }

    private static void addresses(JsonObject page, List<String> to) {
        page.getJsonArray("nodes").forEach(node -> to.add(((JsonObject) node).getString("address")));
    }

    @Test
    void shouldRefuseToDeleteWhatIsUsedUnlessForced() throws Exception {
        Receiver receiver = connection.openReceiver("used");
        receiver.openFuture().get(ManagedBroker.PATIENCE_SECONDS, TimeUnit.SECONDS);
        HttpResponse<String> refused = broker.call("DELETE", "queues/used", "");
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(new JsonObject(refused.body()).getString("error")).contains("1 consumers", "force");
        assertThat(broker.status("DELETE", "queues/used?force=true")).isEqualTo(204);
        assertThat(broker.status("GET", "queues/used")).isEqualTo(404);
    }

    @Test
    void shouldPurge() throws Exception {
        sendNumbered(connection, "full", 5);
        HttpResponse<String> purged = broker.call("POST", "queues/full/purge", "");
        assertThat(new JsonObject(purged.body()).getInteger("removed")).isEqualTo(5);
        assertThat(broker.get("queues/full").getInteger("messages")).isZero();
        broker.call("PUT", "topics/t", "");
        assertThat(broker.status("POST", "topics/t/purge")).isEqualTo(409);
    }

    @Test
    void shouldMoveDeadLettersBackAsTheyWere() throws Exception {
        sendNumbered(connection, "work", 4);
        rejectAll(connection, "work", 4);
        await().untilAsserted(() -> assertThat(
                        broker.get("queues/" + encoded("work/$deadletterqueue")).getInteger("messages"))
                .isEqualTo(4));
        HttpResponse<String> moved = broker.call("POST", "queues/work/redrive", "{\"limit\": 3}");
        assertThat(new JsonObject(moved.body()).getInteger("moved")).isEqualTo(3);
        assertThat(broker.get("queues/" + encoded("work/$deadletterqueue")).getInteger("messages"))
                .isEqualTo(1);
        try (Receiver receiver = connection.openReceiver("work")) {
            for (int n = 0; n < 3; n++) {
                Message<Object> message = receive(receiver).message();
                assertThat(message.body()).isEqualTo(Integer.toString(n));
                assertThat(message.property("n")).isEqualTo(n);
                assertThat(message.durable()).isTrue();
                assertThat(message.deliveryCount()).isZero();
                assertThat(message.hasAnnotation("x-opt-deadletter-reason")).isFalse();
            }
        }
    }

    @Test
    void shouldMoveDeadLettersThatASelectorMatchesToATarget() throws Exception {
        sendNumbered(connection, "work", 250);
        rejectAll(connection, "work", 250);
        broker.call("PUT", "queues/elsewhere", "");
        await().untilAsserted(() -> assertThat(
                        broker.get("queues/" + encoded("work/$deadletterqueue")).getInteger("messages"))
                .isEqualTo(250));
        HttpResponse<String> moved = broker.call(
                "POST", "queues/work/redrive", "{\"selector\": \"n >= 240 OR n = 7\", \"target\": \"elsewhere\"}");
        assertThat(new JsonObject(moved.body()).getInteger("moved")).isEqualTo(11);
        assertThat(broker.get("queues/elsewhere").getInteger("messages")).isEqualTo(11);
        assertThat(broker.get("queues/" + encoded("work/$deadletterqueue")).getInteger("messages"))
                .isEqualTo(239);
        assertThat(broker.call("POST", "queues/work/redrive", "{\"selector\": \"n >\"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(broker.call("POST", "queues/work/redrive", "{\"target\": \"nowhere\"}")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void shouldListAndCancelScheduledMessages() throws Exception {
        try (Sender sender = connection.openSender("later")) {
            for (int n = 0; n < 3; n++) {
                Message<String> message = Message.create("later").durable(true);
                message.annotation("x-opt-delivery-time", 4_000_000_000_000L + n);
                sender.send(message).awaitAccepted(ManagedBroker.PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        }
        assertThat(broker.get("queues/later").getInteger("scheduled")).isEqualTo(3);
        JsonObject first = broker.get("queues/later/scheduled?limit=1")
                .getJsonArray("scheduled")
                .getJsonObject(0);
        assertThat(first.getLong("deliverAt")).isEqualTo(4_000_000_000_000L);
        JsonArray others = broker.get("queues/later/scheduled?after=" + first.getLong("message"))
                .getJsonArray("scheduled");
        assertThat(others).hasSize(2);
        assertThat(others.getJsonObject(1).getLong("deliverAt")).isEqualTo(4_000_000_000_002L);
        assertThat(broker.status("DELETE", "queues/later/scheduled/" + first.getLong("message")))
                .isEqualTo(204);
        assertThat(broker.status("DELETE", "queues/later/scheduled/" + first.getLong("message")))
                .isEqualTo(404);
        assertThat(broker.get("queues/later").getInteger("scheduled")).isEqualTo(2);
        assertThat(broker.status("DELETE", "queues/later/scheduled/1")).isEqualTo(404);
        assertThat(broker.status("DELETE", "queues/later/scheduled/x")).isEqualTo(400);
    }

    @Test
    void shouldManageDurableSubscriptions() throws Exception {
        try (jakarta.jms.Connection jms = new JmsConnectionFactory(broker.amqpUrl()).createConnection()) {
            jms.setClientID("reader");
            jms.start();
            Session session = jms.createSession();
            session.createDurableConsumer(session.createTopic("news"), "daily").close();
        }
        JsonObject list = broker.get("subscriptions");
        assertThat(list.getInteger("matching")).isEqualTo(1);
        JsonObject shown = list.getJsonArray("nodes").getJsonObject(0);
        assertThat(shown.getString("topic")).isEqualTo("news");
        assertThat(broker.get("topics/news").getInteger("subscriptions")).isEqualTo(1);
        sendNumbered(connection, "news", 2);
        String path = "subscriptions/" + encoded(shown.getString("address"));
        assertThat(broker.get(path).getInteger("messages")).isEqualTo(2);
        assertThat(new JsonObject(broker.call("POST", path + "/purge", "").body()).getInteger("removed"))
                .isEqualTo(2);
        assertThat(broker.status("DELETE", path)).isEqualTo(204);
        assertThat(broker.get("topics/news").getInteger("subscriptions")).isZero();
    }

    @Test
    void shouldGiveAQueueSettingsWhenItIsMadeAndChangeThem() throws Exception {
        assertThat(broker.call("PUT", "queues/limited", "{\"max-length\": 2, \"overflow\": \"reject\"}")
                        .statusCode())
                .isEqualTo(201);
        sendNumbered(connection, "limited", 2);
        try (Sender sender = connection.openSender("limited")) {
            assertThat(sender.send(Message.create("x"))
                            .awaitSettlement(ManagedBroker.PATIENCE_SECONDS, TimeUnit.SECONDS)
                            .remoteState()
                            .getType())
                    .isEqualTo(DeliveryState.Type.REJECTED);
        }

        JsonObject changed =
                new JsonObject(broker.call("PATCH", "queues/limited", "{\"max-length\": 3, \"max-ttl\": \"1 h\"}")
                        .body());

        assertThat(changed.getInteger("max-length")).isEqualTo(3);
        assertThat(changed.getLong("max-ttl")).isEqualTo(3_600_000L);
        assertThat(changed.getJsonObject("settings-from").getString("max-length"))
                .isEqualTo("management");
        sendNumbered(connection, "limited", 1);
        changed = new JsonObject(
                broker.call("PATCH", "queues/limited", "{\"max-length\": null}").body());
        assertThat(changed.getInteger("max-length")).isZero();
        assertThat(changed.getJsonObject("settings-from").getString("max-length"))
                .isEqualTo("default");
        sendNumbered(connection, "limited", 5);
    }

    @Test
    void shouldRefuseSettingsThatMakeNoSense() throws Exception {
        HttpResponse<String> refused = broker.call("PUT", "queues/q", "{\"max-size\": 2}");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(new JsonObject(refused.body()).getString("error"))
                .startsWith("settings.max-size is not a known key here; known are max-length,");
        assertThat(broker.status("GET", "queues/q")).isEqualTo(404);
        assertThat(broker.status("PATCH", "queues/q")).isEqualTo(404);
        broker.call("PUT", "queues/q", "{\"max-length\": 2}");
        assertThat(broker.call("PUT", "queues/q", "{\"max-length\": 3}").statusCode())
                .isEqualTo(409);
        assertThat(broker.call("PATCH", "queues/q", "{\"ring\": [1]}").statusCode())
                .isEqualTo(400);
        assertThat(broker.call("PATCH", "queues/q", "{\"ring\": 5, \"overflow\": \"block\"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(broker.call("PATCH", "subscriptions/x", "{\"ring\": 5}").statusCode())
                .isEqualTo(501);
    }

    @Test
    void shouldShowSettingsInAListWhenAskedTo() throws Exception {
        broker.call("PUT", "topics/news", "{\"max-length\": 7}");
        assertThat(broker.get("topics").getJsonArray("nodes").getJsonObject(0).containsKey("max-length"))
                .isFalse();
        assertThat(broker.get("topics?settings=true")
                        .getJsonArray("nodes")
                        .getJsonObject(0)
                        .getInteger("max-length"))
                .isEqualTo(7);
    }

    @Test
    void shouldCountWhatGoesThroughAQueue() throws Exception {
        sendNumbered(connection, "busy", 3);
        try (Receiver receiver = connection.openReceiver("busy")) {
            for (int n = 0; n < 3; n++) {
                receive(receiver).accept();
            }
        }
        await().untilAsserted(() ->
                assertThat(broker.get("queues/busy").getInteger("acknowledged")).isEqualTo(3));
        assertThat(broker.get("queues/busy").getInteger("enqueued")).isEqualTo(3);
        assertThat(broker.get("queues/busy").getInteger("delivered")).isEqualTo(3);
        assertThat(broker.get("queues/busy").getDouble("acknowledgedPerSecond")).isNotNegative();
    }

    @Test
    void shouldCancelAScheduledMessageByItsMessageId() throws Exception {
        try (Sender sender = connection.openSender("later")) {
            for (int n = 0; n < 700; n++) {
                sender.send(Message.create("x")
                        .durable(true)
                        .messageId("id-" + n)
                        .annotation("x-opt-delivery-time", 4_000_000_000_000L));
            }
            sender.send(Message.create("last").durable(true)).awaitAccepted(20, TimeUnit.SECONDS);
        }
        assertThat(broker.status("DELETE", "queues/later/scheduled?messageId=id-650"))
                .isEqualTo(204);
        assertThat(broker.status("DELETE", "queues/later/scheduled?messageId=id-650"))
                .isEqualTo(404);
        assertThat(broker.status("DELETE", "queues/later/scheduled")).isEqualTo(400);
        assertThat(broker.get("queues/later").getInteger("scheduled")).isEqualTo(699);
    }

    @Test
    void shouldRenewTheLockOfADelivery() throws Exception {
        broker.call("PUT", "queues/locked", "{\"lock-duration\": \"1 h\"}");
        try (Sender sender = connection.openSender("locked")) {
            sender.send(Message.create("x").messageId("id-1")).awaitAccepted(20, TimeUnit.SECONDS);
        }
        long before = System.currentTimeMillis();
        try (Receiver receiver = connection.openReceiver("locked", new ReceiverOptions().autoAccept(false))) {
            receive(receiver);
            HttpResponse<String> renewed = broker.call("POST", "queues/locked/renew-lock", "{\"messageId\": \"id-1\"}");
            assertThat(renewed.statusCode()).isEqualTo(200);
            assertThat(new JsonObject(renewed.body()).getLong("lockedUntil"))
                    .isGreaterThanOrEqualTo(before + 3_600_000L);
            assertThat(broker.call("POST", "queues/locked/renew-lock", "{\"messageId\": \"id-2\"}")
                            .statusCode())
                    .isEqualTo(404);
            assertThat(broker.call("POST", "queues/locked/renew-lock", "{}").statusCode())
                    .isEqualTo(400);
        }
    }

    @Test
    void shouldGiveFiguresOfSingleQueuesToThoseWhoAskForThem() throws Exception {
        sendNumbered(connection, "a.\"1\"", 2);
        sendNumbered(connection, "a.2", 1);
        sendNumbered(connection, "a.3", 1);
        String text = broker.call("GET", "queues?prefix=a.&limit=2&format=prometheus", "")
                .body();
        assertThat(text.lines())
                .contains(
                        "# TYPE sterna_queue_messages gauge",
                        "sterna_queue_messages{address=\"a.\\\"1\\\"\"} 2",
                        "sterna_queue_enqueued_total{address=\"a.2\"} 1",
                        "sterna_queue_left_out 1")
                .noneMatch(line -> line.contains("a.3"));
    }

    @Test
    void shouldListTenThousandQueuesPageByPage() throws Exception {
        int count = 10_000;
        broker.createQueues("many.", count);
        List<String> listed = new ArrayList<>();
        String after = "";
        do {
            JsonObject page = broker.get("queues?prefix=many.&limit=1000&after=" + after);
            assertThat(page.getInteger("matching")).isEqualTo(count - listed.size());
            page.getJsonArray("nodes").forEach(node -> listed.add(((JsonObject) node).getString("address")));
            after = page.getString("next", "");
        } while (!after.isEmpty());
        assertThat(listed).hasSize(count).isSorted().doesNotHaveDuplicates();
        assertThat(broker.get("queues?limit=1&after=many.5").getJsonArray("nodes"))
                .hasSize(1);
    }

    @Test
    void shouldLoseNothingThatIsAcquiredWhenAQueueIsPurgedUnderLoad() throws Exception {
        int count = 2_000;
        Set<String> received = ConcurrentHashMap.newKeySet();
        CompletableFuture<Integer> consuming = CompletableFuture.supplyAsync(() -> {
            int accepted = 0;
            try (Receiver receiver = connection.openReceiver("busy", new ReceiverOptions().autoAccept(false))) {
                for (Delivery delivery = receiver.receive(3, TimeUnit.SECONDS);
                        delivery != null;
                        delivery = receiver.receive(3, TimeUnit.SECONDS)) {
                    assertThat(received.add((String) delivery.message().body())).isTrue();
                    delivery.accept();
                    accepted++;
                }
            } catch (ClientException e) {
                throw new IllegalStateException(e);
            }
            return accepted;
        });
        int purged = 0;
        try (Connection other = broker.connect();
                Sender sender = other.openSender("busy")) {
            for (int n = 0; n < count; n++) {
                sender.send(Message.create(Integer.toString(n)).durable(true));
                if (n % 100 == 0) {
                    purged += new JsonObject(
                                    broker.call("POST", "queues/busy/purge", "").body())
                            .getInteger("removed");
                }
            }
        }
        assertThat(consuming.get(40, TimeUnit.SECONDS) + purged).isEqualTo(count);
        assertThat(broker.get("queues/busy").getInteger("acknowledged")).isEqualTo(received.size());
        assertThat(broker.get("queues/busy").getInteger("messages")).isZero();
    }

    @Test
    void shouldTellConsumersWhenTheirQueueIsDeleted() throws Exception {
        CompletableFuture<Throwable> heard = new CompletableFuture<>();
        try (jakarta.jms.Connection jms = new JmsConnectionFactory(broker.amqpUrl()).createConnection();
                Connection other = broker.connect()) {
            jms.start();
            Session session = jms.createSession();
            MessageConsumer consumer = session.createConsumer(session.createQueue("doomed"));
            InvocationHandler closed = (proxy, method, arguments) -> {
                if (method.getName().equals("onConsumerClosed")) {
                    heard.complete((Throwable) arguments[1]);
                }
                return null;
            };
            ((JmsConnection) jms).addConnectionListener((JmsConnectionListener) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {JmsConnectionListener.class}, closed));
            Receiver receiver = other.openReceiver("doomed");
            receiver.openFuture().get(ManagedBroker.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(broker.status("DELETE", "queues/doomed")).isEqualTo(409);
            assertThat(broker.status("DELETE", "queues/doomed?force=true")).isEqualTo(204);
            assertThatThrownBy(() -> receiver.receive(ManagedBroker.PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(ClientLinkRemotelyClosedException.class, gone -> assertThat(
                                    gone.getErrorCondition().condition())
                            .isEqualTo("amqp:resource-deleted"));
            assertThat(heard.get(ManagedBroker.PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .hasMessageContaining("amqp:resource-deleted");
            assertThatThrownBy(() -> consumer.receive(10)).isInstanceOf(jakarta.jms.IllegalStateException.class);
        }
    }

    @Test
    void shouldNotDeleteATopicUnderItsSubscribers() throws Exception {
        try (jakarta.jms.Connection jms = new JmsConnectionFactory(broker.amqpUrl()).createConnection()) {
            Session session = jms.createSession();
            session.createConsumer(session.createTopic("watched"));
            assertThat(broker.status("DELETE", "topics/watched")).isEqualTo(409);
            assertThat(broker.status("DELETE", "topics/watched?force=true")).isEqualTo(204);
        }
    }

    @Test
    void shouldRefuseWhatMakesNoSense() throws Exception {
        assertThat(broker.status("GET", "nothing")).isEqualTo(404);
        assertThat(broker.status("GET", "queues/")).isEqualTo(404);
        assertThat(broker.status("PUT", "queues/$management")).isEqualTo(400);
        assertThat(broker.status("PUT", "subscriptions/x")).isEqualTo(501);
        assertThat(broker.call("PUT", "queues/q", "[").statusCode()).isEqualTo(400);
        assertThat(broker.call("PUT", "queues/q", " ".repeat(70_000)).statusCode())
                .isEqualTo(413);
        assertThat(broker.call("POST", "queues/q/purge", "", "Origin", "http://evil.example")
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void shouldKeepWhatOthersConsumeOutOfARedrive() throws Exception {
        sendNumbered(connection, "work", 2);
        rejectAll(connection, "work", 2);
        Receiver other = connection.openReceiver("work/$deadletterqueue");
        Delivery held = receive(other);
        receive(other);
        JsonObject moved =
                new JsonObject(broker.call("POST", "queues/work/redrive", "").body());
        assertThat(moved.getInteger("moved")).isZero();
        assertThat(held.message().body()).isEqualTo("0");
    }
}
