package io.sterna.cluster.log;

import io.sterna.cluster.Comparison;
import io.sterna.cluster.Difference;
import io.sterna.cluster.DifferenceCursor;
import io.sterna.cluster.DifferencePart;
import io.sterna.cluster.Holdings;
import io.sterna.cluster.MessageOwner;
import io.sterna.cluster.SequenceRanges;
import io.sterna.store.Contents;
import io.sterna.store.Contents.MessageCopy;
import io.sterna.store.Contents.MessageSource;
import io.sterna.store.Contents.MessageStart;
import io.sterna.store.Contents.PageReader;
import io.sterna.store.Contents.UpdatePlace;
import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import io.sterna.store.LogRecord;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Tells one candidate, part by part, how what it holds differs from what is here. A part is what the store tells when all
 * that was appended before is durable, and what was appended since is replayed upon it. Owned by the partition's loop.
 *
 * <pre>
 * LISTING -(the store has told what is here)-> REMOVING -> NODES -> VALUES -> UPDATES -> MESSAGES
 * </pre>
 */
final class DifferenceTelling {
    private static final Comparator<Holdings.Value> VALUE_ORDER = Comparator.comparingLong(Holdings.Value::nodeId)
            .thenComparing(Holdings.Value::key, Arrays::compareUnsigned);

    private final Holdings held;
    private final Source store;
    private final DifferenceCursor cursor = new DifferenceCursor();
    private Stage stage = Stage.LISTING;
    private Optional<Integer> wanted = Optional.empty();
    private Set<Long> deleted = Set.of();
    private final Deque<Gone> gone = new ArrayDeque<>();
    private Optional<Kept> kept = Optional.empty();
    private long nextNode = Long.MIN_VALUE;
    /** The candidate's, as far as their place in the order was not reached. */
    private final TreeSet<Holdings.Value> values = new TreeSet<>(VALUE_ORDER);

    private ValuePut lastValue = new ValuePut(ValuePut.REPLICA + 1, new byte[0], new byte[0]);
    private UpdatePlace lastUpdate = UpdatePlace.FIRST;

    private enum Stage {
        LISTING,
        REMOVING,
        NODES,
        VALUES,
        UPDATES,
        MESSAGES
    }

    /** Messages that leave a queue of the candidate's. */
    private record Gone(long queueId, SequenceRanges sequences) {}

    /** The way to the store, and to the candidate. */
    interface Source {
        /** Asks when all that was appended is durable. */
        <T> void read(Question<T> question, PageTaker<T> taker);

        void tell(Difference difference);
    }

    /** Something to be read. */
    interface Question<T> {
        void ask(Contents contents, int partition, PageReader<T> reader);
    }

    /** Takes what was read, on the loop. */
    interface PageTaker<T> {
        void take(List<T> page, boolean end);
    }

    DifferenceTelling(Holdings held, Source store) {
        this.held = held;
        this.store = store;
    }

    /** As {@link io.sterna.cluster.ReplicaLog#reduce}. */
    LogRecord reduce(LogRecord record) {
        return cursor.reduce(record);
    }

    /** What is here, at least as of when this was opened. */
    void onListed(Holdings mine) {
        Comparison comparison = new Comparison(held, mine);
        comparison.lacking().forEach(cursor::lacks);
        comparison.acknowledged().forEach((queueId, sequences) -> gone.add(new Gone(queueId, sequences)));
        deleted = comparison.deleted();
        values.addAll(held.values());
        kept = Optional.of(new Kept(comparison, comparison.updated()));
        stage = Stage.REMOVING;
        Optional<Integer> maxBytes = wanted;
        wanted = Optional.empty();
        maxBytes.ifPresent(this::read);
    }

    /** The next part is wanted. */
    void read(int maxBytes) {
        if (stage == Stage.LISTING) {
            wanted = Optional.of(maxBytes);
            return;
        }
        if (stage == Stage.REMOVING) {
            remove(maxBytes);
            return;
        }
        cursor.beginRead();
        Kept its = kept.orElseThrow();
        switch (stage) {
            case NODES ->
                store.<NodeCreated>read(
                        (contents, partition, reader) -> contents.nodes(partition, nextNode, maxBytes, reader),
                        this::onNodes);
            case VALUES ->
                store.<ValuePut>read(
                        (contents, partition, reader) -> contents.values(partition, lastValue, maxBytes, reader),
                        this::onValues);
            case UPDATES ->
                store.<UpdatePlace>read(
                        (contents, partition, reader) -> contents.updates(partition, lastUpdate, its, maxBytes, reader),
                        this::onUpdates);
            default -> readMessages(maxBytes, its);
        }
    }

    /** Nothing that was appended since the listing changes what is removed: numbers are not given twice. */
    private void remove(int maxBytes) {
        DifferencePart part = new DifferencePart();
        deleted.forEach(part::delete);
        deleted = Set.of();
        while (part.bytes() < maxBytes && !gone.isEmpty()) {
            Gone next = gone.remove();
            long[] sequences = next.sequences().first(Math.max(1, maxBytes / Long.BYTES));
            part.tell(new Acknowledged(next.queueId(), sequences));
            SequenceRanges left = next.sequences().within(sequences[sequences.length - 1] + 1, Long.MAX_VALUE);
            if (!left.isEmpty()) {
                gone.addFirst(new Gone(next.queueId(), left));
            }
        }
        enterIf(gone.isEmpty(), Stage.NODES);
        tell(part);
    }

    private void enterIf(boolean end, Stage next) {
        if (end) {
            stage = next;
        }
    }

    private void onNodes(List<NodeCreated> page, boolean end) {
        DifferencePart part = new DifferencePart();
        for (NodeCreated node : page) {
            part.tell(node);
            nextNode = node.nodeId() + 1;
        }
        part.replay(cursor.endRead());
        enterIf(end, Stage.VALUES);
        tell(part);
    }

    private void onValues(List<ValuePut> page, boolean end) {
        DifferencePart part = new DifferencePart();
        for (ValuePut value : page) {
            Holdings.Value name = new Holdings.Value(value.nodeId(), value.key());
            removeValues(values.headSet(name, false), part);
            values.remove(name);
            part.tell(value);
            lastValue = value;
        }
        if (end) {
            removeValues(values, part);
        }
        part.replay(cursor.endRead());
        enterIf(end, Stage.UPDATES);
        tell(part);
    }

    private static void removeValues(Set<Holdings.Value> names, DifferencePart part) {
        names.forEach(name -> part.tell(new ValueRemoved(name.nodeId(), name.key())));
        names.clear();
    }

    private void onUpdates(List<UpdatePlace> page, boolean end) {
        DifferencePart part = new DifferencePart();
        for (UpdatePlace place : page) {
            part.tell(place.update());
            lastUpdate = place;
        }
        part.replay(cursor.endRead());
        enterIf(end, Stage.MESSAGES);
        tell(part);
    }

    private void readMessages(int maxBytes, Kept its) {
        List<MessageOwner> lacking = cursor.lacking();
        List<MessageStart> starts = lacking.stream().map(this::start).toList();
        store.<MessageCopy>read(
                (contents, partition, reader) -> contents.messages(partition, starts, its, maxBytes, reader),
                (page, end) -> onMessages(lacking, page, end));
    }

    private MessageStart start(MessageOwner owner) {
        long place = cursor.place(owner);
        return new MessageStart(
                new MessageSource(owner.ofTopic(), owner.id()), place == Long.MIN_VALUE ? place : place + 1);
    }

    private void onMessages(List<MessageOwner> lacking, List<MessageCopy> page, boolean end) {
        DifferencePart part = new DifferencePart();
        Map<MessageOwner, Long> read = new HashMap<>();
        MessageOwner last = lacking.isEmpty() ? MessageOwner.queue(0) : lacking.get(0);
        for (MessageCopy copy : page) {
            last = new MessageOwner(copy.source().ofTopic(), copy.source().id());
            read.put(last, copy.sequence());
            part.tell(copy.message());
            copy.updates().forEach(part::tell);
        }
        lacking.subList(0, end ? lacking.size() : lacking.indexOf(last)).forEach(part::reachEnd);
        part.replay(cursor.endRead());
        read.forEach(cursor::moveTo);
        part.ends().forEach(cursor::reachEnd);
        tell(part);
    }

    private void tell(DifferencePart part) {
        cursor.begin();
        boolean last = stage == Stage.MESSAGES && cursor.lacking().isEmpty();
        if (last) {
            cursor.finish();
        }
        store.tell(part.toDifference(last));
    }
}
