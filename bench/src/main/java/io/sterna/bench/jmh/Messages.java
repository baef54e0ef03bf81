package io.sterna.bench.jmh;

import java.util.Arrays;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.message.Message;

/** Messages as a JMS provider sends them. */
final class Messages {

    private Messages() {}

    /** A persistent bytes message with the annotations of Qpid JMS and two properties of the application. */
    static byte[] jmsBytesMessage(int bodyBytes) {
        Message message = Message.Factory.create();
        message.setDurable(true);
        message.setMessageId("ID:6f1a3c5e-95a2-4a6e-9a8e-2f0f6a1b7c3d:1:1:1-1");
        message.setAddress("orders.incoming");
        message.setContentType("application/octet-stream");
        message.setCreationTime(1_700_000_000_000L);
        message.setMessageAnnotations(new MessageAnnotations(
                Map.of(Symbol.valueOf("x-opt-jms-msg-type"), (byte) 3, Symbol.valueOf("x-opt-jms-dest"), (byte) 0)));
        message.setApplicationProperties(new ApplicationProperties(Map.of("region", "north", "attempt", 1)));
        message.setBody(new Data(new Binary(new byte[bodyBytes])));
        byte[] buffer = new byte[bodyBytes + 1_024];
        int length = message.encode(buffer, 0, buffer.length);
        return Arrays.copyOf(buffer, length);
    }
}
