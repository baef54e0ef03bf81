package io.sterna.cluster.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Frames, however the network cuts them. */
final class FrameAssemblerProperties {
    private static final int MAX_FRAME_BYTES = 1_000_000;

    @Property(tries = 200)
    void shouldFindTheFramesWhereverTheyAreCut(
            @ForAll @Size(min = 1, max = 8) List<@IntRange(max = 200_000) Integer> sizes,
            @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 100_000) Integer> cuts)
            throws MalformedFrameException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        List<byte[]> bodies = new ArrayList<>();
        for (int size : sizes) {
            bodies.add(body(size));
            stream.writeBytes(Bytes.frame(FrameKind.REPLICA_MESSAGE, body(size)));
        }

        assertThat(read(stream.toByteArray(), cuts).bodies).containsExactlyElementsOf(bodies);
    }

    @Property(tries = 200)
    void shouldTellTheStreamFromTheFramesBetweenItsPieces(
            @ForAll @Size(min = 1, max = 12) List<@IntRange(max = 70_000) Integer> sizes,
            @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 100_000) Integer> cuts)
            throws MalformedFrameException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        List<byte[]> bodies = new ArrayList<>();
        for (int size : sizes) {
            if (size % 2 == 0) {
                bodies.add(body(size));
                bytes.writeBytes(Bytes.frame(FrameKind.NODE_REPORT, body(size)));
            } else {
                stream.writeBytes(body(size));
                bytes.writeBytes(Bytes.frame(FrameKind.STREAM, body(size)));
            }
        }

        Read read = read(bytes.toByteArray(), cuts);

        assertThat(read.bodies).containsExactlyElementsOf(bodies);
        assertThat(read.stream.toByteArray()).isEqualTo(stream.toByteArray());
    }

    @Property(tries = 20)
    void shouldFindTheFramesInSingleBytes(@ForAll @Size(min = 1, max = 4) List<@IntRange(max = 20) Integer> sizes)
            throws MalformedFrameException {
        shouldFindTheFramesWhereverTheyAreCut(sizes, List.of(1));
    }

    @Example
    void shouldRefuseAFrameThatIsTooLongBeforeItIsThere() {
        FrameAssembler assembler = new FrameAssembler(UnpooledByteBufAllocator.DEFAULT, 100);
        ByteBuf header = Unpooled.buffer().writeInt(101).writeByte(FrameKind.REPLICA_MESSAGE.code());

        assertThatThrownBy(() -> assembler.feed(header, new Read()))
                .isInstanceOf(MalformedFrameException.class)
                .hasMessage("a frame of 101 bytes where at most 100 are allowed");
    }

    @Property
    void shouldRefuseOrCutAnyBytes(@ForAll byte[] bytes) {
        FrameAssembler assembler = new FrameAssembler(UnpooledByteBufAllocator.DEFAULT, 100);
        try {
            assembler.feed(Unpooled.wrappedBuffer(bytes), new Read());
        } catch (MalformedFrameException refused) {
            assertThat(refused.getMessage()).startsWith("a frame of ");
        }
        assembler.release();
    }

    private static byte[] body(int size) {
        byte[] body = new byte[size];
        for (int i = 0; i < size; i++) {
            body[i] = (byte) (i * 31 + size);
        }
        return body;
    }

    /** All that was handed on. */
    private static final class Read implements FrameAssembler.FrameHandler {
        private final List<byte[]> bodies = new ArrayList<>();
        private final ByteArrayOutputStream stream = new ByteArrayOutputStream();

        @Override
        public boolean onFrame(FrameKind kind, ByteBuffer body) {
            byte[] copy = new byte[body.remaining()];
            body.get(copy);
            return bodies.add(copy);
        }

        @Override
        public boolean onStream(ByteBuf piece) {
            byte[] copy = new byte[piece.readableBytes()];
            piece.readBytes(copy);
            stream.writeBytes(copy);
            return true;
        }
    }

    private static Read read(byte[] bytes, List<Integer> cuts) throws MalformedFrameException {
        FrameAssembler assembler = new FrameAssembler(UnpooledByteBufAllocator.DEFAULT, MAX_FRAME_BYTES);
        Read read = new Read();
        int from = 0;
        for (int i = 0; from < bytes.length; i++) {
            int count = Math.min(cuts.get(i % cuts.size()), bytes.length - from);
            assembler.feed(Unpooled.wrappedBuffer(bytes, from, count), read);
            from += count;
        }
        return read;
    }
}
