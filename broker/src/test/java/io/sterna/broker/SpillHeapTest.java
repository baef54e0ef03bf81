package io.sterna.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerExtension;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Tracker;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A broker with a small heap, and many times as much of messages that are not durable. */
@Tag("sterna")
@Timeout(240)
class SpillHeapTest {
    private static final int HEAP_MEBIBYTES = 96;
    private static final int BODY_BYTES = 4 * 1024;
    private static final int MOST_UNDER_WAY = 1_000;

    @RegisterExtension
    static final BrokerExtension BROKER =
            BrokerExtension.withSettings("threads.event-loops = 1").withHeapMebibytes(HEAP_MEBIBYTES);

    @Test
    void shouldTakeAllAndDrainInOrder() throws Exception {
        run(200);
    }

    @Tag("long")
    @Test
    void shouldTakeAllAndDrainInOrderWhenItIsMore() throws Exception {
        run(1_000);
    }

    private static void run(int mebibytes) throws Exception {
        int count = (mebibytes << 10) / (BODY_BYTES >> 10);
        try (Client client = Client.create()) {
            Connection connection =
                    client.connect(BROKER.broker().host(), BROKER.broker().port());
            Sender sender = connection.openSender("queue");
            ArrayDeque<Tracker> underWay = new ArrayDeque<>();
            for (int number = 0; number < count; number++) {
                byte[] body = ByteBuffer.allocate(BODY_BYTES).putInt(number).array();
                underWay.add(sender.send(Message.create(body).durable(false)));
                if (underWay.size() == MOST_UNDER_WAY) {
                    underWay.remove().awaitAccepted(20, TimeUnit.SECONDS);
                }
            }
            while (!underWay.isEmpty()) {
                underWay.remove().awaitAccepted(20, TimeUnit.SECONDS);
            }

            Receiver receiver = connection.openReceiver("queue", new ReceiverOptions().creditWindow(500));
            for (int number = 0; number < count; number++) {
                Delivery delivery = receiver.receive(20, TimeUnit.SECONDS);
                assertThat(delivery).as("message %s", number).isNotNull();
                byte[] body = (byte[]) delivery.message().body();
                assertThat(ByteBuffer.wrap(body).getInt()).isEqualTo(number);
            }
        }
    }
}
