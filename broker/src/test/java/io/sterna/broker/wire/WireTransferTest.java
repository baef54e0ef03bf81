package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.NULL;
import static io.sterna.broker.testing.Wire.binary;
import static io.sterna.broker.testing.Wire.bool;
import static io.sterna.broker.testing.Wire.join;
import static io.sterna.broker.testing.Wire.ubyte;
import static io.sterna.broker.testing.Wire.uint;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.Wire;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transfers in one frame and in many (AMQP 1.0 §2.6.11 to §2.6.14, §2.7.5). */
class WireTransferTest {
    private static final int DELIVERY_ID = 1;
    private static final int SETTLED = 4;
    private static final int MORE = 5;
    private static final int RESUME = 8;
    private static final int ABORTED = 9;
    private static final byte[] LAST = Body.text("the last one");

    @RegisterExtension
    static final WireBroker BROKER = new WireBroker();

    private final String address = WireBroker.address();
    private final WireSession session;
    private final WireLink sender;

    /** Attaches a sender to a new queue. */
    WireTransferTest() throws IOException {
        session = BROKER.begin();
        sender = session.sender(address);
    }

    private Body first(int id) {
        return Body.transfer(sender.handle(), id);
    }

    /** What follows the first transfer names no more than the link. */
    private Body next(boolean more) {
        return Body.of(0x14, uint(sender.handle())).with(MORE, bool(more));
    }

    /** Sends one more message, and asserts that these and that one are what the queue has. */
    private void assertQueueHas(byte[]... messages) {
        session.awaitAnotherLink();
        sender.sendAccepted(LAST);
        WireLink receiver = session.receiver(address);
        receiver.credit(messages.length + 1);
        for (byte[] message : messages) {
            assertThat(receiver.receive().message()).endsWith(message);
        }
        assertThat(receiver.receive().message()).endsWith(LAST);
    }

    // ---- §2.6.14 Large messages

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 100})
    @DisplayName("§2.6.14: a message may be cut anywhere")
    void shouldPutPartsTogetherWhenAMessageComesInMany(int octets) {
        byte[] message = join(Body.section(0x70, new byte[] {(byte) 0xc0, 2, 1, 0x41}), Body.text("in many parts"));
        int id = session.nextDeliveryId();
        for (int from = 0; from < message.length; from += octets) {
            byte[] part = Arrays.copyOfRange(message, from, Math.min(message.length, from + octets));
            boolean more = from + octets < message.length;
            session.sendTransfer(from == 0 ? first(id).with(MORE, bool(more)) : next(more), part);
        }
        session.accepted(id);
        assertQueueHas(Body.text("in many parts"));
    }

    @Test
    @DisplayName("§2.7.5: what follows may say delivery-id, tag and format again")
    void shouldPutPartsTogetherWhenTheyRepeatTheirFields() {
        byte[] message = Body.text("said again");
        int id = session.nextDeliveryId();
        session.sendTransfer(first(id).with(MORE, bool(true)), Arrays.copyOf(message, 5));
        session.sendTransfer(first(id), Arrays.copyOfRange(message, 5, message.length));
        session.accepted(id);
        assertQueueHas(message);
    }

    @Test
    @DisplayName("§2.7.5: transfers without payload are parts, too")
    void shouldPutPartsTogetherWhenSomeAreEmpty() {
        byte[] message = Body.text("with gaps");
        int id = session.nextDeliveryId();
        session.sendTransfer(first(id).with(MORE, bool(true)), new byte[0]);
        session.sendTransfer(next(true), message);
        session.sendTransfer(next(true), new byte[0]);
        session.sendTransfer(next(false), new byte[0]);
        session.accepted(id);
        assertQueueHas(message);
    }

    @Test
    @DisplayName("§2.6.14: messages on different links may be interleaved")
    void shouldKeepMessagesApartWhenLinksAreInterleaved() {
        String otherAddress = WireBroker.address();
        WireLink other = session.sender(otherAddress);
        byte[] one = Body.text("one link");
        byte[] two = Body.text("another link");
        int first = session.nextDeliveryId();
        int second = session.nextDeliveryId();
        session.sendTransfer(first(first).with(MORE, bool(true)), Arrays.copyOf(one, 4));
        session.sendTransfer(Body.transfer(other.handle(), second).with(MORE, bool(true)), Arrays.copyOf(two, 6));
        session.sendTransfer(next(false), Arrays.copyOfRange(one, 4, one.length));
        session.sendTransfer(Body.of(0x14, uint(other.handle())), Arrays.copyOfRange(two, 6, two.length));
        session.accepted(first);
        session.accepted(second);
        assertThat(session.receiver(otherAddress).receiveWithCredit().message()).endsWith(two);
        assertQueueHas(one);
    }

    @Test
    @DisplayName("§2.6.14: a message that is larger than the broker's frames and windows comes back whole")
    void shouldDeliverWholeWhenAMessageIsLarge() {
        byte[] text = Body.text("x".repeat(1_000_000));
        int id = session.nextDeliveryId();
        int part = 400;
        for (int from = 0; from < text.length; from += 50 * part) {
            boolean more = from + 50 * part < text.length;
            byte[] payload = Arrays.copyOfRange(text, from, Math.min(text.length, from + 50 * part));
            session.sendTransfer(from == 0 ? first(id).with(MORE, bool(more)) : next(more), payload);
        }
        session.accepted(id);
        assertQueueHas(text);
    }

    @Test
    @DisplayName("§2.7.5: a delivery-id that changes within a delivery is an error")
    void shouldRefuseWhenTheDeliveryIdChangesWithinADelivery() {
        byte[] message = Body.text("changed");
        session.sendTransfer(first(0).with(MORE, bool(true)), Arrays.copyOf(message, 4));
        session.sendTransfer(next(false).with(DELIVERY_ID, uint(5)), Arrays.copyOfRange(message, 4, message.length));
        assertThat(session.client().ending().condition()).isNotEmpty();
    }

    // ---- Aborted deliveries

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("§2.6.14, §2.7.5: what came of an aborted delivery is discarded, and its payload ignored")
    void shouldDiscardWhatCameWhenADeliveryIsAborted(boolean payload) {
        int id = session.nextDeliveryId();
        session.sendTransfer(first(id).with(MORE, bool(true)), Body.text("never mind"));
        session.sendTransfer(next(false).with(ABORTED, bool(true)), payload ? Body.text("ignored") : new byte[0]);
        assertQueueHas();
    }

    @Test
    @DisplayName("§2.7.5: a delivery that is aborted with its first transfer is none")
    void shouldDiscardWhatCameWhenTheFirstTransferIsAborted() {
        session.sendTransfer(first(session.nextDeliveryId()).with(ABORTED, bool(true)), Body.text("never mind"));
        assertQueueHas();
    }

    // ---- Settled

    @Test
    @DisplayName("§2.6.12: what is sent settled is delivered")
    void shouldDeliverWhenSentSettled() {
        byte[] message = Body.text("settled");
        session.sendTransfer(first(session.nextDeliveryId()).with(SETTLED, bool(true)), message);
        assertQueueHas(message);
    }

    @Test
    @DisplayName("§2.7.3, §2.4.3: settled and unsettled deliveries come in any order where the mode is mixed")
    void shouldTellTheOutcomeWhenAnUnsettledDeliveryFollowsASettledOne() {
        Body settled = first(session.nextDeliveryId()).with(SETTLED, bool(true));
        int unsettled = session.nextDeliveryId();
        session.client()
                .send(
                        Wire.frame(0, join(settled.octets(), Body.text("settled"))),
                        Wire.frame(0, join(first(unsettled).octets(), Body.text("unsettled"))));
        session.accepted(unsettled);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    @DisplayName("§2.7.5: a delivery is settled when one of its transfers says so")
    void shouldDeliverWhenOneOfTheTransfersIsSettled(int which) {
        byte[] message = Body.text("in three parts");
        int id = session.nextDeliveryId();
        for (int part = 0; part < 3; part++) {
            Body transfer = (part == 0 ? first(id).with(SETTLED, NULL) : next(true)).with(MORE, bool(part < 2));
            byte[] payload = Arrays.copyOfRange(message, part * 5, part == 2 ? message.length : part * 5 + 5);
            session.sendTransfer(part == which ? transfer.with(SETTLED, bool(true)) : transfer, payload);
        }
        assertQueueHas(message);
    }

    @Test
    @DisplayName("§2.7.5: settled that is not set is false")
    void shouldTellTheOutcomeWhenSettledIsNotSet() {
        byte[] message = Body.text("unsettled");
        int id = session.nextDeliveryId();
        session.sendTransfer(first(id).with(SETTLED, NULL), message);
        session.accepted(id);
        assertQueueHas(message);
    }

    @Test
    @DisplayName("§2.7.5: batchable and an explicit rcv-settle-mode are no hindrance")
    void shouldTellTheOutcomeWhenAllFieldsAreSet() {
        byte[] message = Body.text("full");
        int id = session.nextDeliveryId();
        session.sendTransfer(
                first(id)
                        .with(6, ubyte(0))
                        .with(RESUME, bool(false))
                        .with(ABORTED, bool(false))
                        .with(10, bool(true)),
                message);
        session.accepted(id);
        assertQueueHas(message);
    }

    // ---- Tags

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 32})
    @DisplayName("§2.8.7: a delivery-tag has up to 32 octets")
    void shouldTakeTagsOfAnyLength(int octets) {
        byte[] message = Body.text("tagged");
        int id = session.nextDeliveryId();
        session.sendTransfer(first(id).with(2, binary(new byte[octets])), message);
        session.accepted(id);
        assertQueueHas(message);
    }

    @Test
    @DisplayName("§2.6.12: a tag may be used again when its delivery is settled")
    void shouldTakeATagAgainWhenItsDeliveryIsSettled() {
        for (int i = 0; i < 3; i++) {
            sender.awaitCredit();
            int id = session.nextDeliveryId();
            session.sendTransfer(first(id).with(2, binary(new byte[] {1})), Body.text("message " + i));
            session.accepted(id);
        }
        assertQueueHas(Body.text("message 0"), Body.text("message 1"), Body.text("message 2"));
    }

    @Test
    @DisplayName("§2.7.5: a resumed delivery that the broker does not know is ignored")
    void shouldIgnoreAResumedDeliveryWhenItIsUnknown() {
        session.sendTransfer(first(session.nextDeliveryId()).with(RESUME, bool(true)), Body.text("resumed"));
        assertQueueHas();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {"no delivery-id", "no delivery-tag", "a tag of 33 octets", "no message-format", "settled second"
            })
    @DisplayName("§2.4.3: a transfer that lacks what it must have is no reason to drop the connection without a close")
    void shouldCloseInGoodOrderWhenATransferIsNotComplete(String what) {
        Body transfer = first(session.nextDeliveryId());
        session.sendTransfer(
                switch (what) {
                    case "no delivery-id" -> transfer.with(DELIVERY_ID, NULL);
                    case "no delivery-tag" -> transfer.with(2, NULL);
                    case "a tag of 33 octets" -> transfer.with(2, binary(new byte[33]));
                    case "no message-format" -> transfer.with(3, NULL);
                    default -> transfer.with(6, ubyte(1));
                },
                Body.text("wrong"));
        session.client().closesInGoodOrder();
    }
}
