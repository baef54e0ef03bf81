package io.sterna.amqp.message;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.AmqpSequence;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.DeliveryAnnotations;
import org.apache.qpid.proton.amqp.messaging.Footer;
import org.apache.qpid.proton.amqp.messaging.Header;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.message.Message;

/** Messages made and read by Proton-J. */
final class Messages {
    private Messages() {}

    static byte[] encode(Message message) {
        byte[] bytes = new byte[1 << 16];
        int length = message.encode(bytes, 0, bytes.length);
        return Arrays.copyOf(bytes, length);
    }

    static Message decode(OutgoingMessage outgoing) {
        byte[] bytes = new byte[outgoing.length()];
        outgoing.copyTo(0, bytes, 0, bytes.length);
        Message message = Message.Factory.create();
        message.decode(bytes, 0, bytes.length);
        return message;
    }

    /** A message with any combination of sections and fields. */
    @SuppressWarnings("JavaUtilDate") // Proton-J's class for timestamps.
    static Message random(Random random) {
        Message message = Message.Factory.create();
        if (random.nextBoolean()) {
            Header header = new Header();
            header.setDurable(random.nextBoolean() ? random.nextBoolean() : null);
            header.setPriority(random.nextBoolean() ? UnsignedByte.valueOf((byte) random.nextInt()) : null);
            header.setTtl(random.nextBoolean() ? UnsignedInteger.valueOf(random.nextInt()) : null);
            header.setFirstAcquirer(random.nextBoolean() ? random.nextBoolean() : null);
            header.setDeliveryCount(random.nextBoolean() ? UnsignedInteger.valueOf(random.nextInt(3)) : null);
            message.setHeader(header);
        }
        if (random.nextBoolean()) {
            message.setDeliveryAnnotations(new DeliveryAnnotations(annotations(random)));
        }
        if (random.nextBoolean()) {
            message.setMessageAnnotations(new MessageAnnotations(annotations(random)));
        }
        if (random.nextBoolean()) {
            Properties properties = new Properties();
            Object[] ids = {null, "id", UnsignedLong.valueOf(7), new UUID(1, 2), new Binary(new byte[] {1})};
            properties.setMessageId(ids[random.nextInt(ids.length)]);
            properties.setTo(random.nextBoolean() ? "queue-\u20ac" : null);
            properties.setSubject(random.nextBoolean() ? "s".repeat(random.nextInt(400)) : null);
            properties.setAbsoluteExpiryTime(random.nextBoolean() ? new Date(random.nextInt()) : null);
            properties.setGroupId(random.nextBoolean() ? "group" : null);
            message.setProperties(properties);
        }
        if (random.nextBoolean()) {
            Map<String, Object> map = new LinkedHashMap<>();
            for (int i = random.nextInt(40); i > 0; i--) {
                map.put("key" + i, "value");
            }
            message.setApplicationProperties(new ApplicationProperties(map));
        }
        switch (random.nextInt(4)) {
            case 0 ->
                message.setBody(new Data(random.nextBoolean() ? null : new Binary(new byte[random.nextInt(1000)])));
            case 1 -> message.setBody(new AmqpSequence(new ArrayList<>(List.of("a", 1, List.of()))));
            case 2 -> message.setBody(new AmqpValue(random.nextBoolean() ? null : Map.of("k", "v")));
            default -> {
                // No body.
            }
        }
        if (random.nextBoolean()) {
            message.setFooter(new Footer(new LinkedHashMap<>(Map.of(Symbol.valueOf("x-opt-sum"), 1))));
        }
        return message;
    }

    private static Map<Symbol, Object> annotations(Random random) {
        Map<Symbol, Object> map = new LinkedHashMap<>();
        for (int i = random.nextInt(30); i > 0; i--) {
            map.put(Symbol.valueOf("x-opt-" + i), random.nextBoolean() ? "v" : (Object) random.nextLong());
        }
        return map;
    }
}
