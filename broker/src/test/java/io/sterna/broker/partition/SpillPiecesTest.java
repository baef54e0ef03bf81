package io.sterna.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where spilled messages are, against a map of each of them. */
class SpillPiecesTest {
    private final SpillPieces<Integer> pieces = new SpillPieces<>();
    private final NavigableMap<Long, Integer> model = new TreeMap<>();

    private void put(List<Long> sequences, int share) {
        pieces.put(sequences.stream().mapToLong(each -> each).toArray(), share);
        sequences.forEach(sequence -> model.put(sequence, share));
    }

    private void remove(int share, List<Long> sequences) {
        pieces.remove(share, sequences.get(0), sequences.get(sequences.size() - 1));
        model.values().removeIf(its -> its == share);
    }

    private void check() {
        model.forEach((sequence, share) -> assertThat(pieces.at(sequence)).contains(share));
        List<Integer> order = pieces.from(Long.MIN_VALUE, Long.MAX_VALUE)
                .map(SpillPieces.Piece::share)
                .toList();
        assertThat(order).containsAll(model.values());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void shouldFindEachWhereItWasPutLast(long seed) {
        Random random = new Random(seed);
        List<List<Long>> shares = new ArrayList<>();
        List<Integer> alive = new ArrayList<>();
        for (int step = 0; step < 500; step++) {
            if (random.nextInt(3) > 0 || alive.isEmpty()) {
                long start = random.nextInt(300);
                List<Long> chosen = random.longs(1 + random.nextInt(20), start, start + 1 + random.nextInt(60))
                        .sorted()
                        .distinct()
                        .boxed()
                        .toList();
                put(chosen, shares.size());
                alive.add(shares.size());
                shares.add(chosen);
            } else {
                int share = alive.remove(random.nextInt(alive.size()));
                remove(share, shares.get(share));
            }
            check();
        }
        alive.forEach(share -> remove(share, shares.get(share)));
        assertThat(pieces.isEmpty()).isTrue();
    }

    @Test
    void shouldTakeFewPiecesWhenChunksFollowEachOther() {
        for (int share = 0; share < 100; share++) {
            long start = 10_000L * share;
            put(LongStream.range(0, 500).map(n -> start + 7 * n).boxed().toList(), share);
        }
        check();
        assertThat(pieces.from(Long.MIN_VALUE, Long.MAX_VALUE)).hasSize(100);
    }
}
