package io.sterna.cluster;

import java.util.List;

/** What all roles of a replica share. Owned by the replica's loop. */
final class ReplicaContext {
    private final String self;
    private final long disk;
    private final Replica.Ports ports;
    private final SafetyRules rules;
    private final ReplicaSettings settings;
    private final Journal journal;
    private List<String> wanted = List.of();
    private long nowMillis;
    private long tableHeardMillis;
    private long committed;
    private long lastStream = ReplicaMessage.IN_SYNC;

    ReplicaContext(
            String self,
            long disk,
            Replica.Ports ports,
            SafetyRules rules,
            ReplicaSettings settings,
            ReplicaLog.Recovered recovered) {
        this.self = self;
        this.disk = disk;
        this.ports = ports;
        this.rules = rules;
        this.settings = settings;
        journal = new Journal(ports.log(), recovered);
        tableHeardMillis = -settings.times().tableTimeoutMillis() - 1;
    }

    String self() {
        return self;
    }

    /** The data directory of this node. */
    long disk() {
        return disk;
    }

    /** Of the table that this replica follows. */
    long generation() {
        return journal.standing().generation();
    }

    ReplicaLog log() {
        return ports.log();
    }

    Peers peers() {
        return ports.peers();
    }

    PartitionTable table() {
        return ports.table();
    }

    ReplicaListener listener() {
        return ports.listener();
    }

    long newAttempt() {
        return ports.attempts().getAsLong();
    }

    /** Names what is sent to a candidate, and the difference that is read for it. */
    long newStream() {
        return ++lastStream;
    }

    SafetyRules rules() {
        return rules;
    }

    ReplicaSettings.Times times() {
        return settings.times();
    }

    ReplicaSettings.Limits limits() {
        return settings.limits();
    }

    Journal journal() {
        return journal;
    }

    long nowMillis() {
        return nowMillis;
    }

    void at(long newNowMillis) {
        nowMillis = newNowMillis;
    }

    /** Where replicas are to be; empty while that is not known. */
    List<String> wanted() {
        return wanted;
    }

    void want(List<String> nodes) {
        wanted = List.copyOf(nodes);
    }

    void onTableHeard() {
        tableHeardMillis = nowMillis;
    }

    boolean hearsFromTable() {
        return nowMillis - tableHeardMillis <= times().tableTimeoutMillis();
    }

    /** The highest index that is known to be committed. */
    long committed() {
        return committed;
    }

    /** Records up to here, as far as they are here, are committed. */
    void onCommitted(long index) {
        committed = Math.max(committed, Math.min(index, journal.end().index()));
        journal.release(committed);
    }

    /** The content was made anew from here on. */
    void restartAt(Position position) {
        committed = 0;
        journal.restartAt(position);
    }
}
