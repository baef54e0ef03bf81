package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.NULL;
import static io.sterna.broker.testing.Wire.uint;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Link credit (AMQP 1.0 §2.6.7 to §2.6.10, §2.7.4). */
class WireFlowTest {
    private static final int MESSAGES = 8;

    @RegisterExtension
    static final WireBroker BROKER = new WireBroker();

    /** A link from a queue with messages; nothing has been asked for. */
    private static WireLink full() throws IOException {
        String address = WireBroker.address();
        WireSession session = BROKER.begin();
        session.fill(address, MESSAGES);
        return session.receiver(address);
    }

    @Test
    @DisplayName("§2.6.7: without credit nothing is sent")
    void shouldSendNothingWhenThereIsNoCredit() throws IOException {
        full().assertComing(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7})
    @DisplayName("§2.6.7: as much is sent as there is credit")
    void shouldSendWhatTheCreditAllows(int credit) throws IOException {
        WireLink link = full();
        link.credit(credit);
        link.assertComing(credit);
    }

    @Test
    @DisplayName("§2.6.7: credit is set, not added")
    void shouldNotAddCreditWhenItIsGivenTwice() throws IOException {
        WireLink link = full();
        link.credit(2);
        link.creditFrom(0, 2);
        link.assertComing(2);
    }

    @Test
    @DisplayName("§2.6.7: credit counts from the delivery-count that the receiver knows")
    void shouldCountCreditFromTheReceiversDeliveryCountWhenItLags() throws IOException {
        WireLink link = full();
        link.credit(3);
        link.assertComing(3);
        link.creditFrom(1, 3);
        link.assertComing(1);
    }

    @Test
    @DisplayName(
            "§2.6.7: without delivery-count, which a client that pipelines does not know yet, credit counts from the first one")
    void shouldCountCreditFromTheStartWhenDeliveryCountIsNull() throws IOException {
        WireLink full = full();
        WireSession session = full.session();
        String address = full.answer().getSource() instanceof Source source ? source.getAddress() : "";
        full.close();
        session.send(Body.receiver("pipelined", 20, Body.source(address)));
        session.sendFlow(20, NULL, 2, false);
        session.sendFlow(20, NULL, 5, false);
        session.attached("pipelined", 20).assertComing(5);
    }

    @Test
    @DisplayName("§2.6.7: credit that is taken away is gone")
    void shouldSendNothingWhenCreditIsTakenAway() throws IOException {
        String address = WireBroker.address();
        WireSession session = BROKER.begin();
        WireLink link = session.receiver(address);
        link.credit(5);
        link.credit(0);
        session.awaitAnotherLink();
        session.fill(address, Body.text("late"));
        link.assertComing(0);
        link.credit(1);
        link.assertComing(1);
    }

    @Test
    @DisplayName("§2.6.7: a limit behind what was sent already is no credit")
    void shouldSendNothingWhenTheLimitIsBehindWhatWasSent() throws IOException {
        WireLink link = full();
        link.credit(3);
        link.assertComing(3);
        link.creditFrom(0, 1);
        link.assertComing(0);
    }

    @Test
    @DisplayName("§2.6.7: credit waits for messages")
    void shouldSendWhenMessagesComeLater() throws IOException {
        String address = WireBroker.address();
        WireSession session = BROKER.begin();
        WireLink link = session.receiver(address);
        link.credit(2);
        session.awaitAnotherLink();
        session.fill(address, Body.text("1"), Body.text("2"), Body.text("3"));
        link.assertComing(2);
    }

    // ---- Drain

    private static Flow drained(WireLink link, int credit) {
        link.session().sendFlow(link.handle(), uint(link.deliveryCount()), credit, true);
        int limit = link.deliveryCount() + credit;
        return link.session()
                .flow(
                        link.theirHandle(),
                        it -> it.getDeliveryCount() != null
                                && it.getDeliveryCount().intValue() == limit);
    }

    @Test
    @DisplayName("§2.6.7: a drained link with nothing to send uses its credit up and says so")
    void shouldUseUpTheCreditWhenDrainedAndEmpty() throws IOException {
        WireLink link = BROKER.begin().receiver(WireBroker.address());
        Flow flow = drained(link, 10);
        assertThat(flow.getLinkCredit().intValue()).isZero();
        assertThat(link.hasUnread()).isFalse();
    }

    @Test
    @DisplayName("§2.7.4: the flow of a drained link says that it drains")
    void shouldSayThatItDrainsWhenDrained() throws IOException {
        WireLink link = BROKER.begin().receiver(WireBroker.address());
        assertThat(drained(link, 10).getDrain()).isTrue();
    }

    @Test
    @DisplayName("§2.6.7: a drained link sends what there is, and then uses its credit up")
    void shouldSendAllAndUseUpTheCreditWhenDrained() throws IOException {
        WireLink link = full();
        Flow flow = drained(link, 100);
        assertThat(flow.getLinkCredit().intValue()).isZero();
        assertThat(link.unread()).isEqualTo(MESSAGES);
    }

    @Test
    @DisplayName("§2.6.7: a drained link takes credit again, from the count that it came to")
    void shouldSendAgainWhenThereIsCreditAfterADrain() throws IOException {
        String address = WireBroker.address();
        WireSession session = BROKER.begin();
        WireLink link = session.receiver(address);
        assertThat(link.drain()).isEmpty();
        session.fill(address, Body.text("1"), Body.text("2"));
        link.assertComing(0);
        link.credit(1);
        link.assertComing(1);
    }

    @Test
    @DisplayName("§2.6.8: credit that waits is used up when the link is drained later")
    void shouldUseUpWaitingCreditWhenDrainedLater() throws IOException {
        WireLink link = BROKER.begin().receiver(WireBroker.address());
        link.credit(5);
        Flow flow = drained(link, 5);
        assertThat(flow.getLinkCredit().intValue()).isZero();
    }

    // ---- The broker as receiver

    @ParameterizedTest
    @ValueSource(ints = {0, 100, -2})
    @DisplayName(
            "§2.7.4: the broker's credit counts from the sender's delivery-count, which starts anywhere and wraps around")
    void shouldNameTheSendersDeliveryCountWhenItGivesCredit(int first) throws IOException {
        WireSession session = BROKER.begin();
        Body attach =
                Body.sender("counting", 0, Body.target(WireBroker.address())).with(9, uint(first));
        WireLink link = session.attach("counting", 0, attach);
        assertThat(link.nextFlow().getDeliveryCount().intValue()).isEqualTo(first);
        for (int i = 0; i < 5; i++) {
            link.sendAccepted(Body.text("message " + i));
        }
        List<Flow> later = session.client().unread(Flow.class).stream()
                .filter(flow -> flow.getHandle() != null)
                .toList();
        assertThat(later)
                .allMatch(flow -> flow.getDeliveryCount().intValue() - first <= 5
                        && flow.getDeliveryCount().intValue() - first >= 0);
    }

    @Test
    @DisplayName("§2.4.3: more messages than the credit allows are no reason to drop the connection without a close")
    void shouldCloseInGoodOrderWhenMoreIsSentThanTheCreditAllows() throws IOException {
        WireSession session = BROKER.begin();
        Body attach = Body.sender("greedy", 0, Body.target(WireBroker.address()));
        WireLink link = session.attach("greedy", 0, attach);
        long credit = link.nextFlow().getLinkCredit().longValue();
        for (long i = 0; i < Math.min(credit, 2_000) + 100; i++) {
            session.sendTransfer(Body.transfer(link.handle(), session.nextDeliveryId()), Body.text("x"));
        }
        session.client().closesInGoodOrder();
    }
}
