package io.sterna.bench.load;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;

/** Messages whose body begins with a number, for a time or a place in the order, and is filled up to its size. */
final class Bodies {

    private final byte[] filler;

    Bodies(int bodyBytes) {
        this.filler = new byte[bodyBytes - Long.BYTES];
        for (int i = 0; i < filler.length; i++) {
            filler[i] = (byte) (' ' + i % ('~' - ' '));
        }
    }

    BytesMessage message(Session session, long number) throws JMSException {
        BytesMessage message = session.createBytesMessage();
        message.writeLong(number);
        message.writeBytes(filler);
        return message;
    }

    static long number(Message message) throws JMSException {
        return ((BytesMessage) message).readLong();
    }
}
