package io.sterna.cluster.table;

import io.sterna.cluster.PartitionTable;
import io.sterna.cluster.PartitionView;
import io.sterna.cluster.Placement;
import io.sterna.cluster.table.TableMessage.Accept;
import io.sterna.cluster.table.TableMessage.Answer;
import io.sterna.cluster.table.TableMessage.Ask;
import io.sterna.cluster.table.TableMessage.Changed;
import io.sterna.cluster.table.TableMessage.Prepare;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/**
 * One node's part in the partition table: it reads and changes it, and keeps it if it is a founder. A state machine without
 * IO. Owned by one event loop.
 */
public final class KeptTable implements PartitionTable {
    private final String self;
    private final TablePorts ports;
    private final Proposer proposer;
    private final Optional<Keeper> keeper;
    private final Optional<Joining> joining;

    /** What this node says to itself, which is heard when what it is doing has ended. */
    private final Queue<TableMessage> own = new ArrayDeque<>();

    private boolean hearing;

    /**
     * Begins with what is on this node's disk.
     *
     * @param founders nodes that keep the table; the same ones at all nodes, and for ever
     * @param recovered empty when nothing is there, or this node keeps nothing
     */
    public KeptTable(String self, List<String> founders, TablePorts ports, Optional<KeeperState> recovered) {
        this(new TableRules(), self, founders, ports, recovered);
    }

    KeptTable(TableRules rules, String self, List<String> founders, TablePorts ports, Optional<KeeperState> recovered) {
        this.self = self;
        this.ports = ports;
        proposer = new Proposer(rules, self, founders, ports, this::send);
        boolean keeps = founders.contains(self);
        keeper = keeps ? Optional.of(new Keeper(rules, recovered, this::send, ports::write)) : Optional.empty();
        joining = keeps && recovered.isEmpty()
                ? Optional.of(new Joining(rules, self, founders, ports, this::send))
                : Optional.empty();
    }

    /** Keepers that have answered lately: enough for the table when they are more than half of the founders. */
    public List<String> answering() {
        return proposer.answering();
    }

    /**
     * Founders from whom this node has to hear what it may have forgotten with its disk, before it keeps anything; none when
     * it keeps the table, or is no founder.
     */
    public List<String> missing() {
        return joining.filter(its -> isJoining()).map(Joining::missing).orElse(List.of());
    }

    private boolean isJoining() {
        return joining.isPresent() && keeper.filter(Keeper::isBlank).isPresent();
    }

    /** To be called many times a second. */
    public void tick() {
        if (isJoining()) {
            joining.orElseThrow().tick();
        }
        proposer.tick();
        hearOwn();
    }

    /** The connection to a node has ended. */
    public void onGone(String node) {
        proposer.onGone(node);
        hearOwn();
    }

    /** What was given to {@link TablePorts#write} is on the disk. */
    public void onWritten() {
        keeper.ifPresent(Keeper::onWritten);
        hearOwn();
    }

    public void onMessage(String from, TableMessage message) {
        hear(from, message);
        hearOwn();
    }

    private void hear(String from, TableMessage message) {
        if (message instanceof Ask ask) {
            keeper.ifPresent(its -> its.onAsk(from, ask));
        } else if (message instanceof Prepare prepare) {
            keeper.ifPresent(its -> its.onPrepare(from, prepare));
        } else if (message instanceof Accept accept) {
            keeper.ifPresent(its -> its.onAccept(from, accept));
        } else if (message instanceof Answer answer) {
            if (isJoining()) {
                joining.orElseThrow().onAnswer(from, answer).ifPresent(keeper.orElseThrow()::begin);
            }
            proposer.onAnswer(from, answer);
        } else if (message instanceof Changed) {
            proposer.soon();
        }
    }

    private void send(String to, TableMessage message) {
        if (to.equals(self)) {
            own.add(message);
        } else {
            ports.send(to, message);
        }
    }

    private void hearOwn() {
        if (hearing) {
            return;
        }
        hearing = true;
        for (TableMessage next = own.poll(); next != null; next = own.poll()) {
            hear(self, next);
        }
        hearing = false;
    }

    // ---- What replicas and the coordinator ask for

    @Override
    public void begin(long expectedGeneration, long generation) {
        proposer.changes().begin(expectedGeneration, generation, ports.nowMillis());
        soon();
    }

    @Override
    public void compareAndSet(long generation, long expectedEpoch, PartitionView view) {
        proposer.changes().ask(generation, expectedEpoch, view, ports.nowMillis());
        soon();
    }

    @Override
    public void compareAndSet(long generation, long expectedVersion, Placement placement) {
        proposer.changes().ask(generation, expectedVersion, placement, ports.nowMillis());
        soon();
    }

    @Override
    public void refresh(int partition) {
        soon();
    }

    private void soon() {
        proposer.soon();
        hearOwn();
    }
}
