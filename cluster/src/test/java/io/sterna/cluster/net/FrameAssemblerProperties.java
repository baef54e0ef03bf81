package io.sterna.cluster.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
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

        assertThat(read(stream.toByteArray(), cuts)).containsExactlyElementsOf(bodies);
    }

    @Property(tries = 20)
    void shouldFindTheFramesInSingleBytes(@ForAll @Size(min = 1, max = 4) List<@IntRange(max = 20) Integer> sizes)
            throws MalformedFrameException {
        shouldFindTheFramesWhereverTheyAreCut(sizes, List.of(1));
    }

    @Example
    void shouldRefuseAFrameThatIsTooLongBeforeItIsThere() {
        FrameAssembler assembler = new FrameAssembler(UnpooledByteBufAllocator.DEFAULT, 100);
        ByteBuf length = Unpooled.buffer().writeInt(101);

        assertThatThrownBy(() -> assembler.feed(length, (kind, body) -> true))
                .isInstanceOf(MalformedFrameException.class)
                .hasMessage("a frame of 101 bytes where at most 100 are allowed");
    }

    @Property
    void shouldRefuseOrCutAnyBytes(@ForAll byte[] bytes) {
        FrameAssembler assembler = new FrameAssembler(UnpooledByteBufAllocator.DEFAULT, 100);
        try {
            assembler.feed(Unpooled.wrappedBuffer(bytes), (kind, body) -> true);
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

    private static List<byte[]> read(byte[] stream, List<Integer> cuts) throws MalformedFrameException {
        FrameAssembler assembler = new FrameAssembler(UnpooledByteBufAllocator.DEFAULT, MAX_FRAME_BYTES);
        List<byte[]> bodies = new ArrayList<>();
        int from = 0;
        for (int i = 0; from < stream.length; i++) {
            int count = Math.min(cuts.get(i % cuts.size()), stream.length - from);
            assembler.feed(Unpooled.wrappedBuffer(stream, from, count), (kind, body) -> {
                byte[] copy = new byte[body.remaining()];
                body.get(copy);
                return bodies.add(copy);
            });
            from += count;
        }
        return bodies;
    }
}
