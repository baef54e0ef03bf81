package io.sterna.amqp;

import io.sterna.amqp.codec.AmqpWriter;

/** Frames as bytes, for tests that need several in one write or want to spoil them. */
final class TestFrames {
    private TestFrames() {}

    /** A transfer with its delivery-id as tag. */
    static byte[] transfer(int channel, int handle, int deliveryId, byte... payload) {
        AmqpWriter writer = new AmqpWriter(64);
        writer.writeDescriptor(Descriptors.TRANSFER);
        int list = writer.beginList();
        writer.writeUint(handle)
                .writeUint(deliveryId & 0xffff_ffffL)
                .writeBinary(new byte[] {(byte) deliveryId})
                .writeUint(0)
                .endList(list, 4);
        return RawPeer.frame(0, channel, RawPeer.join(writer.toByteArray(), payload));
    }
}
