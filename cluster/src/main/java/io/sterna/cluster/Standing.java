package io.sterna.cluster;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a replica has on disk about itself, beside its log.
 *
 * @param view the highest view of its lineage that it has taken part in: nothing of an older epoch is taken any more
 * @param proposed a view that it has taken no part in, and that may have come to be: one with one more member, which it has
 *     asked the table for as owner, or the first that it has heard of
 * @param whole false while its content is being made equal to the owner's, so that its log's end says nothing
 * @param generation of the table that it follows; it never follows one with a lower number again; 0 for none yet
 */
public record Standing(Optional<PartitionView> view, Optional<PartitionView> proposed, boolean whole, long generation) {
    /** Of a node that has never held the partition. */
    public static final Standing BLANK = new Standing(Optional.empty(), Optional.empty(), true, 0);

    /** The highest epoch that it has taken part in, 0 for none. */
    public long epoch() {
        return view.map(PartitionView::epoch).orElse(0L);
    }

    /** All views that it knows to have come to be, perhaps. */
    Stream<PartitionView> known() {
        return Stream.concat(view.stream(), proposed.stream());
    }

    /** Whether what it holds is of another lineage. */
    boolean isOfOtherLineage(PartitionView other) {
        return view.filter(own -> own.lineage() != other.lineage()).isPresent();
    }

    Standing promising(PartitionView newView) {
        Optional<PartitionView> still = isOfOtherLineage(newView) ? Optional.empty() : proposed;
        return new Standing(
                Optional.of(newView), still.filter(other -> other.epoch() > newView.epoch()), whole, generation);
    }

    Standing proposing(PartitionView newView) {
        return new Standing(view, Optional.of(newView), whole, generation);
    }

    Standing withWhole(boolean newWhole) {
        return new Standing(view, proposed, newWhole, generation);
    }

    Standing following(long newGeneration) {
        return new Standing(view, proposed, whole, newGeneration);
    }
}
