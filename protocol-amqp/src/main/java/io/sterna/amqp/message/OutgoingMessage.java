package io.sterna.amqp.message;

import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.AmqpWriter;
import io.sterna.amqp.codec.DecodeException;
import java.util.OptionalLong;

/**
 * A message as it goes on the wire: first all of {@code prefix}, then {@code message} from {@code messageOffset} to its
 * end. The body is never copied; a message that needs no change is the array that came, from 0, with an empty prefix.
 *
 * @param prefix new sections, made for this delivery; empty when nothing changes
 * @param message the message as it came; not copied
 * @param messageOffset where what stays unchanged begins, in bytes
 */
public record OutgoingMessage(byte[] prefix, byte[] message, int messageOffset) {
    private static final byte[] NOTHING = {};

    /** A message that goes out as it came, whatever its format. */
    public static OutgoingMessage untouched(byte[] message) {
        return new OutgoingMessage(NOTHING, message, 0);
    }

    /**
     * Prepares a message of format 0 for a delivery: its header says the given delivery-count, and not that nobody has
     * acquired it before, which we do not keep account of (§3.2.1, first-acquirer); the delivery-annotations, which were
     * meant for us (AMQP 1.0 §3.2.2), are left out, and the message-annotations have the additional ones merged in
     * (§3.4.5: those of a {@code modified} outcome replace the ones there are). Everything else is the very bytes that
     * came.
     *
     * @param sections of the message
     * @param deliveryCount failed attempts so far, 0 to 2<sup>32</sup> - 1; replaces what the header says
     * @param additionalAnnotations for message-annotations; {@link AnnotationMap#EMPTY} when there are none
     */
    public static OutgoingMessage of(
            MessageSections sections, long deliveryCount, AnnotationMap additionalAnnotations) {
        return of(sections, deliveryCount, sections.ttlMillis(), additionalAnnotations);
    }

    /**
     * As {@link #of(MessageSections, long, AnnotationMap)}.
     *
     * @param ttlMillis how long the message is still to live, 0 to 2<sup>32</sup> - 1; replaces what the header says
     */
    public static OutgoingMessage of(
            MessageSections sections, long deliveryCount, OptionalLong ttlMillis, AnnotationMap additionalAnnotations) {
        boolean newHeader = sections.deliveryCount() != deliveryCount
                || sections.firstAcquirer()
                || !sections.ttlMillis().equals(ttlMillis);
        Slice header = sections.header();
        Slice annotations = sections.messageAnnotations();
        if (additionalAnnotations.isEmpty()) {
            boolean nothingBetween = sections.deliveryAnnotations().isEmpty();
            if (!newHeader && nothingBetween) {
                return untouched(sections.message());
            }
            byte[] prefix = newHeader ? header(sections, deliveryCount, ttlMillis) : header.toByteArray();
            return new OutgoingMessage(prefix, sections.message(), annotations.offset());
        }
        AmqpWriter writer = new AmqpWriter(64 + header.length() + annotations.length());
        if (newHeader) {
            writeHeader(sections, deliveryCount, ttlMillis, writer);
        } else {
            writer.writeEncoded(header.bytes(), header.offset(), header.end());
        }
        Slice merged = sections.messageAnnotationMap()
                .mergedWith(additionalAnnotations)
                .encoded();
        writer.writeDescriptor(SectionReader.MESSAGE_ANNOTATIONS)
                .writeEncoded(merged.bytes(), merged.offset(), merged.end());
        return new OutgoingMessage(writer.toByteArray(), sections.message(), annotations.end());
    }

    /** How many bytes go on the wire. */
    public int length() {
        return prefix.length + message.length - messageOffset;
    }

    /**
     * Copies a part of what goes on the wire.
     *
     * @param from where the part begins, in bytes from the start of what goes on the wire
     * @param target takes the copy
     * @param targetOffset where the copy begins in the target
     * @param count how many bytes
     */
    public void copyTo(int from, byte[] target, int targetOffset, int count) {
        int ofPrefix = Math.max(0, Math.min(count, prefix.length - from));
        if (ofPrefix > 0) {
            System.arraycopy(prefix, from, target, targetOffset, ofPrefix);
        }
        int messageFrom = messageOffset + Math.max(0, from - prefix.length);
        System.arraycopy(message, messageFrom, target, targetOffset + ofPrefix, count - ofPrefix);
    }

    private static byte[] header(MessageSections sections, long deliveryCount, OptionalLong ttlMillis) {
        AmqpWriter writer = new AmqpWriter(32);
        writeHeader(sections, deliveryCount, ttlMillis, writer);
        return writer.toByteArray();
    }

    /** Durable and priority stay as they came, absent ones included. */
    private static void writeHeader(
            MessageSections sections, long deliveryCount, OptionalLong ttlMillis, AmqpWriter writer) {
        writer.writeDescriptor(SectionReader.HEADER);
        int list = writer.beginList();
        byte[] message = sections.message();
        int headerEnd = sections.header().end();
        try {
            for (int field = FieldList.DURABLE; field <= FieldList.PRIORITY; field++) {
                int at = sections.headerField(field);
                if (at == FieldList.ABSENT) {
                    writer.writeNull();
                } else {
                    writer.writeEncoded(message, at, AmqpValues.skip(message, at, headerEnd));
                }
            }
        } catch (DecodeException e) {
            throw MessageSections.changed(e);
        }
        if (ttlMillis.isPresent()) {
            writer.writeUint(ttlMillis.getAsLong());
        } else {
            writer.writeNull();
        }
        writer.writeBoolean(false).writeUint(deliveryCount).endList(list, FieldList.HEADER_FIELDS);
    }
}
