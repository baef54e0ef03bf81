package io.sterna.broker.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sterna.amqp.Terminus;
import io.sterna.amqp.TerminusCodec;
import io.sterna.amqp.codec.DecodeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What a link is about that the store keeps, as bytes:
 *
 * <pre>
 * +---+------+--------------+------+---------+-------+---------+----------+-----------+
 * | 1 | user | container-id | name | sending | asked | granted | priority | exclusive |
 * +---+------+--------------+------+---------+-------+---------+----------+-----------+
 *   1    each: length, 4, and bytes   1     each: length, bytes  4           1
 * </pre>
 *
 * @param asked our terminus as the client wants it
 * @param granted as it was granted
 * @param priority of a consumer
 * @param exclusive whether a consumer wants to be the only one
 */
record KeptSettings(LinkKey key, Terminus asked, Terminus granted, int priority, boolean exclusive) {
    private static final int VERSION = 1;

    static KeptSettings of(ConsumerSetup setup) {
        return new KeptSettings(
                LinkKey.of(setup.link()),
                setup.asked(),
                setup.granted(),
                setup.options().priority(),
                setup.options().exclusive());
    }

    static KeptSettings of(LinkKey key, Terminus.Target granted) {
        return new KeptSettings(key, granted, granted, 0, false);
    }

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream output = new DataOutputStream(bytes)) {
            output.writeByte(VERSION);
            write(output, key.user());
            write(output, key.containerId());
            write(output, key.name());
            output.writeBoolean(key.sending());
            write(output, TerminusCodec.encode(asked));
            write(output, TerminusCodec.encode(granted));
            output.writeInt(priority);
            output.writeBoolean(exclusive);
        } catch (IOException neverInMemory) {
            throw new UncheckedIOException(neverInMemory);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream output, String text) throws IOException {
        write(output, text.getBytes(UTF_8));
    }

    private static void write(DataOutputStream output, byte[] bytes) throws IOException {
        output.writeInt(bytes.length);
        output.write(bytes);
    }

    /** @throws DecodeException when it is not what {@link #encode} gives, so that it was written by another version */
    static KeptSettings decode(byte[] settings) throws DecodeException {
        try (DataInputStream input = new DataInputStream(new ByteArrayInputStream(settings))) {
            if (input.readByte() != VERSION) {
                throw new DecodeException(0, "a kept link of an unknown version");
            }
            LinkKey key = new LinkKey(text(input), text(input), text(input), input.readBoolean());
            return new KeptSettings(
                    key,
                    TerminusCodec.decode(bytes(input)),
                    TerminusCodec.decode(bytes(input)),
                    input.readInt(),
                    input.readBoolean());
        } catch (IOException tooShort) {
            throw new DecodeException(settings.length, "a kept link that is cut off");
        }
    }

    private static String text(DataInputStream input) throws IOException {
        return new String(bytes(input), UTF_8);
    }

    private static byte[] bytes(DataInputStream input) throws IOException {
        return input.readNBytes(input.readInt());
    }
}
