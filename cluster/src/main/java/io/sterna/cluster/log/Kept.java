package io.sterna.cluster.log;

import io.sterna.cluster.Comparison;
import io.sterna.cluster.MessageOwner;
import io.sterna.cluster.SequenceRanges;
import io.sterna.store.Contents.HeldMessages;
import io.sterna.store.Contents.MessageSource;
import java.util.Map;

/**
 * What a candidate has when it has removed what is in the way. Any thread.
 *
 * @param updated messages whose state it is to be told, by queue
 */
record Kept(Comparison comparison, Map<Long, SequenceRanges> updated) implements HeldMessages {

    @Override
    public boolean holds(MessageSource source, long sequence) {
        return comparison.kept(new MessageOwner(source.ofTopic(), source.id())).contains(sequence);
    }

    @Override
    public boolean holds(long queueId, long sequence) {
        return updated.getOrDefault(queueId, SequenceRanges.NONE).contains(sequence);
    }

    @Override
    public boolean isUpdated(long queueId, long sequence) {
        return true;
    }
}
