package io.sterna.amqp.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Frames of WebSocket clients, RFC 6455 §5, cut and spoilt in any way. */
class WebSocketReaderTest {
    /** A reader and what it has told. */
    private static final class Heard implements WebSocketReader.Sink {
        final ByteArrayOutputStream data = new ByteArrayOutputStream();
        final List<byte[]> pings = new ArrayList<>();
        final List<Integer> closes = new ArrayList<>();
        final List<Integer> violations = new ArrayList<>();
        final WebSocketReader reader = new WebSocketReader(this);

        /** Reads in pieces of any size. */
        Heard(byte[] bytes, Random random) {
            int from = 0;
            while (from < bytes.length) {
                int to = from + 1 + random.nextInt(Math.min(bytes.length - from, 1 << random.nextInt(18)));
                reader.receive(bytes, from, to);
                from = to;
            }
        }

        @Override
        public void onData(byte[] bytes, int offset, int length) {
            data.write(bytes, offset, length);
        }

        @Override
        public void onPing(byte[] payload) {
            pings.add(payload);
        }

        @Override
        public void onClose(int code) {
            closes.add(code);
        }

        @Override
        public void onViolation(int code, String reason) {
            violations.add(code);
        }
    }

    // RFC 6455 §5.4: an intermediary may cut messages into frames, and the network cuts those.
    @Property(tries = 300)
    void shouldGiveTheSameOctetsWhereverTheyAreCut(
            @ForAll @Size(max = 20) List<@IntRange(max = 70_000) Integer> lengths, @ForAll long seed) {
        Random random = new Random(seed);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        boolean within = false;
        int pinged = 0;
        for (int length : lengths) {
            byte[] payload = new byte[length];
            random.nextBytes(payload);
            sent.writeBytes(payload);
            boolean last = random.nextBoolean();
            wire.writeBytes(frame(within ? 0 : 2, last, payload, random));
            within = !last;
            if (random.nextInt(3) == 0) {
                wire.writeBytes(frame(9, true, new byte[] {(byte) pinged++}, random));
            }
        }
        wire.writeBytes(frame(8, true, new byte[] {3, (byte) 0xe8}, random));

        Heard heard = new Heard(wire.toByteArray(), random);

        assertThat(heard.data.toByteArray()).isEqualTo(sent.toByteArray());
        assertThat(heard.pings).hasSize(pinged);
        assertThat(heard.closes).containsExactly(1000);
        assertThat(heard.violations).isEmpty();
        assertThat(heard.reader.ended()).isTrue();
    }

    @Property(tries = 1000)
    void shouldReadOrRefuseWhateverComes(@ForAll @Size(max = 200) byte[] bytes, @ForAll long seed) {
        Heard heard = new Heard(bytes, new Random(seed));

        long ends = heard.violations.stream().filter(code -> code == 1002).count() + heard.closes.size();
        assertThat(ends).isEqualTo(heard.reader.ended() ? 1 : 0);
        assertThat(heard.data.size()).isLessThanOrEqualTo(bytes.length);
    }

    private static byte[] frame(int opcode, boolean last, byte[] payload, Random random) {
        byte[] mask = new byte[4];
        random.nextBytes(mask);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(opcode | (last ? 0x80 : 0));
        if (payload.length < 126) {
            out.write(0x80 | payload.length);
        } else {
            boolean wide = payload.length >= 1 << 16;
            out.write(0x80 | (wide ? 127 : 126));
            for (int shift = wide ? 56 : 8; shift >= 0; shift -= 8) {
                out.write((int) ((long) payload.length >>> shift));
            }
        }
        out.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            out.write(payload[i] ^ mask[i & 3]);
        }
        return out.toByteArray();
    }
}
