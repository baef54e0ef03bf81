package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.BytesMessage;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.StreamSender;
import org.apache.qpid.protonj2.client.StreamSenderMessage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What JMS clients see when there is no memory for what they send. */
@Tag("sterna")
@Timeout(120)
class JmsMemoryTest {
    private static final int HEAP_MEBIBYTES = 96;
    private static final int LOOPS = Runtime.getRuntime().availableProcessors();

    /** A little more than all parts on an event loop may take besides the largest one. */
    private static final int BEGUN_BYTES = HEAP_MEBIBYTES * 1024 * 1024 / LOOPS / 100 * 16;

    private static final int LARGE_BYTES = 24 * 1024 * 1024;

    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withSettings().withHeapMebibytes(HEAP_MEBIBYTES);

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    // amqp:resource-limit-exceeded
    @Test
    void shouldThrowResourceAllocationWhenThereIsNoMemoryForALargeMessage() throws Exception {
        try (Client client = Client.create()) {
            // Connections take turns on the event loops: on each of them there is a message that is not complete.
            List<StreamSenderMessage> begun = new ArrayList<>();
            for (int number = 0; number < LOOPS; number++) {
                begun.add(begin(
                        client.connect(BROKER.broker().host(), BROKER.broker().port()), number));
            }
            Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
            Queue queue = Jms.uniqueQueue(session);
            BytesMessage message = session.createBytesMessage();
            message.writeBytes(new byte[LARGE_BYTES]);

            try (MessageProducer producer = session.createProducer(queue)) {
                assertThatThrownBy(() -> producer.send(message))
                        .isInstanceOf(ResourceAllocationException.class)
                        .hasMessageContaining("amqp:resource-limit-exceeded");
            }

            Jms.send(session, queue, "small");
            Jms.receive(session.createConsumer(queue));
            for (StreamSenderMessage other : begun) {
                other.complete().tracker().settlementFuture().get(20, TimeUnit.SECONDS);
            }
        }
    }

    private static StreamSenderMessage begin(Connection connection, int number) throws Exception {
        StreamSender sender = connection.openStreamSender("begun." + number);
        StreamSenderMessage message = sender.beginMessage();
        var body = message.body();
        body.write(new byte[BEGUN_BYTES]);
        body.flush();
        // When this is answered the broker has what came before it.
        connection.openSender("after." + number).openFuture().get(20, TimeUnit.SECONDS);
        return message;
    }
}
