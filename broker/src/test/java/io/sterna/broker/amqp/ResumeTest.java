package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.MessageSections;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Links that are suspended and resumed: AMQP 1.0 §2.6.1, §2.6.13, §3.4.6, §3.5.6. Both loops take part. */
class ResumeTest {
    private static final int CONTROL = 5;

    private final Simulation broker = new Simulation(7, "amqp.suspended-links.max-links = 8");
    private String address;
    private Peer producer;

    @BeforeEach
    void connect() {
        address = broker.addressOn(0, "q");
        producer = broker.connect(1);
        producer.send(address, 9);
        broker.settle();
    }

    private void publish(int from, int to) {
        for (int number = from; number <= to; number++) {
            producer.transfer(9, number, TestMessages.durable(number));
        }
        broker.settle();
    }

    // ---- What the peers say

    private Peer client(String containerId) {
        Peer client = broker.connectSilently(1);
        client.open(containerId);
        client.begin();
        return client;
    }

    private Attach receiver(ReceiverSettleMode mode, TerminusExpiryPolicy policy, int timeoutSeconds) {
        Source source = Peer.source(address);
        source.setExpiryPolicy(policy);
        source.setTimeout(UnsignedInteger.valueOf(timeoutSeconds));
        Modified failed = new Modified();
        failed.setDeliveryFailed(true);
        source.setDefaultOutcome(failed);
        Attach attach = Peer.receiver("link", 0, source);
        attach.setRcvSettleMode(mode);
        return attach;
    }

    private Attach receiver() {
        return receiver(ReceiverSettleMode.SECOND, TerminusExpiryPolicy.LINK_DETACH, 60);
    }

    private Attach sender(ReceiverSettleMode mode, TerminusExpiryPolicy policy, int timeoutSeconds) {
        Attach attach = Peer.sender("link", 0, address);
        Target target = (Target) attach.getTarget();
        target.setExpiryPolicy(policy);
        target.setTimeout(UnsignedInteger.valueOf(timeoutSeconds));
        attach.setRcvSettleMode(mode);
        return attach;
    }

    private Attach sender() {
        return sender(ReceiverSettleMode.SECOND, TerminusExpiryPolicy.LINK_DETACH, 60);
    }

    private static Attach resuming(Attach attach, Map<Binary, DeliveryState> unsettled) {
        attach.setUnsettled(unsettled);
        return attach;
    }

    private Peer consume(Attach attach, int credit) {
        Peer consumer = client("container");
        consumer.say(attach);
        consumer.flow(0, 0, credit, false);
        broker.settle();
        return consumer;
    }

    private Peer produce(Attach attach) {
        Peer sending = client("container");
        sending.say(attach);
        broker.settle();
        return sending;
    }

    /** Loses the connection. */
    private void cut(Peer peer) {
        peer.cut();
        broker.settle();
    }

    private static Map<Binary, DeliveryState> unsettled(Binary tag, DeliveryState state) {
        Map<Binary, DeliveryState> map = new HashMap<>();
        map.put(tag, state);
        return map;
    }

    /** What the broker said to be unsettled in its last attach; null when it said nothing. */
    private static Map<Object, Object> said(Peer peer) {
        Map<?, ?> map = peer.last(Attach.class).getUnsettled();
        return map == null ? null : new HashMap<>(map);
    }

    private static Binary tag(Peer consumer, int index) {
        return consumer.heard(Transfer.class).get(index).getDeliveryTag();
    }

    private List<Integer> inTheQueue() {
        Peer other = client("other");
        other.say(Peer.receiver("other", 0, Peer.source(address)));
        other.flow(0, 0, 100, false);
        broker.settle();
        List<Integer> numbers = other.numbers();
        other.detach(0, true);
        other.close();
        broker.settle();
        return numbers;
    }

    // ---- The broker sends

    // §2.6.13: "Deliveries that both the Source and Target consider unsettled … MUST be resumed by the Sender."
    @Test
    void shouldResumeADeliveryWithItsMessageWhenTheReceiverHasNoOutcome() {
        publish(1, 1);
        Peer consumer = consume(receiver(), 1);
        Binary tag = tag(consumer, 0);
        cut(consumer);
        assertThat(inTheQueue()).isEmpty();

        Peer again = consume(resuming(receiver(), unsettled(tag, null)), 1);

        assertThat(said(again)).containsOnlyKeys(tag);
        Transfer transfer = again.last(Transfer.class);
        assertThat(transfer.getResume()).isTrue();
        assertThat(transfer.getDeliveryTag()).isEqualTo(tag);
        assertThat(again.numbers()).containsExactly(1);
        again.dispose(0, 0, false, Accepted.getInstance());
        broker.settle();
        assertThat(again.last(Disposition.class).getSettled()).isTrue();
        cut(again);
        assertThat(inTheQueue()).isEmpty();
    }

    /** §3.2.1: it has expired in its consumer's hands, whose it still is; a time to live of 0 would mean none. */
    @Test
    void shouldResumeWithTheShortestTimeToLiveWhenTheMessageHasExpiredMeanwhile() throws DecodeException {
        producer.transfer(9, 1, TestMessages.mortal(1, 20_000));
        broker.settle();
        Peer consumer = consume(receiver(), 1);
        Binary tag = tag(consumer, 0);
        cut(consumer);
        broker.pass(25_000);
        Peer again = consume(resuming(receiver(), unsettled(tag, null)), 1);

        assertThat(MessageSections.scan(again.messages().get(0)).ttlMillis()).hasValue(1);
    }

    // §3.4.6, tag 3: "the sender will … apply that outcome at the source"; exactly once over a lost connection
    @Test
    void shouldApplyTheReceiversOutcomeWhenItsDispositionWasLost() {
        publish(1, 2);
        Peer consumer = consume(receiver(), 1);
        Binary tag = tag(consumer, 0);
        cut(consumer);

        Peer again = consume(resuming(receiver(), unsettled(tag, Accepted.getInstance())), 2);

        Transfer confirmed = again.heard(Transfer.class).get(0);
        assertThat(confirmed.getResume()).isTrue();
        assertThat(confirmed.getSettled()).isTrue();
        assertThat(confirmed.getState()).isInstanceOf(Accepted.class);
        assertThat(again.messages().get(0)).isEmpty();
        assertThat(TestMessages.number(again.messages().get(1))).isEqualTo(2);
        again.dispose(1, 1, true, Accepted.getInstance());
        broker.settle();
        cut(again);
        assertThat(inTheQueue()).isEmpty();
    }

    @Test
    void shouldGiveTheMessageBackWhenTheReceiversOutcomeIsReleased() {
        publish(1, 1);
        Peer consumer = consume(receiver(), 1);
        Binary tag = tag(consumer, 0);
        cut(consumer);

        Peer again = consume(resuming(receiver(), unsettled(tag, Released.getInstance())), 1);

        assertThat(again.last(Transfer.class).getState()).isInstanceOf(Released.class);
        assertThat(inTheQueue()).containsExactly(1);
    }

    // §3.4.6, tag 1: "the sender MUST resend the message, however the delivery is not being resumed"
    @Test
    void shouldSendTheMessageAnewWhenTheReceiverDoesNotHoldTheDelivery() {
        publish(1, 1);
        Peer consumer = consume(receiver(), 1);
        cut(consumer);

        Peer again = consume(resuming(receiver(), Map.of()), 1);

        assertThat(said(again)).isEmpty();
        assertThat(again.last(Transfer.class).getResume()).isFalse();
        assertThat(again.numbers()).containsExactly(1);
    }

    // What JMS clients do: they attach anew, and hold nothing
    @Test
    void shouldSendTheMessageAnewWhenTheLinkIsNotResumedButAttachedAgain() {
        publish(1, 1);
        cut(consume(receiver(), 1));

        Peer again = consume(receiver(), 1);

        assertThat(said(again)).isNull();
        assertThat(again.last(Transfer.class).getResume()).isFalse();
        assertThat(again.numbers()).containsExactly(1);
    }

    // §2.6.13: what is resumed goes before what is new, and takes credit as any delivery
    @Test
    void shouldResumeBeforeItSendsNewMessagesWhenThereIsCreditForBoth() {
        publish(1, 3);
        Peer consumer = consume(receiver(), 2);
        Map<Binary, DeliveryState> held = unsettled(tag(consumer, 0), null);
        held.put(tag(consumer, 1), null);
        cut(consumer);

        Peer again = consume(resuming(receiver(), held), 1);
        assertThat(again.numbers()).containsExactly(1);
        again.flow(0, 1, 2, false);
        broker.settle();

        assertThat(again.numbers()).containsExactly(1, 2, 3);
        assertThat(again.heard(Transfer.class)).extracting(Transfer::getResume).containsExactly(true, true, false);
        again.flow(0, 3, 5, true);
        broker.settle();
        publish(4, 4);
        again.flow(0, 8, 1, false);
        broker.settle();
        assertThat(again.numbers()).containsExactly(1, 2, 3, 4);
    }

    // §2.7.3, incomplete-unsettled: nothing new; §2.6.13: then "the two parties must suspend and re-attempt to resume"
    @Test
    void shouldDetachToBeResumedAgainWhenTheReceiversMapIsIncomplete() {
        publish(1, 3);
        Peer consumer = consume(receiver(), 2);
        Binary first = tag(consumer, 0);
        Binary second = tag(consumer, 1);
        cut(consumer);
        Attach incomplete = resuming(receiver(), unsettled(first, null));
        incomplete.setIncompleteUnsettled(true);

        Peer again = consume(incomplete, 5);
        assertThat(said(again)).containsOnlyKeys(first, second);
        assertThat(again.numbers()).containsExactly(1);
        again.dispose(0, 0, false, Accepted.getInstance());
        broker.settle();
        assertThat(again.last(Detach.class).getClosed()).isFalse();
        again.detach(0, false);

        again.say(resuming(receiver(), unsettled(second, Accepted.getInstance())));
        again.flow(0, 0, 5, false);
        broker.settle();
        assertThat(said(again)).containsOnlyKeys(second);
        assertThat(again.heard(Transfer.class)).hasSize(3);
        assertThat(again.last(Transfer.class).getResume()).isFalse();
    }

    // §2.6.4: "recovering a link": the source comes from the one who still has it
    @Test
    void shouldAnswerWithTheSourceWhenAReceiverRecoversItsLink() {
        publish(1, 1);
        Peer consumer = consume(receiver(), 1);
        Binary tag = tag(consumer, 0);
        cut(consumer);
        Attach attach = resuming(receiver(), unsettled(tag, null));
        attach.setSource(null);

        Peer again = consume(attach, 1);

        assertThat(((Source) again.last(Attach.class).getSource()).getAddress()).isEqualTo(address);
        assertThat(again.numbers()).containsExactly(1);
    }

    // §3.5.6: the timer; and then §3.5.3: the default outcome
    /** §2.7.5: of modes, settled is for what is sent settled from the start. */
    @Test
    void shouldLeaveTheOutcomeOfAResumedDeliveryToTheReceiverWhenNewOnesAreSentSettled() {
        publish(0, 0);
        Peer first = consume(receiver(), 1);
        Binary tag = tag(first, 0);
        cut(first);
        Attach presettled = resuming(receiver(), unsettled(tag, null));
        presettled.setSndSettleMode(SenderSettleMode.SETTLED);
        Peer second = consume(presettled, 10);
        publish(1, 1);

        assertThat(second.last(Attach.class).getSndSettleMode()).isEqualTo(SenderSettleMode.MIXED);
        assertThat(second.numbers()).containsExactly(0, 1);
        assertThat(second.heard(Transfer.class).get(0).getSettled()).isNotEqualTo(true);
        assertThat(second.heard(Transfer.class).get(1).getSettled()).isTrue();
        second.flow(0, 2, 0, false);
        second.dispose(0, 0, true, Released.getInstance());
        broker.settle();
        assertThat(inTheQueue()).containsExactly(0);
    }

    /** §2.7.3: the receiver's max-message-size may be another one than when the message was first sent. */
    @Test
    void shouldGiveADeliveryUpWhenItsMessageIsLargerThanTheReceiverTakesNow() {
        producer.transfer(9, 0, TestMessages.message(0, true, "", 2_000));
        publish(1, 1);
        Peer first = consume(receiver(), 2);
        Map<Binary, DeliveryState> unsettled = unsettled(tag(first, 0), null);
        unsettled.put(tag(first, 1), null);
        cut(first);
        Attach smaller = resuming(receiver(), unsettled);
        smaller.setMaxMessageSize(UnsignedLong.valueOf(1_000));
        Peer second = consume(smaller, 10);

        assertThat(said(second)).containsOnlyKeys(tag(first, 0), tag(first, 1));
        Transfer aborted = second.heard(Transfer.class).get(0);
        assertThat(aborted.getDeliveryTag()).isEqualTo(tag(first, 0));
        assertThat(aborted.getResume()).isTrue();
        assertThat(aborted.getAborted()).isTrue();
        assertThat(second.heard(Transfer.class)).hasSize(2);
        assertThat(TestMessages.number(second.messages().get(1))).isEqualTo(1);
        assertThat(inTheQueue()).containsExactly(0);
    }

    @Test
    void shouldGiveTheMessageBackWhenTheSourceExpires() {
        publish(1, 1);
        Peer consumer = consume(receiver(), 1);
        cut(consumer);
        broker.pass(59_000);
        assertThat(inTheQueue()).isEmpty();

        broker.pass(2_000);

        assertThat(inTheQueue()).containsExactly(1);
    }

    // §3.5.6: "If the link is subsequently re-attached before the Terminus is expired, then the count down is aborted."
    @Test
    void shouldNotExpireWhenTheLinkWasAttachedAgain() {
        publish(1, 1);
        Peer consumer = consume(receiver(), 1);
        Binary tag = tag(consumer, 0);
        cut(consumer);
        broker.pass(59_000);
        Peer again = consume(resuming(receiver(), unsettled(tag, null)), 1);
        broker.pass(59_000);
        assertThat(inTheQueue()).isEmpty();
        again.dispose(0, 0, true, Accepted.getInstance());
        broker.settle();
        cut(again);
        assertThat(inTheQueue()).isEmpty();
    }

    // §3.5.6
    @ParameterizedTest
    @CsvSource({
        "LINK_DETACH, detach, true",
        "LINK_DETACH, end, true",
        "LINK_DETACH, cut, true",
        "SESSION_END, detach, false",
        "SESSION_END, end, true",
        "SESSION_END, detach and end, true",
        "SESSION_END, cut, true",
        "CONNECTION_CLOSE, detach, false",
        "CONNECTION_CLOSE, end, false",
        "CONNECTION_CLOSE, detach and end, false",
        "CONNECTION_CLOSE, cut, true",
        "CONNECTION_CLOSE, end and cut, true",
        "NEVER, detach, false",
        "NEVER, end, false",
        "NEVER, cut, false",
        "NEVER, close link, true"
    })
    void shouldKeepWhatIsUnsettledAsLongAsTheExpiryPolicySays(
            TerminusExpiryPolicy policy, String how, boolean expires) {
        publish(1, 1);
        Peer consumer = consume(receiver(ReceiverSettleMode.FIRST, policy, 0), 1);
        if (how.startsWith("detach")) {
            consumer.detach(0, false);
            broker.settle();
        }
        if (how.equals("close link")) {
            consumer.detach(0, true);
        }
        if (how.contains("end")) {
            consumer.say(new End());
            broker.settle();
        }
        if (how.endsWith("cut")) {
            consumer.cut();
        }
        broker.settle();
        broker.pass(10);

        assertThat(inTheQueue()).hasSize(expires ? 1 : 0);
    }

    // §2.7.6: "As long as the links have not been closed or detached with an error then the deliveries are still
    // 'live'"
    @Test
    void shouldApplyADispositionWhenItsLinkIsOnlyDetached() {
        publish(1, 1);
        Peer consumer = consume(receiver(ReceiverSettleMode.FIRST, TerminusExpiryPolicy.SESSION_END, 0), 1);
        consumer.detach(0, false);
        broker.settle();

        consumer.dispose(0, 0, true, Accepted.getInstance());
        consumer.say(new End());
        broker.settle();

        assertThat(inTheQueue()).isEmpty();
    }

    // §2.6.5: after an error the link can only be resumed, and so its terminus is still there
    // ---- With some of what is unsettled in a transaction (§4.4.2)

    private void detach(Peer consumer, Binary transaction) {
        consumer.dispose(0, 0, false, Controller.state(transaction, Accepted.getInstance()));
        broker.settle();
        consumer.detach(0, false);
        broker.settle();
        assertThat(inTheQueue()).isEmpty();
    }

    /** §2.7.6: its dispositions still hold for a link that was only detached. */
    @Test
    void shouldLeaveTheRestUnsettledWhenALinkIsDetachedWithADeliveryInATransaction() {
        publish(0, 1);
        Peer consumer = consume(receiver(), 2);
        Controller controller = new Controller(broker, consumer, CONTROL);
        Binary transaction = controller.declare();
        detach(consumer, transaction);
        consumer.dispose(1, 1, true, Accepted.getInstance());
        broker.settle();

        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
        assertThat(broker.partitions().totals().messages()).isZero();
    }

    @Test
    void shouldResumeTheRestWhenATransactionStillDecidesOnADelivery() {
        publish(0, 1);
        Peer consumer = consume(receiver(), 2);
        Map<Binary, DeliveryState> rest = unsettled(tag(consumer, 1), null);
        Controller controller = new Controller(broker, consumer, CONTROL);
        Binary transaction = controller.declare();
        detach(consumer, transaction);
        consumer.say(resuming(receiver(), rest));
        consumer.flow(0, 0, 10, false);
        broker.settle();

        assertThat(said(consumer)).containsOnlyKeys(rest.keySet().toArray());
        assertThat(consumer.last(Transfer.class).getDeliveryTag()).isIn(rest.keySet());
        consumer.detach(0, true);
        broker.settle();
        assertThat(inTheQueue()).containsExactly(1);
        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
        assertThat(broker.partitions().totals().messages()).isEqualTo(1);
    }

    @Test
    void shouldCommitWhenTheSourceHasExpiredMeanwhile() {
        publish(0, 1);
        Peer consumer = consume(receiver(), 2);
        Controller controller = new Controller(broker, consumer, CONTROL);
        Binary transaction = controller.declare();
        detach(consumer, transaction);
        broker.pass(61_000);

        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
        assertThat(inTheQueue()).containsExactly(1);
        assertThat(broker.partitions().totals().messages()).isEqualTo(1);
    }

    @Test
    void shouldGiveTheMessageBackWhenItsTransactionIsRolledBackAfterTheDetach() {
        publish(0, 1);
        Peer consumer = consume(receiver(), 2);
        Controller controller = new Controller(broker, consumer, CONTROL);
        Binary transaction = controller.declare();
        detach(consumer, transaction);

        assertThat(controller.rollback(transaction)).isInstanceOf(Accepted.class);
        assertThat(inTheQueue()).containsExactly(0);
    }

    /** §4.4.4: what the receiver has not settled is as it was before the transaction. */
    @Test
    void shouldResumeADeliveryWhenItsTransactionWasLostWithTheConnection() {
        publish(0, 0);
        Peer consumer = consume(receiver(), 1);
        Map<Binary, DeliveryState> all = unsettled(tag(consumer, 0), null);
        Controller controller = new Controller(broker, consumer, CONTROL);
        consumer.dispose(0, 0, false, Controller.state(controller.declare(), Accepted.getInstance()));
        broker.settle();
        cut(consumer);
        assertThat(inTheQueue()).isEmpty();

        Peer again = consume(resuming(receiver(), all), 1);
        assertThat(again.last(Transfer.class).getResume()).isTrue();
        again.dispose(0, 0, true, Accepted.getInstance());
        broker.settle();
        assertThat(broker.partitions().totals().messages()).isZero();
    }

    @Test
    void shouldResumeWhenTheReceiverHadDetachedWithAnError() {
        publish(1, 1);
        Peer consumer = consume(receiver(), 1);
        Binary tag = tag(consumer, 0);
        Detach detach = new Detach();
        detach.setHandle(UnsignedInteger.ZERO);
        detach.setError(new org.apache.qpid.proton.amqp.transport.ErrorCondition(
                org.apache.qpid.proton.amqp.Symbol.valueOf("app:broken"), "out of order"));
        consumer.say(detach);
        broker.settle();

        consumer.say(resuming(receiver(), unsettled(tag, null)));
        consumer.flow(0, 0, 1, false);
        broker.settle();

        assertThat(consumer.last(Transfer.class).getResume()).isTrue();
    }

    // What suspended links hold is bounded
    @Test
    void shouldLetTheFirstGoWhenTooManyLinksAreSuspended() {
        publish(1, 40);
        Peer consumer = client("container");
        for (int handle = 0; handle < 40; handle++) {
            Attach attach = receiver();
            attach.setName("link-" + handle);
            attach.setHandle(UnsignedInteger.valueOf(handle));
            consumer.say(attach);
            consumer.flow(handle, 0, 1, false);
            broker.settle();
        }

        cut(consumer);

        assertThat(inTheQueue()).hasSizeBetween(32, 39);
    }

    @Test
    void shouldAttachToAnotherQueueWhenTheNameWasOfASuspendedLink() {
        publish(1, 1);
        cut(consume(receiver(), 1));
        Source other = Peer.source(broker.addressOn(1, "other"));
        Attach attach = Peer.receiver("link", 0, other);

        Peer again = consume(attach, 1);

        assertThat(((Source) again.last(Attach.class).getSource()).getAddress()).isEqualTo(other.getAddress());
        assertThat(inTheQueue()).containsExactly(1);
    }

    // A client that is lost again before its attach is answered
    @Test
    void shouldStillHoldADeliveryWhenTheReceiverIsLostWhileItResumes() {
        publish(1, 1);
        Peer consumer = consume(receiver(), 1);
        Binary tag = tag(consumer, 0);
        cut(consumer);
        Peer lost = client("container");
        lost.say(resuming(receiver(), unsettled(tag, null)));
        cut(lost);

        Peer again = consume(resuming(receiver(), unsettled(tag, null)), 1);

        assertThat(again.last(Transfer.class).getResume()).isTrue();
        assertThat(inTheQueue()).isEmpty();
    }

    @Test
    void shouldStillTellTheOutcomeWhenTheSenderIsLostWhileItResumes() {
        Peer sending = produce(sender());
        sending.say(transfer(0, 5, false), TestMessages.durable(1));
        broker.settle();
        cut(sending);
        Peer lost = client("container");
        lost.say(resuming(sender(), unsettled(tagOf(5), null)));
        cut(lost);

        Peer again = produce(resuming(sender(), unsettled(tagOf(5), null)));

        assertThat(said(again)).containsOnlyKeys(tagOf(5));
    }

    // A session that ends before its links are there is no reason to close the connection
    @Test
    void shouldKeepTheConnectionWhenASessionEndsWhileItsLinksAreAttached() {
        Peer hasty = client("container");
        hasty.say(sender());
        hasty.say(receiver());
        hasty.say(new End());
        broker.settle();

        assertThat(hasty.heard(End.class)).hasSize(1);
        assertThat(hasty.heard(org.apache.qpid.proton.amqp.transport.Close.class))
                .isEmpty();
        assertThat(produce(sender()).last(Attach.class).getTarget()).isNotNull();
    }

    // ---- Stealing, §2.6.1

    // "the second attach succeeds and the first attach must then be closed with a link error of stolen"
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldStealTheLinkAndWhatItHoldsWhenAnotherConnectionAttachesIt(boolean resumed) {
        publish(1, 1);
        Peer consumer = consume(receiver(), 1);
        Binary tag = tag(consumer, 0);

        Peer thief = consume(resumed ? resuming(receiver(), unsettled(tag, null)) : receiver(), 1);

        Detach detach = consumer.last(Detach.class);
        assertThat(detach.getClosed()).isTrue();
        assertThat(detach.getError().getCondition().toString()).isEqualTo("amqp:link:stolen");
        assertThat(thief.numbers()).containsExactly(1);
        assertThat(thief.last(Transfer.class).getResume()).isEqualTo(resumed);
    }

    @Test
    void shouldStealTheLinkWhenAnotherSessionAttachesIt() {
        publish(1, 1);
        Peer consumer = consume(receiver(), 1);
        Binary tag = tag(consumer, 0);
        Attach attach = resuming(receiver(), unsettled(tag, Accepted.getInstance()));
        attach.setHandle(UnsignedInteger.ONE);
        consumer.say(attach);
        consumer.flow(1, 0, 1, false);
        broker.settle();

        assertThat(consumer.last(Detach.class).getError().getCondition().toString())
                .isEqualTo("amqp:link:stolen");
        assertThat(consumer.last(Transfer.class).getState()).isInstanceOf(Accepted.class);
        assertThat(inTheQueue()).isEmpty();
    }

    @Test
    void shouldStealAProducersLinkWhenAnotherConnectionAttachesIt() {
        Peer first = produce(sender());
        Peer second = produce(sender());

        assertThat(first.last(Detach.class).getError().getCondition().toString())
                .isEqualTo("amqp:link:stolen");
        second.transfer(0, 0, TestMessages.durable(1));
        broker.settle();
        assertThat(inTheQueue()).containsExactly(1);
    }

    @Test
    void shouldGiveTheNameToTheLastWhenManyAttachIt() {
        Peer[] clients = new Peer[5];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = client("container");
            clients[i].say(sender());
        }
        broker.settle();

        long alive = java.util.Arrays.stream(clients)
                .filter(client -> client.heard(Detach.class).isEmpty())
                .count();
        assertThat(alive).isEqualTo(1);
    }

    @Test
    void shouldLeaveTheLinkAloneWhenItsNameIsOfAnotherContainerOrDirection() {
        Peer consumer = consume(receiver(), 1);
        Peer other = client("another");
        other.say(receiver());
        Peer sending = produce(sender());
        broker.settle();

        assertThat(consumer.heard(Detach.class)).isEmpty();
        assertThat(other.heard(Detach.class)).isEmpty();
        assertThat(sending.heard(Detach.class)).isEmpty();
    }

    // ---- The broker receives

    private Transfer transfer(int deliveryId, int tag, boolean resume) {
        Transfer transfer = Peer.transfer(0, deliveryId, false);
        transfer.setDeliveryTag(tagOf(tag));
        transfer.setResume(resume);
        return transfer;
    }

    private static Binary tagOf(int tag) {
        return new Binary(ByteBuffer.allocate(Integer.BYTES).putInt(tag).array());
    }

    // §2.6.12: exactly once: the outcome was lost on its way, and the sender asks again
    @ParameterizedTest
    @CsvSource({"SECOND, true", "SECOND, false", "FIRST, false"})
    void shouldTellTheOutcomeAgainWhenItWasLost(ReceiverSettleMode mode, boolean heard) {
        Peer sending = produce(sender(mode, TerminusExpiryPolicy.LINK_DETACH, 60));
        sending.say(transfer(0, 5, false), TestMessages.durable(1));
        if (heard) {
            broker.settle();
        }
        cut(sending);

        Peer again = produce(resuming(sender(mode, TerminusExpiryPolicy.LINK_DETACH, 60), unsettled(tagOf(5), null)));
        assertThat(said(again)).containsOnlyKeys(tagOf(5));
        assertThat(said(again).get(tagOf(5))).isInstanceOf(Accepted.class);

        again.say(transfer(0, 5, true), TestMessages.durable(1));
        broker.settle();
        assertThat(again.last(Disposition.class).getState()).isInstanceOf(Accepted.class);
        assertThat(again.last(Disposition.class).getSettled()).isEqualTo(mode == ReceiverSettleMode.FIRST);
        assertThat(inTheQueue()).containsExactly(1);
    }

    // §3.4.6, tag 12: the sender knows already
    @Test
    void shouldForgetTheDeliveryWhenTheSenderSettlesIt() {
        Peer sending = produce(sender());
        sending.say(transfer(0, 5, false), TestMessages.durable(1));
        broker.settle();
        cut(sending);
        Peer again = produce(resuming(sender(), unsettled(tagOf(5), Accepted.getInstance())));
        Transfer confirm = transfer(0, 5, true);
        confirm.setSettled(true);
        confirm.setState(Accepted.getInstance());
        again.say(confirm);
        broker.settle();
        cut(again);

        Peer third = produce(resuming(sender(), unsettled(tagOf(5), Accepted.getInstance())));

        assertThat(said(third)).isNullOrEmpty();
        assertThat(inTheQueue()).containsExactly(1);
    }

    // §2.6.13: "Deliveries that only the Target considers unsettled … MUST be considered settled by the Receiver."
    @Test
    void shouldForgetTheDeliveryWhenTheSenderDoesNotHoldIt() {
        Peer sending = produce(sender());
        sending.say(transfer(0, 5, false), TestMessages.durable(1));
        broker.settle();
        cut(sending);

        Peer again = produce(resuming(sender(), Map.of()));

        assertThat(said(again)).isEmpty();
        again.say(transfer(0, 5, true), TestMessages.durable(1));
        broker.settle();
        assertThat(again.heard(Disposition.class)).isEmpty();
        assertThat(inTheQueue()).containsExactly(1);
    }

    // §2.6.13: "Deliveries that only the Source considers unsettled": resumed they are ignored, anew they are taken
    @Test
    void shouldTakeTheMessageOnceWhenItHadNotArrived() {
        Peer sending = produce(sender());
        cut(sending);

        Peer again = produce(resuming(sender(), unsettled(tagOf(5), null)));
        again.say(transfer(0, 5, true), TestMessages.durable(1));
        again.say(transfer(1, 5, false), TestMessages.durable(1));
        broker.settle();

        assertThat(again.last(Disposition.class).getFirst()).isEqualTo(UnsignedInteger.ONE);
        assertThat(inTheQueue()).containsExactly(1);
    }

    // §2.6.12, second: the sender settles, and both have forgotten
    @Test
    void shouldForgetTheDeliveryWhenTheSenderHasSettled() {
        Peer sending = produce(sender());
        sending.say(transfer(0, 5, false), TestMessages.durable(1));
        broker.settle();
        Disposition settle = new Disposition();
        settle.setRole(Role.SENDER);
        settle.setFirst(UnsignedInteger.ZERO);
        settle.setSettled(true);
        settle.setState(Accepted.getInstance());
        sending.say(settle);
        broker.settle();
        cut(sending);

        Peer again = produce(resuming(sender(), unsettled(tagOf(5), Accepted.getInstance())));

        assertThat(said(again)).isNullOrEmpty();
    }

    @Test
    void shouldForgetTheDeliveryWhenTheTargetExpires() {
        Peer sending = produce(sender());
        sending.say(transfer(0, 5, false), TestMessages.durable(1));
        broker.settle();
        cut(sending);
        broker.pass(61_000);

        Peer again = produce(resuming(sender(), unsettled(tagOf(5), null)));

        assertThat(said(again)).isNull();
    }

    // §2.6.4: "recovering a link"
    @Test
    void shouldAnswerWithTheTargetWhenASenderRecoversItsLink() {
        Peer sending = produce(sender());
        sending.say(transfer(0, 5, false), TestMessages.durable(1));
        broker.settle();
        cut(sending);
        Attach attach = resuming(sender(), unsettled(tagOf(5), null));
        attach.setTarget(null);

        Peer again = produce(attach);

        assertThat(((Target) again.last(Attach.class).getTarget()).getAddress()).isEqualTo(address);
        assertThat(said(again)).containsOnlyKeys(tagOf(5));
    }

    @Test
    void shouldRefuseTheAttachWhenThereIsNothingToRecover() {
        Attach attach = resuming(sender(), Map.of());
        attach.setTarget(null);

        Peer again = produce(attach);

        assertThat(again.last(Attach.class).getTarget()).isNull();
        assertThat(again.last(Detach.class).getClosed()).isTrue();
    }

    // The name is free when an attach was refused
    @Test
    void shouldTakeTheNextAttachWhenOneOfTheSameNameWasRefused() {
        Attach refused = resuming(sender(), Map.of());
        refused.setTarget(null);
        produce(refused);

        Peer next = produce(sender());
        next.transfer(0, 0, TestMessages.durable(1));
        broker.settle();

        assertThat(inTheQueue()).containsExactly(1);
    }
}
