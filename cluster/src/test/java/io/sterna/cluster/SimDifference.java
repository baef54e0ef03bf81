package io.sterna.cluster;

import io.sterna.store.LogOperation;
import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import io.sterna.store.LogRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongPredicate;

/** A difference that is being told: the content is read late, and what was read is sent later still. */
final class SimDifference {
    private final SimContent content;
    private final Holdings held;
    private final DifferenceCursor cursor;
    private final LongPredicate leavesOut;
    private Optional<Comparison> comparison = Optional.empty();

    /** What is to be told before messages are: each gives what there is to tell by then. */
    private final Deque<Function<SimContent, Optional<LogOperation>>> toTell = new ArrayDeque<>();

    /** How far messages were read for the part under way. */
    private final Map<MessageOwner, Long> read = new HashMap<>();

    private DifferencePart part = new DifferencePart();

    /** @param leavesOut messages that are not told, as if that were right */
    SimDifference(SimContent content, Holdings held, DifferenceCursor cursor, LongPredicate leavesOut) {
        this.content = content;
        this.held = held;
        this.cursor = cursor;
        this.leavesOut = leavesOut;
    }

    LogRecord reduce(LogRecord record) {
        return cursor.reduce(record);
    }

    void beginRead() {
        cursor.beginRead();
    }

    /** Reads as much as goes into one part. */
    void read(DifferencePart empty, int maxBytes) {
        part = empty;
        read.clear();
        if (comparison.isEmpty()) {
            Comparison its = new Comparison(held, content.holdings());
            comparison = Optional.of(its);
            its.lacking().forEach(cursor::lacks);
            its.deleted().forEach(part::delete);
            prepare(its, maxBytes);
        }
        while (part.bytes() < maxBytes && !toTell.isEmpty()) {
            toTell.remove().apply(content).ifPresent(part::tell);
        }
        for (MessageOwner owner : cursor.lacking()) {
            if (toTell.isEmpty() && part.bytes() < maxBytes) {
                readMessages(owner, maxBytes);
            }
        }
    }

    private void prepare(Comparison its, int maxBytes) {
        its.nodes()
                .forEach(id -> toTell.add(now -> Optional.ofNullable(now.nodes().get(id))));
        its.removedValues()
                .forEach(name -> toTell.add(now -> now.values().containsKey(name)
                        ? Optional.empty()
                        : Optional.of(new ValueRemoved(name.nodeId(), name.key()))));
        its.values()
                .forEach(name ->
                        toTell.add(now -> Optional.ofNullable(now.values().get(name))
                                .map(value -> new ValuePut(name.nodeId(), name.key(), value))));
        its.acknowledged().forEach((queueId, sequences) -> {
            SequenceRanges left = sequences;
            while (!left.isEmpty()) {
                long[] some = left.first(Math.max(1, maxBytes / Long.BYTES));
                left = left.within(some[some.length - 1] + 1, Long.MAX_VALUE);
                toTell.add(now -> Optional.of(new Acknowledged(queueId, some)));
            }
        });
        its.updated().forEach((queueId, sequences) -> {
            for (long sequence : sequences.first(Integer.MAX_VALUE)) {
                toTell.add(now ->
                        Optional.ofNullable(now.queue(queueId).get(sequence)).map(message -> message.state(queueId)));
            }
        });
    }

    private void readMessages(MessageOwner owner, int maxBytes) {
        SequenceRanges kept = comparison.orElseThrow().kept(owner);
        for (long sequence : sequencesAfter(owner, cursor.place(owner))) {
            if (kept.contains(sequence) || leavesOut.test(sequence)) {
                continue;
            }
            if (part.bytes() >= maxBytes) {
                return;
            }
            tellMessage(owner, sequence);
            read.put(owner, sequence);
        }
        part.reachEnd(owner);
    }

    private List<Long> sequencesAfter(MessageOwner owner, long place) {
        if (owner.ofTopic()) {
            return Optional.ofNullable(content.topics().get(owner.id()))
                    .map(topic ->
                            List.copyOf(topic.payloads().tailMap(place, false).keySet()))
                    .orElse(List.of());
        }
        return content.queue(owner.id()).tailMap(place, false).values().stream()
                .filter(message -> message.topicId().isEmpty())
                .map(SimMessage::sequence)
                .toList();
    }

    private void tellMessage(MessageOwner owner, long sequence) {
        if (!owner.ofTopic()) {
            SimMessage message = content.queue(owner.id()).get(sequence);
            part.tell(new Enqueued(owner.id(), sequence, message.cameWith(), message.message()));
            message.update().ifPresent(part::tell);
            return;
        }
        SimTopic.Payload payload = content.topics().get(owner.id()).payloads().get(sequence);
        List<Long> queueIds = new ArrayList<>();
        content.queues().forEach((queueId, queue) -> {
            SimMessage message = queue.messages().get(sequence);
            if (message != null) {
                queueIds.add(queueId);
                message.update().ifPresent(part::tell);
            }
        });
        long[] to = queueIds.stream().mapToLong(Long::longValue).toArray();
        part.tell(new Published(owner.id(), sequence, to, payload.traits(), payload.message()));
    }

    /** The cursor moves as far as was read. */
    void move() {
        read.forEach(cursor::moveTo);
        part.ends().forEach(cursor::reachEnd);
    }

    /** What was read, as it is now. */
    Difference send() {
        part.replay(cursor.endRead());
        move();
        cursor.begin();
        boolean last = toTell.isEmpty() && cursor.lacking().isEmpty();
        if (last) {
            cursor.finish();
        }
        return part.toDifference(last);
    }
}
