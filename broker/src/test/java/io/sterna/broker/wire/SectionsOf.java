package io.sterna.broker.wire;

import io.sterna.broker.testing.Wire;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.messaging.Header;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;

/** The sections of a message and their octets, by a codec that is not the broker's. */
record SectionsOf(List<Object> sections, List<byte[]> octets) {

    static SectionsOf message(byte[] message) {
        DecoderImpl decoder = new DecoderImpl();
        AMQPDefinedTypes.registerAllTypes(decoder, new EncoderImpl(decoder));
        ByteBuffer buffer = ByteBuffer.wrap(message);
        decoder.setByteBuffer(buffer);
        List<Object> sections = new ArrayList<>();
        List<byte[]> octets = new ArrayList<>();
        while (buffer.hasRemaining()) {
            int start = buffer.position();
            sections.add(decoder.readObject());
            octets.add(Arrays.copyOfRange(message, start, buffer.position()));
        }
        return new SectionsOf(sections, octets);
    }

    /** Properties, application properties and body, in their octets (§3.2). */
    byte[] bare() {
        List<byte[]> bare = new ArrayList<>();
        for (int i = 0; i < sections.size(); i++) {
            String type = sections.get(i).getClass().getSimpleName();
            if (!type.equals("Header") && !type.endsWith("Annotations") && !type.equals("Footer")) {
                bare.add(octets.get(i));
            }
        }
        return Wire.join(bare.toArray(new byte[0][]));
    }

    Map<Symbol, Object> messageAnnotations() {
        for (Object section : sections) {
            if (section instanceof MessageAnnotations annotations) {
                return annotations.getValue();
            }
        }
        return Map.of();
    }

    private Header header() {
        for (Object section : sections) {
            if (section instanceof Header header) {
                return header;
            }
        }
        return new Header();
    }

    long deliveryCount() {
        return header().getDeliveryCount() == null
                ? 0
                : header().getDeliveryCount().longValue();
    }

    /** With its default of 4 (§3.2.1). */
    UnsignedByte priority() {
        return header().getPriority() == null ? UnsignedByte.valueOf((byte) 4) : header().getPriority();
    }
}
