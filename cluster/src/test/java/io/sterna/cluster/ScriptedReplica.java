package io.sterna.cluster;

import io.sterna.store.LogOperation;
import io.sterna.store.LogRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** A replica on node "a" whose disk, peers and table are the test: what it wants of them is kept until it is looked at. */
final class ScriptedReplica {
    static final int PARTITION = 3;
    static final LogOperation REDUCED = new LogOperation.Atomic(List.of());
    static final LogOperation MESSAGE = new LogOperation.Enqueued(1, 1, new byte[0], new byte[0]);

    private final List<ReplicaMessage> sent = new ArrayList<>();
    private final List<PartitionView> asked = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();
    private final AtomicLong attempts = new AtomicLong();
    private final Replica replica;
    private boolean reduces = true;
    private long ticket;
    private long openedStream;
    private long askedAttempt;
    private Optional<Placement> placement = Optional.empty();
    private Map<Integer, PartitionView> views = Map.of();
    private long nowMillis = 1_000;

    ScriptedReplica(Standing standing, Position end) {
        this(standing, end, ReplicaSettings.defaults());
    }

    ScriptedReplica(Standing standing, Position end, ReplicaSettings settings) {
        Replica.Ports ports = new Replica.Ports(
                new Log(),
                (node, generation, message) -> sent.add(message),
                new Table(),
                new Listener(),
                attempts::incrementAndGet);
        replica = new Replica(
                PARTITION,
                "a",
                Views.disk("a"),
                ports,
                settings,
                new ReplicaLog.Recovered(standing.following(Views.GENERATION), end, List.of()));
    }

    static PartitionView view(long epoch, String owner, String... inSync) {
        return Views.view(PARTITION, epoch, owner, inSync);
    }

    /** The owner of a view that has opened, with all that it has written on disk. */
    static ScriptedReplica serving(PartitionView view) {
        ScriptedReplica scripted = new ScriptedReplica(Standing.BLANK, Position.START);
        scripted.table(view);
        scripted.force();
        for (String backup : view.backups()) {
            scripted.receive(backup, new ReplicaMessage.Begun(PARTITION, view.epoch(), Position.START));
        }
        scripted.force();
        for (String backup : view.backups()) {
            scripted.receive(backup, appended(view.epoch(), 1));
        }
        scripted.sent.clear();
        return scripted;
    }

    static ReplicaMessage.Appended appended(long epoch, long durable) {
        return new ReplicaMessage.Appended(PARTITION, epoch, ReplicaMessage.IN_SYNC, durable, durable, false);
    }

    void table(PartitionView view) {
        views = Map.of(PARTITION, view);
        table(Views.GENERATION);
    }

    void wants(String... nodes) {
        placement = Optional.of(new Placement(1, Collections.nCopies(PARTITION + 1, List.of(nodes))));
        table(Views.GENERATION);
    }

    /** A table with this number tells what was told before. */
    void table(long generation) {
        replica.onTable(new TableContent(generation, views, placement), nowMillis);
    }

    void fail() {
        replica.onFailed();
    }

    ReplicaReport report() {
        return replica.report();
    }

    /** What was read of its own content. */
    void holdings(Holdings holdings) {
        replica.onHoldings(askedAttempt, holdings, nowMillis);
    }

    void octets(String from) {
        replica.onOctets(from, nowMillis);
    }

    void gone(String node) {
        replica.onGone(node, nowMillis);
    }

    /** A turn of the loop ends. */
    void flush() {
        replica.flush(nowMillis);
    }

    void receive(String from, ReplicaMessage message) {
        receive(from, Views.GENERATION, message);
    }

    void receive(String from, long generation, ReplicaMessage message) {
        replica.onMessage(from, generation, message, nowMillis);
    }

    /** All that was written is on disk. */
    void force() {
        force(ticket);
    }

    /** All that was written up to this ticket is on disk. */
    void force(long upTo) {
        replica.onDurable(upTo, nowMillis);
    }

    /** Of what was written last. */
    long ticket() {
        return ticket;
    }

    /** Time passes, in small steps as it does. */
    void pass(long millis) {
        for (long step = 0; step < millis; step += 50) {
            nowMillis += 50;
            replica.tick(nowMillis);
        }
    }

    void difference(Difference difference) {
        replica.onDifference(openedStream, difference, nowMillis);
    }

    long propose() {
        return propose(MESSAGE);
    }

    long propose(LogOperation operation) {
        return replica.propose(operation, nowMillis);
    }

    /** What candidates are sent is what was appended. */
    void reducesNothing() {
        reduces = false;
    }

    boolean accepts() {
        return replica.accepts(nowMillis);
    }

    boolean delivers() {
        return replica.delivers(nowMillis);
    }

    /** What is on disk. */
    Standing standing() {
        return replica.report().standing();
    }

    /** The views that the table was asked for. */
    List<PartitionView> asked() {
        return asked;
    }

    /** What the listener has heard, and where the log was restarted. */
    List<String> heard() {
        return heard;
    }

    /** Messages of a kind that were sent since the last look. */
    <T extends ReplicaMessage> List<T> sent(Class<T> kind) {
        List<T> found = sent.stream().filter(kind::isInstance).map(kind::cast).toList();
        sent.removeIf(kind::isInstance);
        return found;
    }

    private final class Table implements PartitionTable {
        @Override
        public void begin(long expectedGeneration, long generation) {
            throw new AssertionError("a replica begins no table");
        }

        @Override
        public void compareAndSet(long generation, long expectedEpoch, PartitionView view) {
            asked.add(view);
        }

        @Override
        public void compareAndSet(long generation, long expectedVersion, Placement wish) {
            throw new AssertionError("a replica does not place");
        }

        @Override
        public void refresh(int partition) {
            heard.add("refresh");
        }
    }

    private final class Listener implements ReplicaListener {
        @Override
        public void onOpened(long epoch) {
            heard.add("opened " + epoch);
        }

        @Override
        public void onCommitted(LogRecord record) {
            heard.add("committed " + record.index());
        }

        @Override
        public void onClosed() {
            heard.add("closed");
        }
    }

    private final class Log implements ReplicaLog {
        @Override
        public long append(List<LogRecord> records) {
            return ++ticket;
        }

        @Override
        public long write(Standing standing) {
            return ++ticket;
        }

        @Override
        public long restartAt(Position position) {
            heard.add("restarted at " + position);
            return ++ticket;
        }

        @Override
        public long clear() {
            heard.add("cleared");
            return ++ticket;
        }

        @Override
        public long apply(Difference difference) {
            return ++ticket;
        }

        @Override
        public void released(long index) {
            // Nothing is kept.
        }

        @Override
        public void readHoldings(long attempt) {
            askedAttempt = attempt;
        }

        @Override
        public LogRecord reduce(long stream, LogRecord record) {
            return reduces ? new LogRecord(record.partition(), record.epoch(), record.index(), REDUCED) : record;
        }

        @Override
        public void openDifference(long stream, Holdings held) {
            openedStream = stream;
        }

        @Override
        public void readDifference(long stream, int maxBytes) {
            // The test answers.
        }

        @Override
        public void closeDifference(long stream) {
            // There is nothing to close.
        }
    }
}
