package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.qpid.protonj2.test.driver.actions.TransferInjectAction;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Accepted;
import org.junit.jupiter.api.Test;

/** What the application hears of parts of deliveries (AMQP 1.0 §2.6.14), and what comes of it when it gives a link up. */
class PeerBufferingTest extends PeerTest {
    private static final AmqpError FULL = AmqpError.of(ErrorCondition.RESOURCE_LIMIT_EXCEEDED, "no room");

    private final List<Integer> sizes = new CopyOnWriteArrayList<>();

    private TransferInjectAction part(int handle, int deliveryId, int bytes, boolean more) {
        TransferInjectAction transfer = peer.remoteTransfer()
                .withHandle(handle)
                .withDeliveryId(deliveryId)
                .withDeliveryTag(new byte[] {(byte) deliveryId})
                .withMessageFormat(0)
                .withMore(more)
                .withPayload(new byte[bytes]);
        transfer.onChannel(0);
        return transfer;
    }

    @Test
    void shouldTellOfTheBufferWhenItGrowsAndWhenItIsLetGo() throws Exception {
        producer(behaviour -> behaviour.onBuffering = (link, bytes) -> sizes.add(bytes));
        peer.expectDisposition().withFirst(0).withState(Accepted.getInstance());
        part(0, 0, 100, false).now();
        sync();
        assertThat(sizes).as("of a delivery in one transfer").isEmpty();

        part(0, 1, 1_000, true).now();
        part(0, 1, 100, true).now();
        part(0, 1, 900, true).now();
        peer.expectDisposition().withFirst(1).withState(Accepted.getInstance());
        part(0, 1, 10, false).now();
        sync();
        assertThat(sizes).containsExactly(1_500, 3_000, 0);
        assertThat(node.deliveries.get(1).payload()).hasSize(2_010);
    }

    @Test
    void shouldLetTheBufferGoWhenTheDeliveryIsAborted() throws Exception {
        producer(behaviour -> behaviour.onBuffering = (link, bytes) -> sizes.add(bytes));
        part(0, 0, 1_000, true).now();
        part(0, 0, 0, false).withAborted(true).now();
        peer.expectEnd().onChannel(0);
        peer.remoteEnd().onChannel(0).now();
        sync();
        assertThat(sizes).containsExactly(1_500, 0);
    }

    @Test
    void shouldLetTheBufferGoWhenTheSessionEnds() throws Exception {
        producer(behaviour -> behaviour.onBuffering = (link, bytes) -> sizes.add(bytes));
        part(0, 0, 1_000, true).now();
        peer.expectEnd().onChannel(0);
        peer.remoteEnd().onChannel(0).now();
        sync();
        assertThat(sizes).containsExactly(1_500, 0);
        assertThat(node.events).containsExactly("lost in");
    }

    // AMQP 1.0 §2.6.5: what the peer sends before it can know is no fault of its; another link goes on.
    @Test
    void shouldDetachAndPassOverTheRestWhenTheLinkIsGivenUp() throws Exception {
        producer(behaviour -> behaviour.onBuffering = (link, bytes) -> {
            sizes.add(bytes);
            if (bytes > 2_000) {
                link.giveUp(FULL);
            }
        });
        peer.expectAttach().withName("second").withHandle(1);
        peer.expectFlow().withHandle(1);
        attachSender("second", 1);
        sync();
        part(0, 0, 1_000, true).now();
        part(1, 1, 1_000, true).now();
        peer.expectDetach().withHandle(0).withClosed(true).withError("amqp:resource-limit-exceeded", "no room");
        part(0, 0, 1_000, true).now();
        sync();
        part(0, 0, 1_000, true).now();
        part(0, 0, 1_000, false).now();
        peer.expectDisposition().withFirst(1).withState(Accepted.getInstance());
        part(1, 1, 100, false).now();
        sync();

        assertThat(sizes).containsExactly(1_500, 1_500, 3_000, 0, 0);
        assertThat(node.events).containsExactly("lost in");
        assertThat(node.deliveries).hasSize(1);
    }

    // AMQP 1.0 §2.4.5: who is not listened to can't be heard.
    @Test
    void shouldReadNothingAndNotCallThePeerSilentWhileItIsHeld() throws Exception {
        producer(behaviour -> {
            behaviour.outcome = Optional.of(DeliveryState.Accepted.INSTANCE);
            behaviour.settings = new ConnectionSettings("echo", 64 * 1024, 255, 255, 2048, 60_000, 10_000, 10_000);
        });
        Connection connection = node.connections.get(0);
        node.run(() -> {
            connection.holdInput(true);
            assertThat(connection.wantsInput()).isFalse();
            connection.tick(Long.MAX_VALUE / 2);
            assertThat(connection.isOpen()).isTrue();
            connection.holdInput(false);
            assertThat(connection.wantsInput()).isTrue();
        });
        peer.expectDisposition().withFirst(0).withState(Accepted.getInstance());
        part(0, 0, 1, false).now();
        sync();
    }
}
