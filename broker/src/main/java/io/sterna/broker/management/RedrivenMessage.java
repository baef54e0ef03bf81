package io.sterna.broker.management;

import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.AmqpWriter;
import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.MessageSections;
import io.sterna.amqp.message.OutgoingMessage;
import io.sterna.amqp.message.Slice;
import io.sterna.broker.partition.BrokerMessage;
import io.sterna.broker.partition.Delivery;

/** Makes of a dead letter the message that it was: without what was written on it, and with no failed delivery. */
final class RedrivenMessage {
    private static final String WRITTEN_ON_DEAD_LETTERS = "x-opt-deadletter-";
    private static final long HEADER = 0x70;
    private static final long MESSAGE_ANNOTATIONS = 0x72;

    private RedrivenMessage() {}

    /** The message that became a dead letter; one of another format than AMQP's stays as it is. */
    static BrokerMessage of(Delivery delivery) throws DecodeException {
        OutgoingMessage outgoing = delivery.message();
        byte[] bytes = new byte[outgoing.length()];
        outgoing.copyTo(0, bytes, 0, bytes.length);
        if (delivery.format() != 0) {
            return BrokerMessage.received(bytes, delivery.format());
        }
        MessageSections sections = MessageSections.scan(bytes);
        AmqpWriter writer = new AmqpWriter(bytes.length + 32);
        writeHeader(sections, writer);
        writeAnnotations(sections.messageAnnotations(), writer);
        int rest = sections.messageAnnotations().end();
        writer.writeEncoded(bytes, rest, bytes.length);
        return BrokerMessage.received(writer.toByteArray(), 0);
    }

    /** What says nothing of deliveries stays (AMQP 1.0 §3.2.1). */
    private static void writeHeader(MessageSections sections, AmqpWriter writer) {
        writer.writeDescriptor(HEADER);
        int list = writer.beginList();
        writer.writeBoolean(sections.durable()).writeUbyte(sections.priority());
        if (sections.ttlMillis().isPresent()) {
            writer.writeUint(sections.ttlMillis().getAsLong());
            writer.endList(list, 3);
        } else {
            writer.endList(list, 2);
        }
    }

    private static void writeAnnotations(Slice section, AmqpWriter writer) throws DecodeException {
        if (section.isEmpty()) {
            return;
        }
        byte[] bytes = section.bytes();
        int map = AmqpValues.skip(bytes, section.offset() + 1, section.end());
        writer.writeDescriptor(MESSAGE_ANNOTATIONS);
        int begun = writer.beginMap();
        int kept = 0;
        int at = AmqpValues.itemsOffset(bytes, map);
        for (int left = AmqpValues.count(bytes, map, section.end()); left > 0; left -= 2) {
            int valueAt = AmqpValues.skip(bytes, at, section.end());
            int end = AmqpValues.skip(bytes, valueAt, section.end());
            boolean ours = AmqpValues.isSymbol(bytes, at, section.end())
                    && AmqpValues.readSymbol(bytes, at, section.end()).startsWith(WRITTEN_ON_DEAD_LETTERS);
            if (!ours) {
                writer.writeEncoded(bytes, at, end);
                kept += 2;
            }
            at = end;
        }
        writer.endMap(begun, kept);
    }
}
