package io.sterna.broker.partition;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a subscription is, apart from its topic.
 *
 * @param shared whether it may have several subscribers at a time
 * @param selector which messages it takes; empty for all
 * @param noLocal the client whose own messages it does not take; empty when it takes those of all
 */
public record SubscriptionSettings(
        SubscriptionId id, boolean shared, Optional<String> selector, Optional<String> noLocal) {
    private static final int VERSION = 1;

    /** Whether messages are chosen alike; if not, what is gathered is of no use to the other. */
    boolean choosesAs(SubscriptionSettings other) {
        return selector.equals(other.selector) && noLocal.equals(other.noLocal);
    }

    /** As the store keeps it; part of the format of the data directory. */
    byte[] encoded() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeBoolean(shared);
            out.writeBoolean(id.lasting());
            writeText(out, Optional.of(id.name()));
            writeText(out, id.containerId());
            writeText(out, selector);
            writeText(out, noLocal);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    static SubscriptionSettings decode(byte[] encoded) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(encoded))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IllegalStateException("settings of a subscription in the unknown version " + version);
            }
            boolean shared = in.readBoolean();
            boolean lasting = in.readBoolean();
            String name = readText(in).orElseThrow();
            SubscriptionId id = new SubscriptionId(readText(in), name, lasting);
            return new SubscriptionSettings(id, shared, readText(in), readText(in));
        } catch (IOException damaged) {
            throw new UncheckedIOException("settings of a subscription can't be read", damaged);
        }
    }

    private static void writeText(DataOutputStream out, Optional<String> text) throws IOException {
        if (text.isEmpty()) {
            out.writeInt(-1);
            return;
        }
        byte[] bytes = text.get().getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static Optional<String> readText(DataInputStream in) throws IOException {
        int length = in.readInt();
        return length < 0 ? Optional.empty() : Optional.of(new String(in.readNBytes(length), StandardCharsets.UTF_8));
    }
}
