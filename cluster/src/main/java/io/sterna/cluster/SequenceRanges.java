package io.sterna.cluster;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A set of message sequences as ranges, which is how little it takes to say what a queue holds.
 *
 * @param ranges not empty, rising, and apart from each other
 */
public record SequenceRanges(List<Range> ranges) {
    /** Nothing. */
    public static final SequenceRanges NONE = new SequenceRanges(List.of());

    public SequenceRanges {
        ranges = List.copyOf(ranges);
        for (int i = 1; i < ranges.size(); i++) {
            if (ranges.get(i).first() <= ranges.get(i - 1).last() + 1) {
                throw new IllegalArgumentException("ranges do not rise apart from each other: " + ranges);
            }
        }
    }

    /** From {@code first} to {@code last}, both included. */
    public record Range(long first, long last) {
        public Range {
            if (first > last) {
                throw new IllegalArgumentException("a range from " + first + " to " + last);
            }
        }
    }

    /**
     * The set of these.
     *
     * @param sequences rising
     */
    public static SequenceRanges of(Iterable<Long> sequences) {
        List<Range> ranges = new ArrayList<>();
        for (long sequence : sequences) {
            int before = ranges.size() - 1;
            if (before >= 0 && ranges.get(before).last() + 1 == sequence) {
                ranges.set(before, new Range(ranges.get(before).first(), sequence));
            } else {
                ranges.add(new Range(sequence, sequence));
            }
        }
        return new SequenceRanges(ranges);
    }

    public boolean contains(long sequence) {
        int low = 0;
        int high = ranges.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Range range = ranges.get(middle);
            if (sequence < range.first()) {
                high = middle - 1;
            } else if (sequence > range.last()) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    /** Those that are not in {@code other}. */
    public SequenceRanges without(SequenceRanges other) {
        List<Range> left = new ArrayList<>();
        int next = 0;
        for (Range range : ranges) {
            long from = range.first();
            while (next < other.ranges.size() && other.ranges.get(next).last() < from) {
                next++;
            }
            int hole = next;
            while (hole < other.ranges.size() && other.ranges.get(hole).first() <= range.last()) {
                Range taken = other.ranges.get(hole);
                if (taken.first() > from) {
                    left.add(new Range(from, taken.first() - 1));
                }
                from = Math.max(from, taken.last() + 1);
                hole++;
            }
            if (from <= range.last()) {
                left.add(new Range(from, range.last()));
            }
        }
        return new SequenceRanges(left);
    }

    /** Those that are in {@code other}, too. */
    public SequenceRanges and(SequenceRanges other) {
        return without(without(other));
    }

    /** These and those of {@code other}. */
    public SequenceRanges or(SequenceRanges other) {
        if (isEmpty() || other.isEmpty()) {
            return isEmpty() ? other : this;
        }
        List<Range> all = new ArrayList<>(ranges);
        all.addAll(other.ranges);
        all.sort(Comparator.comparingLong(Range::first));
        List<Range> joined = new ArrayList<>();
        for (Range range : all) {
            int before = joined.size() - 1;
            if (before >= 0 && range.first() <= joined.get(before).last() + 1) {
                long last = Math.max(joined.get(before).last(), range.last());
                joined.set(before, new Range(joined.get(before).first(), last));
            } else {
                joined.add(range);
            }
        }
        return new SequenceRanges(joined);
    }

    /** The lowest ones, {@code most} of them at most. */
    public long[] first(int most) {
        return ranges.stream()
                .flatMapToLong(range -> LongStream.rangeClosed(range.first(), range.last()))
                .limit(most)
                .toArray();
    }

    /** Those from {@code first} to {@code last}. */
    public SequenceRanges within(long first, long last) {
        List<Range> inside = new ArrayList<>();
        for (Range range : ranges) {
            long from = Math.max(first, range.first());
            long to = Math.min(last, range.last());
            if (from <= to) {
                inside.add(new Range(from, to));
            }
        }
        return new SequenceRanges(inside);
    }

    public boolean isEmpty() {
        return ranges.isEmpty();
    }
}
