package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnknownDescribedType;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transaction.TransactionalState;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The links of {@code $management}: how requests come and answers go, and what their attaches are answered with. */
class ManagementLinksTest {
    private static final String MANAGEMENT = "$management";
    private static final int REQUESTS = 1;
    private static final int REPLIES = 2;
    private static final int CONTROL = 3;

    private final Simulation broker = new Simulation(5);
    private final String queue = broker.addressOn(0, "q");

    private Peer client() {
        Peer client = broker.connectSilently(1);
        client.open("client");
        client.begin();
        return client;
    }

    /** With a link for requests, one for answers, and a queue to ask about. */
    private Peer manager() {
        Peer client = client();
        client.send(queue, 9);
        client.send(MANAGEMENT, REQUESTS);
        client.receive(MANAGEMENT, REPLIES);
        client.flow(REPLIES, 0, 10, false);
        broker.settle();
        return client;
    }

    private static byte[] message(Properties properties, Map<String, Object> applicationProperties) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes(Controller.encode(properties));
        message.writeBytes(Controller.encode(new ApplicationProperties(applicationProperties)));
        return message.toByteArray();
    }

    private Map<String, Object> about(String operation) {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("operation", operation);
        request.put("type", "sterna.queue");
        request.put("name", queue);
        return request;
    }

    private byte[] request(String operation) {
        return message(new Properties(), about(operation));
    }

    private byte[] requestTo(String to, String operation) {
        Properties properties = new Properties();
        properties.setTo(to);
        return message(properties, about(operation));
    }

    private static int status(byte[] answer) {
        DecoderImpl decoder = new DecoderImpl();
        AMQPDefinedTypes.registerAllTypes(decoder, new EncoderImpl(decoder));
        ByteBuffer bytes = ByteBuffer.wrap(answer);
        decoder.setByteBuffer(bytes);
        while (bytes.hasRemaining()) {
            if (decoder.readObject() instanceof ApplicationProperties properties) {
                return (Integer) properties.getValue().get("statusCode");
            }
        }
        throw new AssertionError("the answer has no application properties");
    }

    private static String condition(Object rejected) {
        assertThat(rejected).isInstanceOf(Rejected.class);
        return ((Rejected) rejected).getError().getCondition().toString();
    }

    private boolean queueIsThere() {
        return broker.partitions().totals().queues() == 1;
    }

    // ---- Transactions

    // §4.4.1: a request is a part of its transaction, and what it does can't be: "delivery is rejected"
    @Test
    void shouldRejectTheRequestAndTheCommitWhenARequestComesInATransaction() {
        Peer client = manager();
        Controller controller = new Controller(broker, client, CONTROL);
        Binary transaction = controller.declare();

        controller.post(transaction, REQUESTS, 0, request("DELETE"));
        broker.settle();

        DeliveryState answer = Controller.answer(client, 0).orElseThrow().getState();
        assertThat(answer).isInstanceOf(TransactionalState.class);
        assertThat(((TransactionalState) answer).getTxnId()).isEqualTo(transaction);
        assertThat(condition(((TransactionalState) answer).getOutcome())).isEqualTo("amqp:not-implemented");
        assertThat(condition(controller.commit(transaction))).isEqualTo("amqp:transaction:rollback");
        assertThat(queueIsThere()).isTrue();
    }

    // §4.5.8, amqp:transaction:unknown-id
    @Test
    void shouldRejectTheRequestWhenItsTransactionIsUnknown() {
        Peer client = manager();
        Controller controller = new Controller(broker, client, CONTROL);

        controller.post(new Binary(new byte[] {1, 2, 3}), REQUESTS, 0, request("DELETE"));
        broker.settle();

        assertThat(condition(Controller.answer(client, 0).orElseThrow().getState()))
                .isEqualTo("amqp:transaction:unknown-id");
        assertThat(queueIsThere()).isTrue();
    }

    // ---- Where answers go

    // §2.6.1: a link's name is attached anew elsewhere, and the connection that had it goes on
    @Test
    void shouldGoOnAnsweringWhenTheReplyLinkIsStolen() {
        Peer client = manager();
        Peer other = client();
        other.receive(MANAGEMENT, REPLIES);
        broker.settle();

        client.transfer(REQUESTS, 0, request("READ"));
        broker.settle();

        assertThat(client.last(Detach.class).getError().getCondition().toString())
                .isEqualTo("amqp:link:stolen");
        assertThat(client.heard(Close.class)).isEmpty();
        assertThat(client.accepted()).containsExactly(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldAnswerOnTheLinkThatIsLeftWhenAnotherWithoutAnAddressDetaches(boolean firstLeaves) {
        Peer client = manager();
        int other = REPLIES + 5;
        client.receive(MANAGEMENT, other);
        client.flow(other, 0, 10, false);
        broker.settle();
        client.detach(firstLeaves ? REPLIES : other, true);

        client.transfer(REQUESTS, 0, request("READ"));
        broker.settle();

        assertThat(client.messages()).extracting(ManagementLinksTest::status).containsExactly(200);
    }

    @Test
    void shouldAnswerThatTheRequestIsBadWhenItNamesNoOperation() {
        Peer client = manager();

        client.transfer(REQUESTS, 0, message(new Properties(), Map.of("type", "sterna.queue", "name", queue)));
        broker.settle();

        assertThat(client.messages()).extracting(ManagementLinksTest::status).containsExactly(400);
    }

    // ---- The anonymous terminus

    // Anonymous Terminus 1.0 §2.2: the to of a message is what the address of a target would be
    @Test
    void shouldHandleARequestWhenItComesThroughTheAnonymousTerminus() {
        Peer client = manager();
        client.send("", 4);
        broker.settle();

        client.transfer(4, 0, requestTo(MANAGEMENT, "DELETE"));
        broker.settle();

        assertThat(client.accepted()).containsExactly(0);
        assertThat(client.messages()).extracting(ManagementLinksTest::status).containsExactly(204);
        assertThat(queueIsThere()).isFalse();
    }

    @Test
    void shouldRejectARequestThroughTheAnonymousTerminusWhenItIsTooLarge() {
        Peer client = manager();
        client.send("", 4);
        broker.settle();

        byte[] request = TestMessages.message(1, false, MANAGEMENT, 64 * 1024);
        int half = request.length / 2;
        Transfer first = Peer.transfer(4, 0, false);
        first.setMore(true);
        client.say(first, Arrays.copyOf(request, half));
        client.transfer(4, 0, Arrays.copyOfRange(request, half, request.length));
        broker.settle();

        assertThat(condition(Controller.answer(client, 0).orElseThrow().getState()))
                .isEqualTo("amqp:link:message-size-exceeded");
    }

    @Test
    void shouldRejectARequestThroughTheAnonymousTerminusWhenItComesInATransaction() {
        Peer client = manager();
        client.send("", 4);
        Controller controller = new Controller(broker, client, CONTROL);
        Binary transaction = controller.declare();

        controller.post(transaction, 4, 0, requestTo(MANAGEMENT, "DELETE"));
        broker.settle();

        TransactionalState answer =
                (TransactionalState) Controller.answer(client, 0).orElseThrow().getState();
        assertThat(condition(answer.getOutcome())).isEqualTo("amqp:not-implemented");
        assertThat(condition(controller.commit(transaction))).isEqualTo("amqp:transaction:rollback");
        assertThat(queueIsThere()).isTrue();
    }

    // ---- Termini

    // §3.5.3: the source as it is: no filter, no other outcome, and nothing of it lasts
    @Test
    void shouldAnswerWithAPlainSourceWhenMoreIsAskedFor() {
        Peer client = client();
        Source asked = Peer.source(MANAGEMENT);
        asked.setDurable(TerminusDurability.UNSETTLED_STATE);
        asked.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        asked.setTimeout(UnsignedInteger.valueOf(60));
        asked.setDistributionMode(Symbol.valueOf("copy"));
        asked.setDefaultOutcome(new Modified());
        asked.setFilter(Map.of(
                Symbol.valueOf("selector"),
                new UnknownDescribedType(Symbol.valueOf("apache.org:selector-filter:string"), "a = 1")));
        client.say(Peer.receiver("replies", 0, asked));
        broker.settle();

        Source actual = (Source) client.last(Attach.class).getSource();
        assertThat(actual.getAddress()).isEqualTo(MANAGEMENT);
        assertThat(actual.getDurable()).isEqualTo(TerminusDurability.NONE);
        assertThat(actual.getExpiryPolicy()).isEqualTo(TerminusExpiryPolicy.LINK_DETACH);
        assertThat(actual.getTimeout()).isEqualTo(UnsignedInteger.ZERO);
        assertThat((Object) actual.getDistributionMode()).isNull();
        assertThat(actual.getDefaultOutcome()).isNull();
        assertThat((Object) actual.getFilter()).isNull();
    }

    // §3.5.4
    @Test
    void shouldAnswerWithAPlainTargetWhenMoreIsAskedFor() {
        Peer client = client();
        Attach attach = Peer.sender("requests", 0, MANAGEMENT);
        Target asked = (Target) attach.getTarget();
        asked.setDurable(TerminusDurability.CONFIGURATION);
        asked.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        asked.setCapabilities(Symbol.valueOf("queue"));
        client.say(attach);
        broker.settle();

        Target actual = (Target) client.last(Attach.class).getTarget();
        assertThat(actual.getAddress()).isEqualTo(MANAGEMENT);
        assertThat(actual.getDurable()).isEqualTo(TerminusDurability.NONE);
        assertThat(actual.getExpiryPolicy()).isEqualTo(TerminusExpiryPolicy.LINK_DETACH);
        assertThat(actual.getCapabilities()).isNull();
    }
}
