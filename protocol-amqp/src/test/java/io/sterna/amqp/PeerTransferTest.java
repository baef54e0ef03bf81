package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;

import io.sterna.amqp.message.OutgoingMessage;
import java.util.Optional;
import org.apache.qpid.protonj2.test.driver.actions.TransferInjectAction;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Accepted;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Released;
import org.apache.qpid.protonj2.test.driver.codec.transport.ReceiverSettleMode;
import org.hamcrest.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transfers, AMQP 1.0 §2.6.12 to §2.6.14 and §2.7.5, against a scripted client. */
class PeerTransferTest extends PeerTest {

    @Test
    void shouldAcceptAndSettleWhenAMessageComes() throws Exception {
        producer();
        peer.expectDisposition()
                .withRole(true)
                .withFirst(0)
                .withLast(nullValue())
                .withSettled(true)
                .withState(Accepted.getInstance());
        transfer(0).now();
        sync();
        assertThat(node.deliveries).singleElement().satisfies(delivery -> {
            assertThat(delivery.tag()).containsExactly(0);
            assertThat(delivery.payload()).containsExactly(0);
            assertThat(delivery.messageFormat()).isZero();
            assertThat(delivery.remotelySettled()).isFalse();
            assertThat(delivery.resumed()).isFalse();
        });
    }

    // AMQP 1.0 §2.7.5, message-format
    @Test
    void shouldKeepTheMessageFormatWhenItIsAnother() throws Exception {
        producer(behaviour -> behaviour.outcome = Optional.empty());
        transfer(0).withMessageFormat(0x80000102L).now();
        sessionLives();
        assertThat(node.deliveries).singleElement().satisfies(delivery -> assertThat(delivery.messageFormat())
                .isEqualTo(0x80000102));
    }

    // AMQP 1.0 §2.6.12: "the Receiver clearly has no obligation to respond with updates of the Receiver's delivery
    // state,
    // as they would be meaningless and ignored by the Sender".
    @Test
    void shouldNotAnswerWhenAMessageComesSettled() throws Exception {
        producer();
        transfer(0).withSettled(true).now();
        transfer(1).withSettled(true).now();
        sessionLives();
        assertThat(node.deliveries).hasSize(2).allMatch(IncomingDelivery::remotelySettled);
    }

    // AMQP 1.0 §2.6.14
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 17})
    void shouldPutTheMessageTogetherWhenItComesInParts(int parts) throws Exception {
        producer();
        peer.expectDisposition().withFirst(0).withSettled(true).withState(Accepted.getInstance());
        for (int i = 0; i < parts; i++) {
            part(0, new byte[] {(byte) i}, i < parts - 1).now();
        }
        sync();
        assertThat(node.deliveries).singleElement().satisfies(delivery -> assertThat(delivery.payload())
                .hasSize(parts)
                .startsWith(0, 1)
                .endsWith(parts - 1));
    }

    // AMQP 1.0 §2.7.5: on continuation transfers delivery-id, delivery-tag and message-format may be omitted.
    @Test
    void shouldPutTheMessageTogetherWhenLaterPartsNameNothing() throws Exception {
        producer(behaviour -> behaviour.outcome = Optional.empty());
        part(0, new byte[] {1}, true).now();
        peer.remoteTransfer()
                .withHandle(0)
                .withNullDeliveryTag()
                .withMore(true)
                .withPayload(new byte[] {2})
                .onChannel(0)
                .now();
        peer.remoteTransfer()
                .withHandle(0)
                .withNullDeliveryTag()
                .withPayload(new byte[] {3})
                .onChannel(0)
                .now();
        sessionLives();
        assertThat(node.deliveries).singleElement().satisfies(delivery -> assertThat(delivery.payload())
                .containsExactly(1, 2, 3));
    }

    @Test
    void shouldTakeAnEmptyMessageWhenATransferHasNoPayload() throws Exception {
        producer(behaviour -> behaviour.outcome = Optional.empty());
        peer.remoteTransfer()
                .withHandle(0)
                .withDeliveryId(0)
                .withDeliveryTag(new byte[] {1})
                .withMessageFormat(0)
                .onChannel(0)
                .now();
        sessionLives();
        assertThat(node.deliveries).singleElement().satisfies(delivery -> assertThat(delivery.payload())
                .isEmpty());
    }

    // AMQP 1.0 §2.6.14: "messages being transferred along different links MAY be interleaved".
    @Test
    void shouldKeepMessagesApartWhenTwoLinksInterleave() throws Exception {
        producer(behaviour -> behaviour.outcome = Optional.empty());
        peer.expectAttach().withName("second").withHandle(1);
        peer.expectFlow().withHandle(1);
        attachSender("second", 1);
        sync();
        part(0, new byte[] {1}, true).now();
        part(1, new byte[] {11}, true).withHandle(1).now();
        part(0, new byte[] {2}, false).now();
        part(1, new byte[] {12}, false).withHandle(1).now();
        sessionLives();
        assertThat(node.deliveries).hasSize(2);
        assertThat(node.deliveries.get(0).payload()).containsExactly(1, 2);
        assertThat(node.deliveries.get(1).payload()).containsExactly(11, 12);
    }

    // AMQP 1.0 §2.6.14: "messages transferred along a single link MUST NOT be interleaved", and §2.7.5: "It is an error
    // if
    // the delivery-id on a continuation transfer differs from the delivery-id on the first transfer of a delivery."
    @Test
    void shouldDetachTheLinkWhenAContinuationHasAnotherDeliveryId() throws Exception {
        producer();
        part(0, new byte[] {1}, true).now();
        expectLinkError("amqp:invalid-field");
        part(1, new byte[] {1}, false).now();
        sync();
        sessionLives();
        assertThat(node.deliveries).isEmpty();
    }

    // AMQP 1.0 §2.7.5: the tag "may only be omitted for continuation transfers", not changed.
    @Test
    void shouldDetachTheLinkWhenAContinuationHasAnotherTag() throws Exception {
        producer();
        part(0, new byte[] {1}, true).now();
        expectLinkError("amqp:invalid-field");
        part(0, new byte[] {1}, false).withDeliveryTag(new byte[] {99}).now();
        sync();
        sessionLives();
    }

    @Test
    void shouldDetachTheLinkWhenAContinuationHasAnotherMessageFormat() throws Exception {
        producer();
        part(0, new byte[] {1}, true).now();
        expectLinkError("amqp:invalid-field");
        part(0, new byte[] {1}, false).withMessageFormat(7).now();
        sync();
        sessionLives();
    }

    // AMQP 1.0 §2.7.5: "The delivery-id MUST be supplied on the first transfer of a multi-transfer delivery."
    @Test
    void shouldDetachTheLinkWhenTheFirstTransferHasNoDeliveryId() throws Exception {
        producer();
        expectLinkError("amqp:invalid-field");
        peer.remoteTransfer()
                .withHandle(0)
                .withDeliveryTag(new byte[] {1})
                .onChannel(0)
                .now();
        sync();
        sessionLives();
    }

    @Test
    void shouldDetachTheLinkWhenTheFirstTransferHasNoDeliveryTag() throws Exception {
        producer();
        expectLinkError("amqp:invalid-field");
        peer.remoteTransfer()
                .withHandle(0)
                .withDeliveryId(0)
                .withNullDeliveryTag()
                .onChannel(0)
                .now();
        sync();
        sessionLives();
    }

    // AMQP 1.0 §2.8.7: "A delivery-tag may be up to 32 octets of binary data."
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 32})
    void shouldTakeATagWhenItIsNotTooLong(int bytes) throws Exception {
        producer();
        peer.expectDisposition().withFirst(0);
        transfer(0).withDeliveryTag(new byte[bytes]).now();
        sync();
        assertThat(node.deliveries.get(0).tag()).hasSize(bytes);
    }

    @Test
    void shouldDetachTheLinkWhenATagHasMoreThan32Bytes() throws Exception {
        producer();
        expectLinkError("amqp:invalid-field");
        transfer(0).withDeliveryTag(new byte[33]).now();
        sync();
        sessionLives();
    }

    // AMQP 1.0 §2.6.12: delivery-ids refer to one delivery each.
    @Test
    void shouldEndTheSessionWhenADeliveryIdIsOfAnUnsettledDelivery() throws Exception {
        producer(behaviour -> behaviour.outcome = Optional.empty());
        transfer(5).now();
        peer.expectEnd().withError("amqp:invalid-field", text());
        transfer(5).now();
        sync();
    }

    // AMQP 1.0 §2.6.7: "If the link-credit is less than or equal to zero ... it is illegal to send more messages."
    @Test
    void shouldDetachTheLinkWhenATransferComesWithoutCredit() throws Exception {
        producer(behaviour -> {
            behaviour.window = 2;
            behaviour.outcome = Optional.empty();
        });
        transfer(0).now();
        transfer(1).now();
        expectLinkError("amqp:link:transfer-limit-exceeded");
        transfer(2).now();
        sync();
        sessionLives();
        assertThat(node.deliveries).hasSize(2);
    }

    @Test
    void shouldDetachTheLinkWhenATransferComesBeforeAnyCredit() throws Exception {
        producer(behaviour -> behaviour.window = 0);
        expectLinkError("amqp:link:transfer-limit-exceeded");
        transfer(0).now();
        sync();
        sessionLives();
    }

    @Test
    void shouldRefuseTheLinkWhenATransferComesBeforeItIsAnswered() throws Exception {
        begin(behaviour -> behaviour.answerAttaches = false);
        attachSender("in", 0);
        await().until(() -> node.receivers.size() == 1);
        peer.expectAttach().ofReceiver().withNullTarget();
        expectLinkError("amqp:link:transfer-limit-exceeded");
        transfer(0).now();
        sync();
        sessionLives();
    }

    @Test
    void shouldKeepOtherLinksWhenOneIsOverrun() throws Exception {
        producer(behaviour -> behaviour.window = 1);
        peer.expectAttach().withName("second").withHandle(1);
        peer.expectFlow().withHandle(1).withLinkCredit(1);
        attachSender("second", 1);
        sync();
        node.run(() -> node.behaviour.outcome = Optional.empty());
        transfer(0).now();
        expectLinkError("amqp:link:transfer-limit-exceeded");
        transfer(1).now();
        sync();
        transfer(2).withHandle(1).now();
        await().until(() -> node.deliveries.size() == 2);
        sessionLives();
    }

    // AMQP 1.0 §2.7.5: "Aborted Messages should be discarded by the recipient (any payload within the frame carrying
    // the
    // performative MUST be ignored). An aborted Message is implicitly settled."
    @Test
    void shouldForgetTheMessageWhenItIsAborted() throws Exception {
        producer();
        part(0, new byte[] {1}, true).now();
        part(0, new byte[] {2}, false).withAborted(true).now();
        peer.expectDisposition().withFirst(1);
        transfer(1).now();
        sync();
        assertThat(node.deliveries).singleElement().satisfies(delivery -> assertThat(delivery.payload())
                .containsExactly(1));
    }

    // AMQP 1.0 §2.7.5: "if both the more and aborted fields are set to true, the aborted flag takes precedence".
    @Test
    void shouldForgetTheMessageWhenItIsAbortedAndSaysThatMoreComes() throws Exception {
        producer();
        part(0, new byte[] {1}, true).now();
        part(0, new byte[] {2}, true).withAborted(true).now();
        peer.expectDisposition().withFirst(1);
        transfer(1).now();
        sync();
    }

    @Test
    void shouldTakeTheDeliveryIdAgainWhenItsDeliveryWasAborted() throws Exception {
        producer(behaviour -> behaviour.outcome = Optional.empty());
        part(0, new byte[] {1}, true).now();
        part(0, new byte[] {2}, false).withAborted(true).now();
        transfer(0).now();
        sessionLives();
        assertThat(node.deliveries).hasSize(1);
    }

    // AMQP 1.0 §2.6.7: an aborted delivery has used credit, and gives it back since nothing is left to do.
    @Test
    void shouldGiveCreditAgainWhenAMessageIsAborted() throws Exception {
        producer(behaviour -> behaviour.window = 1);
        part(0, new byte[] {1}, true).now();
        peer.expectFlow().withHandle(0).withDeliveryCount(1).withLinkCredit(1);
        part(0, new byte[] {2}, false).withAborted(true).now();
        sync();
    }

    // AMQP 1.0 §2.7.5: "if the settled flag is left unset then it MUST be interpreted as true if and only if the value
    // of
    // the settled flag on any of the preceding transfers was true".
    @ParameterizedTest(name = "settled {0}, {1}: {2}")
    @CsvSource({"true,,true", ",true,true", "false,true,true", "true,false,true", ",,false", "false,false,false"})
    void shouldKnowWhetherADeliveryIsSettledWhenItsTransfersSay(Boolean first, Boolean second, boolean settled)
            throws Exception {
        producer(behaviour -> behaviour.outcome = Optional.empty());
        TransferInjectAction one = part(0, new byte[] {1}, true);
        TransferInjectAction two = part(0, new byte[] {2}, false);
        if (first != null) {
            one.withSettled(first.booleanValue());
        }
        if (second != null) {
            two.withSettled(second.booleanValue());
        }
        one.now();
        two.now();
        sessionLives();
        assertThat(node.deliveries).singleElement().satisfies(delivery -> assertThat(delivery.remotelySettled())
                .isEqualTo(settled));
    }

    // AMQP 1.0 §2.7.5: with snd-settle-mode settled "this field MUST be true on at least one transfer frame", with
    // unsettled it "MUST be false (or unset) on every transfer frame for a delivery (unless the delivery is aborted)".
    @ParameterizedTest(name = "mode {0}, settled {1}: {2}")
    @CsvSource({"1,true,true", "1,false,false", "0,false,true", "0,true,false", "2,true,true", "2,false,true"})
    void shouldHoldThePeerToItsSettleModeWhenATransferComes(byte mode, boolean settled, boolean legal)
            throws Exception {
        begin(behaviour -> behaviour.outcome = Optional.empty());
        peer.expectAttach().ofReceiver();
        peer.expectFlow();
        peer.remoteAttach()
                .ofSender()
                .withName("in")
                .withHandle(0)
                .withInitialDeliveryCount(0)
                .withSndSettleMode(mode)
                .onChannel(0)
                .now();
        sync();
        if (!legal) {
            expectLinkError("amqp:invalid-field");
        }
        transfer(0).withSettled(settled).now();
        sync();
        sessionLives();
        assertThat(node.deliveries).hasSize(legal ? 1 : 0);
    }

    // AMQP 1.0 §2.7.5: "If the negotiated link value is first, then it is illegal to set this field to second."
    @Test
    void shouldDetachTheLinkWhenATransferAsksForSecondOnALinkOfFirst() throws Exception {
        producer();
        expectLinkError("amqp:invalid-field");
        transfer(0).withRcvSettleMode(ReceiverSettleMode.SECOND).now();
        sync();
        sessionLives();
    }

    // AMQP 1.0 §2.7.5: "If the message is being sent settled by the Sender, the value of this field is ignored."
    @Test
    void shouldIgnoreTheReceiversModeWhenAMessageComesSettled() throws Exception {
        producer();
        transfer(0)
                .withRcvSettleMode(ReceiverSettleMode.SECOND)
                .withSettled(true)
                .now();
        sessionLives();
        assertThat(node.deliveries).hasSize(1);
    }

    // AMQP 1.0 §2.7.5, state: "equivalent to sending a disposition immediately before".
    @Test
    void shouldTellTheStateWhenATransferCarriesOne() throws Exception {
        producer(behaviour -> behaviour.outcome = Optional.empty());
        transfer(0).withState(Released.getInstance()).now();
        sessionLives();
        assertThat(node.deliveries).singleElement().satisfies(delivery -> assertThat(delivery.remoteState())
                .contains(DeliveryState.Released.INSTANCE));
    }

    // AMQP 1.0 §2.7.3: "Any attempt to deliver a message larger than this results in a message-size-exceeded
    // link-error."
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void shouldDetachTheLinkWhenAMessageIsLargerThanMaxMessageSize(int parts) throws Exception {
        producer(behaviour -> behaviour.maxMessageBytes = 100);
        expectLinkError("amqp:link:message-size-exceeded");
        int bytes = 100 / parts + 1;
        for (int i = 0; i < parts - 1; i++) {
            part(0, new byte[bytes], true).now();
        }
        part(0, new byte[bytes], false).now();
        sync();
        sessionLives();
        assertThat(node.deliveries).isEmpty();
    }

    @Test
    void shouldTakeAMessageWhenItIsAsLargeAsMaxMessageSize() throws Exception {
        producer(behaviour -> behaviour.maxMessageBytes = 100);
        peer.expectDisposition().withFirst(0);
        part(0, new byte[60], true).now();
        part(0, new byte[40], false).now();
        sync();
    }

    // AMQP 1.0 §2.6.14: an incomplete delivery dies with its link.
    @Test
    void shouldForgetAPartialMessageWhenItsLinkIsDetached() throws Exception {
        producer();
        part(0, new byte[] {1}, true).now();
        peer.expectDetach();
        peer.remoteDetach().withHandle(0).withClosed(true).onChannel(0).now();
        sync();
        peer.expectAttach();
        peer.expectFlow();
        attachSender("in", 0);
        sync();
        peer.expectDisposition().withFirst(0);
        transfer(0).now();
        sync();
        assertThat(node.deliveries).hasSize(1);
    }

    // AMQP 1.0 §2.7.5
    @Test
    void shouldEndTheSessionWhenATransferComesOnALinkOnWhichThePeerReceives() throws Exception {
        consumer();
        peer.expectEnd().withError("amqp:not-allowed", text());
        transfer(0).now();
        sync();
    }

    // AMQP 1.0 §2.7.5: what the first transfer has to say, and what later ones leave out.
    @Test
    void shouldCutAMessageIntoTransfersWhenThePeersFramesAreSmall() throws Exception {
        headers(behaviour -> {});
        peer.expectOpen();
        peer.remoteOpen().withContainerId("peer").withMaxFrameSize(512).now();
        peer.expectBegin();
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(100)
                .withOutgoingWindow(100)
                .onChannel(0)
                .now();
        peer.expectAttach();
        attachReceiver("out", 0);
        credit(0, 1);
        peer.expectTransfer()
                .withHandle(0)
                .withDeliveryId(0)
                .withDeliveryTag(new byte[] {1})
                .withMessageFormat(3)
                .withMore(true)
                .withSettled(false)
                .withNonNullPayload();
        peer.expectTransfer().withHandle(0).withMore(true).withNonNullPayload();
        peer.expectTransfer().withHandle(0).withMore(orFalse()).withNonNullPayload();
        await().until(() ->
                !node.senders.isEmpty() && node.call(() -> node.senders.get(0).credit() == 1));
        node.run(() -> node.senders
                .get(0)
                .send(new byte[] {1}, 3, OutgoingMessage.untouched(new byte[1200]), false, "context"));
        sync();
    }

    @Test
    void shouldSendSettledWhenTheApplicationSaysSo() throws Exception {
        consumer();
        credit(0, 1);
        await().until(() -> node.events.contains("credit 1"));
        peer.expectTransfer().withDeliveryId(0).withSettled(true).withPayload(new byte[] {42});
        node.run(() -> node.senders
                .get(0)
                .send(new byte[] {1}, 0, OutgoingMessage.untouched(new byte[] {42}), true, "context"));
        sync();
    }

    // AMQP 1.0 §2.6.13
    @Test
    void shouldMarkTheTransferWhenItResumesADelivery() throws Exception {
        consumer();
        credit(0, 1);
        await().until(() -> node.events.contains("credit 1"));
        peer.expectTransfer()
                .withDeliveryId(0)
                .withDeliveryTag(new byte[] {5})
                .withResume(true)
                .withState(Accepted.getInstance())
                .withNullPayload();
        node.run(() -> node.senders
                .get(0)
                .resume(
                        new byte[] {5},
                        0,
                        OutgoingMessage.untouched(new byte[0]),
                        Optional.of(DeliveryState.Accepted.INSTANCE),
                        "context"));
        sync();
    }

    // AMQP 1.0 §2.6.14: "The sender may indicate an aborted attempt to deliver a Message by setting the abort flag on
    // the
    // last transfer."
    @Test
    void shouldAbortWhenItDetachesInTheMiddleOfAMessage() throws Exception {
        headers(behaviour -> {});
        peer.expectOpen();
        peer.remoteOpen().withContainerId("peer").withMaxFrameSize(512).now();
        peer.expectBegin();
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(1)
                .withOutgoingWindow(100)
                .onChannel(0)
                .now();
        peer.expectAttach();
        attachReceiver("out", 0);
        peer.remoteFlow()
                .withHandle(0)
                .withDeliveryCount(0)
                .withLinkCredit(1)
                .withNextIncomingId(0)
                .withIncomingWindow(1)
                .withNextOutgoingId(0)
                .withOutgoingWindow(100)
                .onChannel(0)
                .now();
        peer.expectTransfer().withDeliveryId(0).withMore(true);
        await().until(() -> node.events.contains("credit 1"));
        node.run(() -> node.senders
                .get(0)
                .send(new byte[] {1}, 0, OutgoingMessage.untouched(new byte[1200]), false, "context"));
        sync();
        // Without room in the peer's window the detach alone has to say it.
        peer.expectDetach().withHandle(0);
        node.run(() -> node.senders.get(0).detach(false, Optional.empty()));
        sync();
        // The transfer-ids of both sides still agree.
        peer.expectFlow().withNextOutgoingId(1);
        flow(1).withEcho(true).now();
        sync();
    }

    private void expectLinkError(String condition) {
        peer.expectDetach().withHandle(0).withClosed(true).withError(condition, text());
    }

    private TransferInjectAction part(int deliveryId, byte[] payload, boolean more) {
        return transfer(deliveryId).withMore(more).withPayload(payload);
    }

    private static Matcher<?> orFalse() {
        return anyOf(nullValue(), is(false));
    }
}
