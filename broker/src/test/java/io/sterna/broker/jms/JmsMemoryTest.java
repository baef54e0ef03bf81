package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.BytesMessage;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
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

    /** A little more than all parts on the event loop may take besides the largest one. */
    private static final int BEGUN_BYTES = HEAP_MEBIBYTES * 1024 * 1024 / 100 * 16;

    private static final int LARGE_BYTES = 24 * 1024 * 1024;

    @RegisterExtension
    static final BrokerExtension BROKER =
            BrokerExtension.withSettings("threads.event-loops = 1").withHeapMebibytes(HEAP_MEBIBYTES);

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    // amqp:resource-limit-exceeded
    @Test
    void shouldThrowResourceAllocationWhenThereIsNoMemoryForALargeMessage() throws Exception {
        try (Client client = Client.create()) {
            StreamSenderMessage begun =
                    begin(client.connect(BROKER.broker().host(), BROKER.broker().port()));
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
            begun.complete().tracker().settlementFuture().get(20, TimeUnit.SECONDS);
        }
    }

    private static StreamSenderMessage begin(Connection connection) throws Exception {
        StreamSender sender = connection.openStreamSender("begun");
        StreamSenderMessage message = sender.beginMessage();
        var body = message.body();
        body.write(new byte[BEGUN_BYTES]);
        body.flush();
        // When this is answered the broker has what came before it.
        connection.openSender("after").openFuture().get(20, TimeUnit.SECONDS);
        return message;
    }
}
