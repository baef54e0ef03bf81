package io.sterna.cluster;

import io.sterna.store.LogOperation;
import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A replica's log in one life of its process: what is written is lost in a crash, but for some of it from the beginning on. */
class SimLog implements ReplicaLog {
    private final SimDisk disk;
    private final SimNode node;
    private final int partition;
    private final SimContent content;
    private final Deque<Write> unforced = new ArrayDeque<>();
    private final Map<Long, Session> sessions = new HashMap<>();
    private Position end;
    private long ticket;
    private long released;
    private boolean forcing;

    private record Write(long ticket, Consumer<SimDisk> change) {}

    /** A difference that is being told. */
    private static final class Session {
        private final Holdings held;
        private final Map<Long, Long> bounds = new HashMap<>();
        private final List<Long> queues;
        private long from = Long.MIN_VALUE;

        Session(Holdings held, SimContent content) {
            this.held = held;
            NavigableMap<Long, Boolean> ids = new TreeMap<>();
            held.queues().keySet().forEach(id -> ids.put(id, true));
            content.queues().forEach((id, messages) -> {
                ids.put(id, true);
                if (!messages.isEmpty()) {
                    bounds.put(id, messages.lastKey());
                }
            });
            queues = new ArrayList<>(ids.keySet());
        }
    }

    SimLog(SimDisk disk, SimNode node, int partition) {
        this.disk = disk;
        this.node = node;
        this.partition = partition;
        content = disk.content().copy();
        end = disk.end();
    }

    final SimContent content() {
        return content;
    }

    final SimDisk disk() {
        return disk;
    }

    @Override
    public long append(List<LogRecord> records) {
        List<LogRecord> copy = List.copyOf(records);
        for (LogRecord record : copy) {
            node.world().oracle(partition).onAppended(node, record, end);
            content.append(record.operation());
            end = Position.of(record);
        }
        return put(target -> target.append(copy));
    }

    @Override
    public long write(Standing standing) {
        return put(target -> target.standing(kept(target.standing(), standing)));
    }

    // ---- Where bugs are planted

    boolean reportsEarly() {
        return false;
    }

    Standing kept(Standing before, Standing written) {
        return written;
    }

    boolean leavesOut(long sequence) {
        return false;
    }

    boolean cutsTooMuch() {
        return false;
    }

    @Override
    public long restartAt(Position position) {
        node.world().onCatchUp();
        end = position;
        return put(target -> target.restartAt(position));
    }

    @Override
    public long apply(Difference difference) {
        difference.operations().forEach(content::apply);
        return put(target -> target.apply(difference));
    }

    private long put(Consumer<SimDisk> change) {
        unforced.add(new Write(++ticket, change));
        if (reportsEarly()) {
            long early = ticket;
            node.world()
                    .time()
                    .after(
                            0,
                            () -> node.run(
                                    node.life(), () -> node.replica(partition).onDurable(early, node.nowMillis())));
        }
        if (!forcing) {
            force();
        }
        return ticket;
    }

    private void force() {
        forcing = true;
        long upTo = ticket;
        int life = node.life();
        node.world().time().after(node.forceMillis(), () -> {
            if (node.life() == life && node.isUp()) {
                reach(upTo);
                node.run(life, () -> onForced(upTo));
            }
        });
    }

    private void reach(long upTo) {
        while (!unforced.isEmpty() && unforced.peekFirst().ticket() <= upTo) {
            unforced.removeFirst().change().accept(disk);
        }
    }

    private void onForced(long upTo) {
        forcing = false;
        if (!unforced.isEmpty()) {
            force();
        }
        node.replica(partition).onDurable(upTo, node.nowMillis());
    }

    /** The process is gone, or the machine. */
    void crash() {
        int survive = unforced.isEmpty() ? 0 : node.world().time().between(0, unforced.size());
        for (int i = 0; i < survive; i++) {
            unforced.removeFirst().change().accept(disk);
        }
        unforced.clear();
        if (cutsTooMuch()) {
            disk.cut();
        }
        if (node.world().time().chance(30)) {
            long behind = Math.max(0, released - disk.base().index())
                    + node.world().time().between(0, 3);
            disk.forget((int) Math.min(disk.tail().size(), behind));
        }
    }

    /** What the next life finds. */
    static Recovered recover(SimDisk disk) {
        return new Recovered(disk.standing(), disk.base(), disk.tail());
    }

    @Override
    public void released(long index) {
        released = index;
    }

    @Override
    public void readHoldings(long attempt) {
        int life = node.life();
        node.world()
                .time()
                .after(
                        node.world().time().between(1, 5),
                        () -> node.run(life, () -> node.replica(partition)
                                .onHoldings(attempt, content.holdings(), node.nowMillis())));
    }

    @Override
    public LogRecord reduce(long stream, LogRecord record) {
        return record;
    }

    @Override
    public void openDifference(long stream, Holdings held) {
        sessions.put(stream, new Session(held, content));
    }

    @Override
    public void readDifference(long stream, int maxBytes) {
        int life = node.life();
        node.world()
                .time()
                .after(
                        node.world().time().between(1, 5),
                        () -> node.run(life, () -> {
                            Session session = sessions.get(stream);
                            if (session != null) {
                                Difference part = next(session, Math.max(1, maxBytes / 56));
                                node.replica(partition).onDifference(stream, part, node.nowMillis());
                            }
                        }));
    }

    private Difference next(Session session, int most) {
        List<LogOperation> operations = new ArrayList<>();
        while (!session.queues.isEmpty() && operations.size() < most) {
            long queueId = session.queues.get(0);
            long bound = session.bounds.getOrDefault(queueId, Long.MIN_VALUE);
            NavigableMap<Long, Enqueued> alive = content.queue(queueId).headMap(bound, true);
            SequenceRanges held = session.held.queue(queueId).own().live();
            SequenceRanges here = SequenceRanges.of(alive.keySet());
            NavigableMap<Long, LogOperation> changes = new TreeMap<>();
            here.without(held).within(session.from, Long.MAX_VALUE).ranges().forEach(range -> alive.subMap(
                            range.first(), true, range.last(), true)
                    .forEach(changes::put));
            held.without(here).within(session.from, Long.MAX_VALUE).ranges().forEach(range -> {
                for (long gone = range.first(); gone <= range.last(); gone++) {
                    changes.put(gone, new Acknowledged(queueId, new long[] {gone}));
                }
            });
            for (Map.Entry<Long, LogOperation> change : changes.entrySet()) {
                if (operations.size() == most) {
                    return new Difference(operations, false);
                }
                if (!leavesOut(change.getKey())) {
                    operations.add(change.getValue());
                }
                session.from = change.getKey() + 1;
            }
            session.queues.remove(0);
            session.from = Long.MIN_VALUE;
        }
        return new Difference(operations, session.queues.isEmpty());
    }

    @Override
    public void closeDifference(long stream) {
        sessions.remove(stream);
    }
}
