package io.sterna.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

final class SequenceRangesProperties {

    @Property
    void shouldHoldWhatItIsMadeOf(@ForAll @Size(max = 30) Set<@LongRange(min = 1, max = 40) Long> sequences) {
        assertThat(members(SequenceRanges.of(new TreeSet<>(sequences)))).isEqualTo(new TreeSet<>(sequences));
    }

    @Property
    void shouldTakeOutWhatTheOtherHolds(
            @ForAll @Size(max = 30) Set<@LongRange(min = 1, max = 40) Long> some,
            @ForAll @Size(max = 30) Set<@LongRange(min = 1, max = 40) Long> others) {
        Set<Long> expected = new TreeSet<>(some);
        expected.removeAll(others);

        SequenceRanges left = SequenceRanges.of(new TreeSet<>(some)).without(SequenceRanges.of(new TreeSet<>(others)));

        assertThat(members(left)).isEqualTo(expected);
    }

    @Property
    void shouldKeepWhatIsWithinBounds(
            @ForAll @Size(max = 30) Set<@LongRange(min = 1, max = 40) Long> some,
            @ForAll @LongRange(min = 0, max = 41) long first,
            @ForAll @LongRange(min = 0, max = 41) long last) {
        Set<Long> expected = new TreeSet<>(some);
        expected.removeIf(sequence -> sequence < first || sequence > last);

        assertThat(members(SequenceRanges.of(new TreeSet<>(some)).within(first, last)))
                .isEqualTo(expected);
    }

    @Property
    void shouldHoldWhatBothHoldOrEither(
            @ForAll @Size(max = 30) Set<@LongRange(min = 1, max = 40) Long> some,
            @ForAll @Size(max = 30) Set<@LongRange(min = 1, max = 40) Long> others) {
        SequenceRanges these = SequenceRanges.of(new TreeSet<>(some));
        SequenceRanges those = SequenceRanges.of(new TreeSet<>(others));
        Set<Long> both = new TreeSet<>(some);
        both.retainAll(others);
        Set<Long> either = new TreeSet<>(some);
        either.addAll(others);

        assertThat(members(these.and(those))).isEqualTo(both);
        assertThat(members(these.or(those))).isEqualTo(either);
    }

    @Property
    void shouldTellTheLowest(
            @ForAll @Size(max = 30) Set<@LongRange(min = 1, max = 40) Long> some,
            @ForAll @IntRange(max = 41) int most) {
        assertThat(SequenceRanges.of(new TreeSet<>(some)).first(most))
                .containsExactly(new TreeSet<>(some)
                        .stream().limit(most).mapToLong(Long::longValue).toArray());
    }

    private static Set<Long> members(SequenceRanges ranges) {
        Set<Long> members = new TreeSet<>();
        for (long sequence = 0; sequence <= 41; sequence++) {
            if (ranges.contains(sequence)) {
                members.add(sequence);
            }
        }
        long counted = ranges.ranges().stream()
                .mapToLong(range -> range.last() - range.first() + 1)
                .sum();
        assertThat(counted).isEqualTo(members.size());
        return members;
    }
}
