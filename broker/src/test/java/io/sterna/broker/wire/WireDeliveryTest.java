package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.uint;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.wire.WireLink.Delivery;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the broker sends as a sender (AMQP 1.0 §2.6.14, §2.7.5). */
class WireDeliveryTest {
    @RegisterExtension
    static final WireBroker BROKER = new WireBroker();

    private final String address = WireBroker.address();
    private final WireSession session;
    private final WireLink sender;

    /** Attaches a sender to a new queue. */
    WireDeliveryTest() throws IOException {
        session = BROKER.begin();
        sender = session.sender(address);
    }

    @Test
    @DisplayName(
            "§2.7.5: the broker's first transfers have delivery-id, delivery-tag and message-format, and no tag is used twice")
    void shouldSendCompleteTransfersWhenItSends() {
        for (int i = 0; i < 4; i++) {
            sender.sendAccepted(Body.text("message " + i));
        }
        WireLink receiver = session.receiver(address);
        receiver.credit(4);
        Set<Object> tags = new HashSet<>();
        Set<Object> ids = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            Transfer transfer = receiver.receive().transfers().get(0);
            assertThat(transfer.getMessageFormat()).isNotNull();
            assertThat(transfer.getDeliveryTag().getLength()).isLessThanOrEqualTo(32);
            assertThat(tags.add(transfer.getDeliveryTag())).isTrue();
            assertThat(ids.add(transfer.getDeliveryId())).isTrue();
        }
    }

    @Test
    @DisplayName(
            "§2.6.14, §2.7.5: the broker's messages in many frames have one delivery-id, and come one after the other")
    void shouldSendOneAfterTheOtherWhenMessagesAreLarge() throws IOException {
        byte[] one = Body.text("1".repeat(3_000));
        byte[] two = Body.text("2".repeat(3_000));
        sender.sendAccepted(one);
        sender.sendAccepted(two);
        WireClient client = BROKER.connect();
        client.open(Body.open(client.containerId()).with(2, uint(512)));
        WireLink receiver = client.begin().receiver(address);
        receiver.credit(2);
        for (byte[] message : List.of(one, two)) {
            Delivery delivery = receiver.receive();
            assertThat(delivery.message()).endsWith(message);
            assertThat(delivery.transfers())
                    .hasSizeGreaterThan(5)
                    .allMatch(it ->
                            it.getDeliveryId() == null || it.getDeliveryId().intValue() == delivery.id());
        }
    }
}
