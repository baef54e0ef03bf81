package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Ranges of delivery-ids, which are serial numbers (AMQP 1.0 §2.8.9), against a sorted map. */
class UnsettledDeliveriesTest {

    @Property
    void shouldVisitThoseInTheRangeInOrderWhenIdsWrapAround(
            @ForAll int base,
            @ForAll @Size(max = 50) List<@IntRange(min = 0, max = 200) Integer> offsets,
            @ForAll @IntRange(min = -50, max = 250) int from,
            @ForAll int span) {
        UnsettledDeliveries<Integer> unsettled = new UnsettledDeliveries<>();
        TreeMap<Integer, Integer> model = new TreeMap<>();
        for (int offset : offsets) {
            assertThat(unsettled.add(base + offset, offset)).isEqualTo(model.putIfAbsent(offset, offset) == null);
        }
        int length = span >>> (1 + Math.floorMod(span, 31));
        List<Integer> visited = new ArrayList<>();
        unsettled.forRange(base + from, base + from + length, offset -> {
            visited.add(offset);
            unsettled.remove(base + offset);
        });
        long to = (long) from + length;
        List<Integer> expected = new ArrayList<>();
        model.forEach((offset, same) -> {
            if (offset >= from && offset <= to) {
                expected.add(offset);
            }
        });
        assertThat(visited).isEqualTo(expected);
        assertThat(unsettled.size()).isEqualTo(model.size() - expected.size());
    }
}
