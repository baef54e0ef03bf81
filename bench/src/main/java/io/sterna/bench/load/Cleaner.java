package io.sterna.bench.load;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.List;

/** Deletes queues by AMQP management, where the broker has it in Sterna's form; elsewhere they stay. */
final class Cleaner {
    private static final int UNDER_WAY = 100;
    private static final long PATIENCE_MILLIS = 10_000;

    private Cleaner() {}

    /** Deletes queues with what they hold. Returns how many are left. */
    static int delete(Session session, List<String> addresses) {
        int deleted = 0;
        try (MessageProducer requests = session.createProducer(session.createQueue("$management"))) {
            requests.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
            Queue replyTo = session.createTemporaryQueue();
            try (MessageConsumer replies = session.createConsumer(replyTo)) {
                int asked = 0;
                while (deleted < addresses.size()) {
                    while (asked < addresses.size() && asked - deleted < UNDER_WAY) {
                        requests.send(request(session, addresses.get(asked++), replyTo));
                    }
                    Message reply = replies.receive(PATIENCE_MILLIS);
                    if (reply == null || reply.getIntProperty("statusCode") >= 300) {
                        return addresses.size() - deleted;
                    }
                    deleted++;
                }
            }
        } catch (JMSException | NumberFormatException noManagement) {
            return addresses.size() - deleted;
        }
        return 0;
    }

    private static Message request(Session session, String address, Queue replyTo) throws JMSException {
        Message request = session.createMessage();
        request.setStringProperty("operation", "DELETE");
        request.setStringProperty("type", "sterna.queue");
        request.setStringProperty("name", address);
        request.setJMSReplyTo(replyTo);
        return request;
    }
}
