package io.sterna.cluster;

import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.cluster.ReplicaMessage.Attached;
import io.sterna.cluster.ReplicaMessage.Begin;
import io.sterna.cluster.ReplicaMessage.Join;
import io.sterna.cluster.ReplicaMessage.Part;
import io.sterna.cluster.ReplicaMessage.Refused;
import io.sterna.store.LogOperation;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * One node's replica of one partition: owner, backup or candidate, as the partition's view says. A state machine without IO:
 * what happens is told to it with the time, and what it does goes to {@link ReplicaLog}, {@link Peers} and
 * {@link PartitionTable}, which return at once. Owned by the partition's event loop. When it throws, something that it
 * takes for impossible has happened: nothing but {@link #onFailed} and {@link #report} may be called any more.
 */
public final class Replica {
    private final int partition;
    private final ReplicaContext context;
    private Optional<Role> role = Optional.empty();

    /** The listener has heard that this node owns the partition. */
    private boolean opened;

    private boolean failed;

    /**
     * What a replica is tied to.
     *
     * @param attempts gives numbers above 0, none of them twice, not even after a restart
     */
    public record Ports(
            ReplicaLog log, Peers peers, PartitionTable table, ReplicaListener listener, LongSupplier attempts) {}

    /**
     * Takes no part in anything before it hears of a view.
     *
     * @param self this node
     * @param disk a random number that the data directory was given when it was made
     * @param recovered what the log has found on its disk
     */
    public Replica(
            int partition,
            String self,
            long disk,
            Ports ports,
            ReplicaSettings settings,
            ReplicaLog.Recovered recovered) {
        this(partition, new ReplicaContext(self, disk, ports, new SafetyRules(), settings, recovered));
    }

    Replica(int partition, ReplicaContext context) {
        this.partition = partition;
        this.context = context;
    }

    private long epoch() {
        return role.map(Role::epoch).orElse(0L);
    }

    /** What the table holds; also when that is the same again, which shows that it can be reached. */
    public void onTable(TableContent content, long nowMillis) {
        context.at(nowMillis);
        if (failed || !follow(content.generation())) {
            return;
        }
        context.onTableHeard();
        content.placement().ifPresent(placement -> context.want(placement.of(partition)));
        Optional.ofNullable(content.views().get(partition)).ifPresent(this::adopt);
        endTurn();
    }

    /**
     * Leaves the table that it followed, and all that it was there, for ever, when there is a new one.
     *
     * @return whether it follows this table
     */
    private boolean follow(long generation) {
        Journal journal = context.journal();
        if (generation != TableContent.NONE.generation() && context.rules().mayFollow(generation, journal.standing())) {
            journal.write(journal.standing().following(generation));
            context.want(List.of());
            leave();
        }
        return generation == context.generation() && generation != TableContent.NONE.generation();
    }

    private void leave() {
        role.ifPresent(Role::end);
        role = Optional.empty();
        close();
    }

    private void close() {
        if (opened) {
            opened = false;
            context.listener().onClosed();
        }
    }

    private void adopt(PartitionView view) {
        Standing standing = context.journal().standing();
        if (view.epoch() <= epoch() || (view.epoch() < standing.epoch() && !standing.isOfOtherLineage(view))) {
            return;
        }
        role.ifPresent(Role::end);
        Role next = roleIn(view, standing);
        role = Optional.of(next);
        if (!(next instanceof Owner)) {
            close();
        }
        next.begin();
    }

    private Role roleIn(PartitionView view, Standing standing) {
        if (!context.rules().isMember(view, context.self(), context.disk(), standing)) {
            return new Candidate(context, view);
        }
        return view.owner().equals(context.self()) ? new Owner(context, view) : new Backup(context, view);
    }

    /**
     * The log can't be written any more, or a call has thrown: the replica takes part in nothing, and says so, until the
     * process starts anew.
     */
    public void onFailed() {
        failed = true;
        leave();
    }

    /**
     * A message has come from another node.
     *
     * @param generation of the table that the sender followed
     */
    public void onMessage(String from, long generation, ReplicaMessage message, long nowMillis) {
        context.at(nowMillis);
        if (failed) {
            return;
        }
        if (generation != context.generation()) {
            if (generation > context.generation()) {
                context.table().refresh(partition);
            }
            return;
        }
        if (message instanceof Begin begin) {
            adopt(begin.view());
        }
        if (message.epoch() > epoch()) {
            context.table().refresh(partition);
        } else if (!context.rules().isStale(message.epoch(), epoch())) {
            role.ifPresent(current -> current.onMessage(from, message));
        } else if (wantsAnswer(message)) {
            context.peers().send(from, context.generation(), new Refused(partition, epoch()));
        }
        endTurn();
    }

    /**
     * Octets have come from another node, of this partition's messages or of others; a message may be long under way. Told
     * every now and then.
     */
    public void onOctets(String from, long nowMillis) {
        context.at(nowMillis);
        role.ifPresent(current -> current.onOctets(from));
    }

    private static boolean wantsAnswer(ReplicaMessage message) {
        return message instanceof Begin
                || message instanceof Append
                || message instanceof Attached
                || message instanceof Part
                || message instanceof Join;
    }

    /** The connection to a node was closed: it need not be waited for. A wrong alarm costs time, and nothing else. */
    public void onGone(String node, long nowMillis) {
        context.at(nowMillis);
        role.ifPresent(current -> current.onGone(node));
        endTurn();
    }

    /** All that the log has written up to this ticket is on disk. */
    public void onDurable(long ticket, long nowMillis) {
        context.at(nowMillis);
        context.journal().onDurable(ticket);
        endTurn();
    }

    /** The answer to {@link ReplicaLog#readHoldings}. Passed over when nobody wants it any more. */
    public void onHoldings(long attempt, Holdings holdings, long nowMillis) {
        context.at(nowMillis);
        role.filter(Candidate.class::isInstance)
                .map(Candidate.class::cast)
                .ifPresent(candidate -> candidate.onHoldings(attempt, holdings));
    }

    /** The answer to {@link ReplicaLog#readDifference}. Passed over when nobody wants it any more. */
    public void onDifference(long stream, Difference difference, long nowMillis) {
        context.at(nowMillis);
        owner().ifPresent(owner -> owner.onDifference(stream, difference));
    }

    /** To be called many times a second. Time may leap, but that delays things or hastens them; nothing else. */
    public void tick(long nowMillis) {
        context.at(nowMillis);
        role.ifPresent(Role::tick);
        endTurn();
    }

    /**
     * Sends what was {@linkplain #propose proposed}, as few messages as can be. To be called at the end of each turn of the
     * loop in which something was proposed; it happens by itself with whatever else the replica is told.
     */
    public void flush(long nowMillis) {
        context.at(nowMillis);
        owner().ifPresent(Owner::flush);
    }

    private void endTurn() {
        noteOpened();
        owner().ifPresent(Owner::flush);
    }

    private Optional<Owner> owner() {
        return role.filter(Owner.class::isInstance).map(Owner.class::cast);
    }

    private void noteOpened() {
        opened |= owner().filter(Owner::hasOpened).isPresent();
    }

    /** Whether records are taken. */
    public boolean accepts(long nowMillis) {
        context.at(nowMillis);
        return owner().filter(Owner::accepts).isPresent();
    }

    /** Whether messages may be handed out: not while others may have taken over. */
    public boolean delivers(long nowMillis) {
        context.at(nowMillis);
        return owner().filter(Owner::delivers).isPresent();
    }

    /**
     * Appends a record, which goes out with {@link #flush}. It is safe when {@link ReplicaListener#onCommitted} tells so.
     *
     * @return its index
     * @throws IllegalStateException when it {@linkplain #accepts accepts} nothing
     */
    public long propose(LogOperation operation, long nowMillis) {
        context.at(nowMillis);
        Owner owner = owner().filter(Owner::accepts)
                .orElseThrow(() -> new IllegalStateException("partition " + partition + " accepts nothing here"));
        return owner.append(operation);
    }

    /** What others may know of it. */
    public ReplicaReport report() {
        Journal journal = context.journal();
        return new ReplicaReport(partition, context.disk(), journal.durableStanding(), journal.durable(), failed);
    }

    /** The view that it acts on. */
    public Optional<PartitionView> view() {
        return role.map(Role::view);
    }
}
