package io.sterna.broker.interop;

import static io.sterna.broker.interop.ProtonClient.sendNumbered;
import static io.sterna.broker.interop.ProtonClient.uniqueAddress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.notNullValue;

import io.sterna.broker.testing.BrokerExtension;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.test.driver.ProtonTestClient;
import org.apache.qpid.protonj2.test.driver.codec.transport.ReceiverSettleMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Receiver-settle-mode second (AMQP 1.0 §2.8.3), which the client library does not offer, by a scripted peer. */
@Timeout(60)
class SettleSecondTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withSettings();

    @RegisterExtension
    final ProtonClient client = new ProtonClient(BROKER);

    /** The receiver settles only after the broker has, and the message is then gone for good. */
    @Test
    void shouldSettleFirstWhenReceiverSettlesSecond() throws Exception {
        String address = uniqueAddress();
        Connection connection = client.connect();
        sendNumbered(connection, address, 2);
        try (ProtonTestClient peer = new ProtonTestClient()) {
            peer.queueClientSaslAnonymousConnect();
            peer.remoteOpen().withContainerId("settles-second").queue();
            peer.expectOpen();
            peer.remoteBegin().queue();
            peer.expectBegin();
            peer.remoteAttach()
                    .ofReceiver()
                    .withName("second")
                    .withHandle(0)
                    .withReceivervSettlesSecond()
                    .withSource()
                    .withAddress(address)
                    .withOutcomes("amqp:accepted:list", "amqp:released:list")
                    .also()
                    .withTarget()
                    .withAddress("here")
                    .also()
                    .queue();
            peer.expectAttach()
                    .ofSender()
                    .withRcvSettleMode(ReceiverSettleMode.SECOND)
                    .withSource(notNullValue());
            peer.remoteFlow()
                    .withHandle(0)
                    .withDeliveryCount(0)
                    .withLinkCredit(2)
                    .queue();
            peer.expectTransfer().withDeliveryId(0).withNonNullPayload();
            peer.expectTransfer().withDeliveryId(1).withNonNullPayload();
            peer.remoteDisposition()
                    .withRole(true)
                    .withFirst(0)
                    .withLast(1)
                    .withSettled(false)
                    .withState()
                    .accepted()
                    .queue();
            peer.expectDisposition().withRole(false).withFirst(0).withLast(1).withSettled(true);
            peer.connect(BROKER.broker().host(), BROKER.broker().port());
            peer.waitForScriptToComplete(ProtonClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        Receiver receiver = connection.openReceiver(address, ProtonClient.byHand());
        receiver.addCredit(2);
        ProtonCreditTest.drain(receiver);
        assertThat(receiver.queuedDeliveries()).isZero();
    }
}
