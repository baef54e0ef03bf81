package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Outcome;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transaction.Declared;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What attaches are answered with is what is in force (AMQP 1.0 §2.6.3, §3.5.3, §3.5.4), and is kept. */
class TerminusTest {
    private static final Symbol DISTRIBUTION_MODES = Symbol.valueOf("supported-dist-modes");
    private static final Symbol COPY = Symbol.valueOf("copy");
    private static final Symbol MOVE = Symbol.valueOf("move");

    private final Simulation broker = new Simulation(19, "amqp.suspended-links.max-time = 100 s");
    private final String queue = broker.addressOn(0, "q");
    private Peer client = client();
    private int nextHandle;

    private Peer client() {
        Peer peer = broker.connectSilently(1);
        peer.open("client");
        peer.begin();
        return peer;
    }

    @BeforeEach
    void publish() {
        Peer producer = broker.connect(0);
        producer.send(queue, 9);
        broker.settle();
        for (int number = 1; number <= 3; number++) {
            producer.transfer(9, number, TestMessages.durable(number));
        }
        broker.settle();
    }

    private Source answer(Attach attach) {
        client.say(attach);
        broker.settle();
        return (Source) client.last(Attach.class).getSource();
    }

    private Source answer(Source source) {
        int handle = nextHandle++;
        return answer(Peer.receiver("link-" + handle, handle, source));
    }

    private Target answer(Target target) {
        int handle = nextHandle++;
        Attach attach = Peer.sender("link-" + handle, handle, "");
        attach.setTarget(target);
        client.say(attach);
        broker.settle();
        return (Target) client.last(Attach.class).getTarget();
    }

    private static <T extends org.apache.qpid.proton.amqp.messaging.Terminus> T expiring(
            T terminus, String policy, int seconds) {
        terminus.setExpiryPolicy(TerminusExpiryPolicy.valueOf(Symbol.valueOf(policy)));
        terminus.setTimeout(UnsignedInteger.valueOf(seconds));
        return terminus;
    }

    private Target target() {
        Target target = new Target();
        target.setAddress(queue);
        return target;
    }

    private static void assertExpiry(
            org.apache.qpid.proton.amqp.messaging.Terminus actual, String policy, int seconds) {
        assertThat(actual.getExpiryPolicy().getPolicy().toString()).isEqualTo(policy);
        assertThat(actual.getTimeout()).isEqualTo(UnsignedInteger.valueOf(seconds));
    }

    private String refusal() {
        return client.last(Detach.class).getError().getCondition().toString();
    }

    private int queues() {
        return (int) broker.partitions().totals().queues();
    }

    // ---- Expiry

    // §2.6.3: "the actual value in force"
    @ParameterizedTest
    @CsvSource({
        "link-detach, 60, link-detach, 60",
        "link-detach, 1000, link-detach, 100",
        "session-end, 1000, session-end, 100",
        "connection-close, 1000, connection-close, 100",
        "never, 0, link-detach, 100"
    })
    void shouldAnswerWhenATerminusExpiresAsItDoes(String asked, int askedSeconds, String actual, int actualSeconds) {
        assertExpiry(answer(expiring(Peer.source(queue), asked, askedSeconds)), actual, actualSeconds);
        assertExpiry(answer(expiring(target(), asked, askedSeconds)), actual, actualSeconds);
        assertExpiry(answer(expiring(new Target(), asked, askedSeconds)), actual, actualSeconds);
    }

    // §3.5.6: session-end: "The expiry timer starts when the most recently associated session is ended."
    @Test
    void shouldNotExpireWhileItsTimerDoesNotRun() {
        Attach attach = Peer.receiver("link", 0, expiring(Peer.source(queue), "session-end", 0));
        attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
        client.say(attach);
        client.flow(0, 0, 1, false);
        broker.settle();
        Binary tag = client.last(Transfer.class).getDeliveryTag();
        client.detach(0, false);
        broker.settle();

        broker.pass(1_000_000);
        Map<Object, Object> unsettled = new HashMap<>();
        unsettled.put(tag, null);
        attach.setUnsettled(unsettled);
        client.say(attach);
        broker.settle();

        Map<?, ?> held = client.last(Attach.class).getUnsettled();
        assertThat(held.containsKey(tag)).isTrue();
    }

    // §3.5.9: a dynamic node, and with it its terminus, is gone when its connection is
    @ParameterizedTest
    @CsvSource({"link-detach, link-detach", "session-end, session-end", "never, connection-close"})
    void shouldAnswerThatADynamicTerminusExpiresAtOnce(String asked, String actual) {
        Target target = expiring(new Target(), asked, 60);
        target.setDynamic(true);
        Source source = expiring(new Source(), asked, 60);
        source.setDynamic(true);

        assertExpiry(answer(target), actual, 0);
        assertExpiry(answer(source), actual, 0);
    }

    // §3.5.6: whether a sender has settled is no matter of expiry
    @ParameterizedTest
    @EnumSource(SenderSettleMode.class)
    void shouldKeepADynamicSourceUntilItExpiresWhateverTheSettleMode(SenderSettleMode mode) {
        int others = queues();
        Source source = new Source();
        source.setDynamic(true);
        Attach attach = Peer.receiver("link", 0, source);
        attach.setSndSettleMode(mode);
        String address = answer(attach).getAddress();

        client.detach(0, false);
        broker.settle();

        assertThat(queues()).isEqualTo(others + 1);
        Source again = answer(attach);
        assertThat(again.getAddress()).isEqualTo(address);
        client.detach(0, true);
        broker.settle();
        assertThat(queues()).isEqualTo(others);
    }

    @Test
    void shouldDeliverEachMessageOnceWhenAPresettledReceiverComesBack() {
        Attach attach = Peer.receiver("link", 0, Peer.source(queue));
        attach.setSndSettleMode(SenderSettleMode.SETTLED);
        client.say(attach);
        client.flow(0, 0, 2, false);
        broker.settle();
        client.detach(0, false);
        broker.settle();

        client.say(attach);
        client.flow(0, 2, 10, false);
        broker.settle();

        assertThat(client.numbers()).containsExactly(1, 2, 3);
        assertThat(broker.partitions().totals().messages()).isZero();
    }

    // §3.5.3: nothing of a browser is kept, whatever it asks for
    @Test
    void shouldAnswerABrowserThatItExpiresWithItsLink() {
        Source source = expiring(Peer.source(queue), "never", 60);
        source.setDistributionMode(COPY);
        source.setDurable(TerminusDurability.UNSETTLED_STATE);

        Source actual = answer(source);

        assertThat((Object) actual.getDistributionMode()).isEqualTo(COPY);
        assertThat(actual.getDurable()).isEqualTo(TerminusDurability.NONE);
        assertExpiry(actual, "link-detach", 0);
    }

    // ---- Durability

    // §3.5.5: "the actual durability": a subscription that never expires survives the container
    @Test
    void shouldAnswerThatASubscriptionIsDurableWhenItNeverExpires() {
        Source source = expiring(Peer.source("topic"), "never", 0);
        source.setCapabilities(Symbol.valueOf("topic"));

        assertThat(answer(source).getDurable()).isEqualTo(TerminusDurability.CONFIGURATION);
    }

    // §3.5.5: of a receiver to which all is sent settled there is no unsettled state
    @Test
    void shouldAnswerThatNoUnsettledStateIsKeptWhenDeliveriesAreSentSettled() {
        Source source = expiring(Peer.source(queue), "link-detach", 60);
        source.setDurable(TerminusDurability.UNSETTLED_STATE);
        Attach attach = Peer.receiver("link", 0, source);
        attach.setSndSettleMode(SenderSettleMode.SETTLED);

        assertThat(answer(attach).getDurable()).isEqualTo(TerminusDurability.CONFIGURATION);
    }

    // ---- What nodes are like

    private Target dynamicAnswer(Object modes) {
        Target target = new Target();
        target.setDynamic(true);
        target.setDynamicNodeProperties(Map.of(DISTRIBUTION_MODES, modes, Symbol.valueOf("colour"), "blue"));
        return answer(target);
    }

    // §3.5.9, supported-dist-modes: one or more symbols; and no other wish comes true
    @Test
    void shouldMakeATopicWhenItIsToCopyOnly() {
        for (Object modes : new Object[] {COPY, new Symbol[] {COPY}}) {
            Target actual = dynamicAnswer(modes);

            assertThat(actual.getCapabilities()).contains(Symbol.valueOf("temporary-topic"));
            assertThat((Symbol[]) actual.getDynamicNodeProperties().get(DISTRIBUTION_MODES))
                    .containsExactly(COPY);
            assertThat(actual.getDynamicNodeProperties().size()).isEqualTo(2);
        }
    }

    @Test
    void shouldMakeAQueueWhenItIsToMove() {
        for (Object modes : new Object[] {MOVE, new Symbol[] {COPY, MOVE}}) {
            Target actual = dynamicAnswer(modes);

            assertThat(actual.getCapabilities()).contains(Symbol.valueOf("temporary-queue"));
            assertThat((Symbol[]) actual.getDynamicNodeProperties().get(DISTRIBUTION_MODES))
                    .containsExactly(MOVE, COPY);
        }
    }

    // §3.5.4: the capabilities that the target has
    @Test
    void shouldAnswerWithoutCapabilitiesWhenTheTargetIsAnonymous() {
        Target target = new Target();
        target.setCapabilities(Symbol.valueOf("queue"), Symbol.valueOf("colour"));
        target.setDurable(TerminusDurability.CONFIGURATION);

        Target actual = answer(target);

        assertThat(actual.getCapabilities()).isNull();
        assertThat(actual.getDurable()).isEqualTo(TerminusDurability.NONE);
    }

    // ---- Outcomes

    private Source withDefault(String address, Outcome outcome) {
        Source source = Peer.source(address);
        source.setDefaultOutcome(outcome);
        return source;
    }

    private static Declared declared() {
        Declared declared = new Declared();
        declared.setTxnId(new Binary(new byte[] {1}));
        return declared;
    }

    // §3.5.3, default-outcome; §4.5.5: declared is the coordinator's outcome
    @Test
    void shouldRefuseTheReceiverWhenItsDefaultOutcomeIsOfNoMessage() {
        assertThat(answer(withDefault(queue, declared()))).isNull();
        assertThat(refusal()).isEqualTo("amqp:invalid-field");
    }

    // §2.6.13
    @Test
    void shouldRefuseTheReceiverWhenItResumesADeliveryWithAnOutcomeThatIsOfNoMessage() {
        Attach attach = Peer.receiver("link", 0, expiring(Peer.source(queue), "link-detach", 60));
        attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
        client.say(attach);
        client.flow(0, 0, 1, false);
        broker.settle();
        Binary tag = client.last(Transfer.class).getDeliveryTag();
        client.cut();
        broker.settle();
        client = client();

        attach.setUnsettled(new HashMap<>(Map.of(tag, declared())));

        assertThat(answer(attach)).isNull();
        assertThat(refusal()).isEqualTo("amqp:invalid-field");
        Peer other = broker.connect(1);
        other.receive(queue, 0);
        other.flow(0, 0, 10, false);
        broker.settle();
        assertThat(other.numbers()).containsExactlyInAnyOrder(1, 2, 3);
    }

    private static void assertSparesTheReceiver(Object outcome) {
        assertThat(outcome).isInstanceOf(Modified.class);
        assertThat(((Modified) outcome).getDeliveryFailed()).isTrue();
        assertThat(((Modified) outcome).getUndeliverableHere()).isTrue();
    }

    // §3.4.6, §3.5.3: a dead letter is not rejected once more
    @Test
    void shouldSayWhatBecomesOfADeadLetterWhenItIsToBeRejected() {
        String letters = queue + "/$deadletterqueue";
        Peer rejecting = broker.connect(1);
        rejecting.receive(queue, 0);
        rejecting.flow(0, 0, 1, false);
        broker.settle();
        rejecting.dispose(0, 0, true, new Rejected());
        broker.settle();

        assertSparesTheReceiver(answer(withDefault(letters, new Rejected())).getDefaultOutcome());
        client.flow(0, 0, 1, false);
        broker.settle();
        client.dispose(0, 0, false, new Rejected());
        broker.settle();

        DeliveryState told = client.last(Disposition.class).getState();
        assertThat(client.numbers()).containsExactly(1);
        assertSparesTheReceiver(told);
    }
}
