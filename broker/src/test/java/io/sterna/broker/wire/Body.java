package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.NULL;
import static io.sterna.broker.testing.Wire.bool;
import static io.sterna.broker.testing.Wire.described;
import static io.sterna.broker.testing.Wire.list;
import static io.sterna.broker.testing.Wire.string;
import static io.sterna.broker.testing.Wire.symbol;
import static io.sterna.broker.testing.Wire.uint;
import static io.sterna.broker.testing.Wire.ulong;
import static io.sterna.broker.testing.Wire.ushort;

import io.sterna.broker.testing.Wire;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** A described list, such as a performative, whose fields a test may set to any octets. Fields are known by their places. */
record Body(int code, List<byte[]> fields) {
    static final int SOURCE = 0x28;
    static final int TARGET = 0x29;

    /** The place of the outcomes in a source. */
    static final int OUTCOMES = 9;

    static final byte[] ACCEPTED = described(0x24);
    static final byte[] RELEASED = described(0x26);
    static final byte[] MODIFIED = described(0x27);
    static final byte[] MODIFIED_FAILED = described(0x27, bool(true));

    /** As large as a window gets without being a matter of sign. */
    private static final byte[] WINDOW = uint(Integer.MAX_VALUE);

    Body {
        fields = List.copyOf(fields);
    }

    static Body of(int code, byte[]... fields) {
        return new Body(code, List.of(fields));
    }

    /** The same with another value at this place. */
    Body with(int place, byte[] value) {
        List<byte[]> changed = new ArrayList<>(fields);
        changed.addAll(Collections.nCopies(Math.max(0, place + 1 - fields.size()), NULL));
        changed.set(place, value);
        return new Body(code, changed);
    }

    byte[] octets() {
        return described(code, fields.toArray(new byte[0][]));
    }

    /** The same value with the descriptor in these octets. */
    byte[] octets(byte[] descriptor) {
        return Wire.join(new byte[] {0x00}, descriptor, list(fields.toArray(new byte[0][])));
    }

    byte[] frame(int channel) {
        return Wire.frame(channel, octets());
    }

    // ---- Performatives as a good client says them

    /** container-id, hostname, max-frame-size, channel-max, idle-time-out. */
    static Body open(String containerId) {
        return of(Wire.OPEN, string(containerId), NULL, uint(65_536), ushort(100), NULL);
    }

    /** remote-channel, next-outgoing-id, incoming-window, outgoing-window, handle-max. */
    static Body begin() {
        return of(Wire.BEGIN, NULL, uint(0), WINDOW, WINDOW, uint(100));
    }

    /** Source or target: address, durable, expiry-policy, timeout, dynamic, dynamic-node-properties … */
    static Body source(String address) {
        // A queue is what Artemis is asked for with this capability, which stands at another place in each of the two.
        return of(SOURCE, string(address)).with(10, symbol("queue"));
    }

    static Body target(String address) {
        return of(TARGET, string(address)).with(6, symbol("queue"));
    }

    /** name, handle, role, snd-settle-mode, rcv-settle-mode, source, target, unsettled, incomplete, initial-delivery-count. */
    static Body receiver(String name, int handle, Body source) {
        return of(
                Wire.ATTACH,
                string(name),
                uint(handle),
                bool(true),
                NULL,
                NULL,
                source.octets(),
                described(TARGET, string("here")));
    }

    static Body sender(String name, int handle, Body target) {
        return of(
                Wire.ATTACH,
                string(name),
                uint(handle),
                bool(false),
                NULL,
                NULL,
                described(SOURCE, string("here")),
                target.octets(),
                NULL,
                NULL,
                uint(0));
    }

    /** handle, delivery-id, delivery-tag, message-format, settled, more, rcv-settle-mode, state, resume, aborted. */
    static Body transfer(int handle, int deliveryId) {
        byte[] tag = uint(deliveryId);
        return of(Wire.TRANSFER, uint(handle), uint(deliveryId), Wire.binary(tag), uint(0), bool(false), bool(false));
    }

    /** role, first, last, settled, state. */
    static Body disposition(boolean receiver, int first, int last, boolean settled, byte[] state) {
        return of(Wire.DISPOSITION, bool(receiver), uint(first), uint(last), bool(settled), state);
    }

    /** next-incoming-id, incoming-window, next-outgoing-id, outgoing-window, handle, delivery-count, link-credit, available, drain, echo. */
    static Body flow(int nextIncomingId, int nextOutgoingId) {
        return of(Wire.FLOW, uint(nextIncomingId), WINDOW, uint(nextOutgoingId), WINDOW);
    }

    static Body detach(int handle, boolean closed) {
        return of(Wire.DETACH, uint(handle), bool(closed));
    }

    static Body end() {
        return of(Wire.END);
    }

    static Body close() {
        return of(Wire.CLOSE);
    }

    /** An array of symbols. */
    static byte[] symbols(String... symbols) {
        byte[] all = new byte[] {(byte) 0xb3};
        for (String symbol : symbols) {
            byte[] encoded = symbol(symbol);
            all = Wire.join(all, Arrays.copyOfRange(encoded, 1, encoded.length));
        }
        return Wire.compound(0xf0, symbols.length, all);
    }

    // ---- Messages

    /** An amqp-value section with a string. */
    static byte[] text(String text) {
        return value(string(text));
    }

    static byte[] value(byte[] value) {
        return Wire.join(new byte[] {0x00, 0x53, 0x77}, value);
    }

    static byte[] section(int code, byte[] value) {
        return Wire.join(new byte[] {0x00}, ulong(code), value);
    }
}
