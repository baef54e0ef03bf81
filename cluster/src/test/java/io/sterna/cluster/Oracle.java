package io.sterna.cluster;

import io.sterna.store.LogRecord;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Knows everything that has happened to one partition, and throws when it should not have. */
final class Oracle {
    private final SimWorld world;
    private final int partition;
    private final Map<Position, Known> known = new HashMap<>();
    private final List<LogRecord> committed = new ArrayList<>();
    private final SimContent model = new SimContent();
    private final Map<Long, String> owners = new HashMap<>();
    private final Map<String, Integer> committedBy = new HashMap<>();
    private final Map<Integer, Integer> lastNumbers = new HashMap<>();

    private record Known(LogRecord record, Position before) {}

    Oracle(SimWorld world, int partition) {
        this.world = world;
        this.partition = partition;
    }

    /** What is committed, as a content. */
    SimContent model() {
        return model;
    }

    int committedCount() {
        return committed.size();
    }

    int epochs() {
        return owners.size();
    }

    /** No record of two histories: what has one name is one record, after the same one everywhere. */
    void onAppended(SimNode node, LogRecord record, Position before) {
        Known its = new Known(record, before);
        Known others = known.putIfAbsent(Position.of(record), its);
        if (others != null && !others.equals(its)) {
            throw fail(node.id() + " has " + record + " after " + before + ", others have " + others);
        }
    }

    void onOpened(SimNode node, long epoch) {
        claim(node, epoch);
        world.note(() -> node.id() + " opens " + partition + " in epoch " + epoch);
        // It may have slept through its own replacement, and find out later: then it opens with what was committed by
        // then.
        SimContent expected = model;
        if (committedBy.get(node.id()) < committed.size()) {
            expected = new SimContent();
            for (LogRecord record : committed.subList(0, committedBy.get(node.id()))) {
                expected.append(record.operation());
            }
        }
        if (!node.content(partition).holdsTheSameAs(expected)) {
            throw fail(node.id() + " opens with " + node.content(partition) + ", committed is " + expected);
        }
    }

    void onClosed(SimNode node) {
        world.note(() -> node.id() + " closes " + partition);
    }

    /** One accepting owner in each epoch; one that was restarted is another one. */
    void claim(SimNode node, long epoch) {
        String owner = node.id() + "#" + node.life();
        String before = owners.putIfAbsent(epoch, owner);
        if (before != null && !before.equals(owner)) {
            throw fail("epoch " + epoch + " has the owners " + before + " and " + owner);
        }
    }

    /** What is committed once is so for ever, and so is all that was before it. */
    void onCommitted(SimNode node, LogRecord record) {
        Deque<LogRecord> fresh = new ArrayDeque<>();
        Position at = Position.of(record);
        while (at.index() > committed.size()) {
            Known its = known.get(at);
            fresh.addFirst(its.record());
            at = its.before();
        }
        if (at.index() > 0 && !Position.of(committed.get((int) at.index() - 1)).equals(at)) {
            throw fail(node.id() + " commits " + Position.of(record) + " after " + at + ", but committed was "
                    + Position.of(committed.get((int) at.index() - 1)));
        }
        fresh.forEach(this::commit);
        committedBy.put(node.id(), (int) record.index());
    }

    private void commit(LogRecord record) {
        committed.add(record);
        model.append(record.operation());
        world.history(partition).onCommitted(record, model);
        for (SimMessage its : SimHistory.messagesOf(record.operation())) {
            ByteBuffer message = ByteBuffer.wrap(its.message());
            int producer = message.getInt();
            int number = message.getInt();
            Integer before = lastNumbers.put(producer, number);
            if (before != null && before >= number) {
                throw fail("message " + number + " of producer " + producer + " came after " + before);
            }
        }
    }

    /** Whoever is in sync has on disk what is committed, and nothing else in its place. */
    void checkMembers() {
        PartitionView view = world.table().views().get(partition);
        if (view == null || committed.isEmpty()) {
            return;
        }
        Position last = Position.of(committed.get(committed.size() - 1));
        for (String member : view.inSync()) {
            SimDisk disk = world.node(member).disk(partition);
            boolean behind = disk.end().index() < last.index();
            boolean other = !behind
                    && disk.base().index() <= last.index()
                    && !disk.at(last.index()).equals(last);
            if (behind || other || !disk.standing().whole()) {
                throw fail(member + " is in sync in " + view + " and ends with " + disk.end() + ", committed is " + last
                        + (other ? ", it has " + disk.at(last.index()) : "") + ", " + disk.standing());
            }
        }
    }

    /** Why not all is well yet, when nothing goes wrong any more. */
    Optional<String> unsettled() {
        PartitionView view = world.table().views().get(partition);
        if (view == null || world.table().placement().isEmpty()) {
            return Optional.of("partition " + partition + " is not in the table");
        }
        List<String> wanted = world.table().placement().get().of(partition);
        if (!view.owner().equals(wanted.get(0))
                || !view.inSync().equals(wanted.stream().sorted().toList())) {
            return Optional.of(view + " is to be " + wanted);
        }
        SimNode owner = world.node(view.owner());
        if (!owner.replica(partition).accepts(owner.nowMillis())) {
            return Optional.of("the owner does not accept: " + view);
        }
        for (String member : wanted) {
            SimNode node = world.node(member);
            if (!node.content(partition).holdsTheSameAs(model)
                    || !node.disk(partition).content().holdsTheSameAs(model)) {
                return Optional.of(member + " holds " + node.content(partition) + ", committed is " + model);
            }
        }
        return Optional.empty();
    }

    private AssertionError fail(String what) {
        return new AssertionError("partition " + partition + ": " + what);
    }
}
