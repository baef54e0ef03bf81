package io.sterna.cluster;

import io.sterna.store.LogRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A replica's log in one life of its process: what is written is lost in a crash, but for some of it from the beginning on. */
class SimLog implements ReplicaLog {
    private final SimDisk disk;
    private final SimNode node;
    private final int partition;
    private final SimContent content;
    private final Deque<Write> unforced = new ArrayDeque<>();
    private final Map<Long, SimDifference> differences = new HashMap<>();
    private Position end;
    private long ticket;
    private long released;
    private boolean forcing;
    private Standing standing;
    private boolean failed;

    private record Write(long ticket, Consumer<SimDisk> change) {}

    SimLog(SimDisk disk, SimNode node, int partition) {
        this.disk = disk;
        this.node = node;
        this.partition = partition;
        content = disk.recover();
        end = disk.end();
        standing = disk.standing();
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
            if (standing.whole()) {
                // Those that catch up get reduced records.
                node.world().oracle(partition).onAppended(node, record, end);
            }
            content.append(record.operation());
            end = Position.of(record);
            noteContent();
        }
        return put(target -> target.append(copy));
    }

    private void noteContent() {
        if (standing.whole()) {
            node.world().contents(partition).onContent(node, lineage(standing), end, content);
        }
    }

    private static long lineage(Standing standing) {
        return standing.view().map(PartitionView::lineage).orElse(0L);
    }

    @Override
    public long write(Standing newStanding) {
        standing = newStanding;
        noteContent();
        return put(target -> target.standing(kept(target.standing(), newStanding)));
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

    DifferenceCursor cursor() {
        return new DifferenceCursor();
    }

    DifferencePart part() {
        return new DifferencePart();
    }

    /** Whether the cursor moves when the content is read, and not when the part is sent. */
    boolean movesEarly() {
        return false;
    }

    // ---- What it does

    @Override
    public long restartAt(Position position) {
        end = position;
        return put(target -> target.restartAt(position));
    }

    @Override
    public long clear() {
        end = Position.START;
        content.clear();
        return put(SimDisk::clear);
    }

    @Override
    public long apply(Difference difference) {
        difference.operations().forEach(content::append);
        if (difference.last()) {
            node.world().onCatchUp();
        }
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
        if (!forcing && !failed) {
            force();
        }
        return ticket;
    }

    private void force() {
        forcing = true;
        long upTo = ticket;
        int life = node.life();
        node.world().time().after(node.forceMillis(), () -> {
            if (node.life() == life && node.isUp() && !failed) {
                reach(upTo);
                node.run(life, () -> onForced(upTo));
            }
        });
    }

    private void reach(long upTo) {
        while (!unforced.isEmpty() && unforced.peekFirst().ticket() <= upTo) {
            change();
        }
    }

    private void change() {
        unforced.removeFirst().change().accept(disk);
        if (disk.standing().whole()) {
            node.world().contents(partition).onContent(node, lineage(disk.standing()), disk.end(), disk.content());
        }
    }

    private void onForced(long upTo) {
        if (failed) {
            return;
        }
        forcing = false;
        if (!unforced.isEmpty()) {
            force();
        }
        node.replica(partition).onDurable(upTo, node.nowMillis());
    }

    /** From now on it writes nothing. */
    void fail() {
        failed = true;
        node.replica(partition).onFailed();
    }

    /** The process is gone, or the machine. */
    void crash() {
        int survive = unforced.isEmpty() ? 0 : node.world().time().between(0, unforced.size());
        for (int i = 0; i < survive; i++) {
            change();
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
        later(() -> {
            Holdings holdings = content.holdings();
            later(() -> node.replica(partition).onHoldings(attempt, holdings, node.nowMillis()));
        });
    }

    @Override
    public LogRecord reduce(long stream, LogRecord record) {
        return differences.get(stream).reduce(record);
    }

    @Override
    public void openDifference(long stream, Holdings held) {
        differences.put(stream, new SimDifference(content, held, cursor(), this::leavesOut));
    }

    @Override
    public void readDifference(long stream, int maxBytes) {
        differences.get(stream).beginRead();
        later(() -> readNow(stream, maxBytes));
    }

    private void readNow(long stream, int maxBytes) {
        SimDifference difference = differences.get(stream);
        if (difference != null) {
            difference.read(part(), maxBytes);
            if (movesEarly()) {
                difference.move();
            }
            later(() -> sendNow(stream, difference));
        }
    }

    private void sendNow(long stream, SimDifference difference) {
        if (differences.get(stream) == difference) {
            node.replica(partition).onDifference(stream, difference.send(), node.nowMillis());
        }
    }

    private void later(Runnable task) {
        int life = node.life();
        long millis = node.world().time().between(0, 10);
        node.world().time().after(millis, () -> node.run(life, task));
    }

    @Override
    public void closeDifference(long stream) {
        differences.remove(stream);
    }
}
