package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class ReferenceSetTest {
    private static final long EPOCH = 7L << 40;

    private final QueueState queue = QueueState.ofQueue(3, 1);

    @Test
    void shouldBeLikeSetOfSequencesWhenChangedAtRandom() {
        for (int seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            ReferenceSet set = new ReferenceSet(queue, 9);
            TreeSet<Long> expected = new TreeSet<>();
            int range = seed % 2 == 0 ? 200 : 20_000;
            for (int i = 0; i < 3_000; i++) {
                long sequence = EPOCH + random.nextInt(range);
                ReferenceChunk chunk = set.chunkFor(sequence);
                if (random.nextInt(3) > 0) {
                    assertThat(chunk.add(sequence)).isEqualTo(expected.add(sequence));
                } else {
                    assertThat(chunk.remove(sequence)).isEqualTo(expected.remove(sequence));
                    if (chunk.isEmpty()) {
                        set.drop(chunk);
                    }
                }
                long from = EPOCH + random.nextInt(range);
                Long next = expected.ceiling(from);
                assertThat(set.nextFrom(from)).isEqualTo(next == null ? ReferenceSet.NONE : next);
                assertThat(set.contains(from)).isEqualTo(expected.contains(from));
            }
            assertThat(all(set)).isEqualTo(List.copyOf(expected));
        }
    }

    @Test
    void shouldComeBackAsEncoded() {
        ReferenceChunk chunk = new ReferenceSet(queue, 9).chunkFor(EPOCH);
        chunk.add(EPOCH);
        chunk.add(EPOCH + 63);
        chunk.add(EPOCH + 1023);
        TreeMap<Integer, Update> updates = new TreeMap<>();
        updates.put(63, new Update(5, new byte[] {1, 2}, new byte[] {3}));
        byte[] encoded = chunk.encode(updates);
        ByteBuffer value = ByteBuffer.wrap(encoded, 0, encoded.length - CheckedMap.CRC_BYTES);
        ReferenceSet again = new ReferenceSet(queue, 9);
        again.chunkFor(EPOCH).decode(value.duplicate());
        assertThat(all(again)).containsExactly(EPOCH, EPOCH + 63, EPOCH + 1023);
        assertThat(again.chunkFor(EPOCH).hasStoredUpdates()).isTrue();
        assertThat(ReferenceChunk.updates(value.duplicate()).get(63))
                .usingRecursiveComparison()
                .isEqualTo(updates.get(63));
        assertThat(encoded.length).isLessThan(2 + 2 * 8 + 4 + 4 + 3 + 5);
    }

    @Test
    void shouldCountReferences() {
        ReferenceCounts counts = new ReferenceCounts();
        counts.add(EPOCH, 2);
        counts.add(EPOCH + 70, 1);
        counts.add(EPOCH + 71, 0);
        assertThat(counts.removeOne(EPOCH)).isEqualTo(1);
        assertThat(counts.removeOne(EPOCH)).isZero();
        assertThatThrownBy(() -> counts.removeOne(EPOCH)).isInstanceOf(IllegalStateException.class);
        assertThat(counts.of(EPOCH + 70)).isEqualTo(1);
        List<Long> left = new ArrayList<>();
        counts.forEach(left::add);
        assertThat(left).containsExactly(EPOCH + 70);
        counts.removeOne(EPOCH + 70);
        assertThat(counts.isEmpty()).isTrue();
    }

    private static List<Long> all(ReferenceSet set) {
        List<Long> found = new ArrayList<>();
        for (ReferenceChunk chunk : set.chunks()) {
            for (long at = chunk.first(); at != ReferenceSet.NONE; at = chunk.after(at)) {
                found.add(at);
            }
        }
        return found;
    }
}
