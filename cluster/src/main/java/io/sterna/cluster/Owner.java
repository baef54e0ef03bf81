package io.sterna.cluster;

import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.cluster.ReplicaMessage.Appended;
import io.sterna.cluster.ReplicaMessage.Begin;
import io.sterna.cluster.ReplicaMessage.Begun;
import io.sterna.cluster.ReplicaMessage.Join;
import io.sterna.cluster.ReplicaMessage.PartApplied;
import io.sterna.store.LogOperation;
import io.sterna.store.LogRecord;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The one who appends in this epoch. Owned by the replica's loop.
 *
 * <pre>
 * NEW -(promise on disk)-> GATHERING -(all in sync have promised, none has a longer log)-> OPENING
 * OPENING -(first record of the epoch on all disks)-> SERVING, or SHORT when fewer are in sync than there have to be
 * SERVING or SHORT -(somebody else is to own it)-> YIELDING
 * any of these -(needs another view)-> the same, with a proposal to the table that it never takes back
 * </pre>
 */
final class Owner extends Role {
    private final Map<String, BackupProgress> backups = new TreeMap<>();
    private final CatchUps catchUps = new CatchUps(this);
    private Phase phase = Phase.NEW;

    /** The view that this one is to make way for. One only: an earlier one may yet come to be. */
    private Optional<PartitionView> proposal = Optional.empty();

    /** To whom it yields. */
    private String heir;

    /** It may be asked for: what has to be on disk before is there. */
    private boolean asking;

    private long askedMillis;
    private long phaseMillis;
    private long sentMillis;
    private long tickMillis;
    private long firstIndex;

    /** Who is wanted, of whom some are not in sync. */
    private List<String> awaited = List.of();

    /** Since when, without that anybody has been catching up. */
    private long awaitedMillis;

    /** All up to here is on the disks of all who are waited for. */
    private long replicated;

    private enum Phase {
        NEW,
        GATHERING,
        OPENING,
        SHORT,
        SERVING,
        YIELDING
    }

    Owner(ReplicaContext context, PartitionView view) {
        super(context, view);
        view.backups().forEach(node -> backups.put(node, new BackupProgress(node, this)));
        tickMillis = context.nowMillis();
        heir = view.owner();
    }

    // ---- Beginning

    @Override
    void begin() {
        if (!context().rules().mayBegin(view(), journal().standing())) {
            propose(view().handingTo(context().self()));
            return;
        }
        if (!journal().standing().whole()) {
            // Opened by force where nobody is whole: with what is left, which is that of no place of a log.
            context().restartAt(Position.START);
        }
        journal().write(journal().standing().promising(view()).withWhole(true));
        whenDurable(this::gather);
    }

    private void gather() {
        enter(Phase.GATHERING);
        sendBegin();
        maybeOpen();
    }

    private void enter(Phase next) {
        phase = next;
        phaseMillis = context().nowMillis();
    }

    private void sendBegin() {
        sentMillis = context().nowMillis();
        for (BackupProgress backup : backups.values()) {
            if (backup.begun().isEmpty()) {
                send(backup.node(), new Begin(view()));
            }
        }
    }

    private void onBegun(String from, Begun begun) {
        BackupProgress backup = backups.get(from);
        if (phase == Phase.GATHERING && backup != null) {
            backup.onBegun(begun.end());
            maybeOpen();
        }
    }

    /** Logs of those who were in sync are beginnings of one another, so that the longest has what any of them has. */
    private void maybeOpen() {
        if (proposal.isPresent()
                || backups.values().stream().anyMatch(each -> each.begun().isEmpty())) {
            return;
        }
        String longest = context().self();
        Position end = journal().end();
        for (BackupProgress backup : backups.values()) {
            if (context().rules().isLonger(backup.begun().orElseThrow(), end)) {
                longest = backup.node();
                end = backup.begun().orElseThrow();
            }
        }
        if (!longest.equals(context().self())) {
            propose(view().handingTo(longest));
            return;
        }
        // Whom this log can't tell what it lacks, since that is not kept any more, or who has what was superseded.
        List<String> apart = backups.values().stream()
                .filter(each -> !journal().continues(each.begun().orElseThrow()))
                .map(BackupProgress::node)
                .toList();
        if (apart.isEmpty()) {
            open();
        } else {
            propose(view().removing(apart));
        }
    }

    private void open() {
        enter(Phase.OPENING);
        backups.values().forEach(BackupProgress::onResumed);
        firstIndex = journal().end().index() + 1;
        append(new LogOperation.EpochStarted());
    }

    // ---- Appending and committing

    boolean accepts() {
        return phase == Phase.SERVING
                && journal().bytes() < context().limits().maxUncommittedBytes()
                && context().hearsFromTable();
    }

    boolean delivers() {
        return phase == Phase.SERVING
                && context().hearsFromTable()
                && backups.values().stream().noneMatch(BackupProgress::isSilent);
    }

    boolean hasOpened() {
        return isEnough() && (phase == Phase.SERVING || phase == Phase.YIELDING);
    }

    /** Whether there are as many copies as there have to be. If not, nothing is accepted, and nobody is told of anything. */
    private boolean isEnough() {
        return context().rules().isEnough(view(), context().limits().minInSync());
    }

    long append(LogOperation operation) {
        long index = journal().end().index() + 1;
        LogRecord record = new LogRecord(partition(), epoch(), index, operation);
        journal().append(List.of(record));
        catchUps.add(record);
        whenDurable(this::advance);
        return index;
    }

    /** Sends what was appended. */
    void flush() {
        if (phase != Phase.NEW && phase != Phase.GATHERING) {
            backups.values().forEach(BackupProgress::flush);
            catchUps.flush();
        }
    }

    private void advance() {
        if (phase == Phase.NEW || phase == Phase.GATHERING) {
            return;
        }
        replicated = context()
                .rules()
                .committed(
                        journal().durable().index(),
                        context().rules().required(view(), proposal),
                        this::acknowledgedBy);
        if (isEnough()) {
            tell();
        }
        if (phase == Phase.OPENING && replicated >= firstIndex) {
            enter(isEnough() ? Phase.SERVING : Phase.SHORT);
            if (phase == Phase.SERVING) {
                context().listener().onOpened(epoch());
            }
        }
        maybeHandOver();
    }

    private void tell() {
        long before = Math.max(context().committed(), journal().base().index());
        if (replicated > before) {
            List<LogRecord> records = journal().between(before, replicated);
            context().onCommitted(replicated);
            records.forEach(context().listener()::onCommitted);
        }
    }

    private long acknowledgedBy(String node) {
        BackupProgress backup = backups.get(node);
        return backup == null ? catchUps.acknowledgedBy(node) : backup.acknowledged();
    }

    @Override
    void onGone(String node) {
        Optional.ofNullable(backups.get(node)).ifPresent(BackupProgress::onGone);
    }

    @Override
    void onOctets(String from) {
        Optional.ofNullable(backups.get(from)).ifPresent(BackupProgress::onOctets);
        catchUps.onOctets(from);
    }

    @Override
    void onMessage(String from, ReplicaMessage message) {
        if (message instanceof Begun begun) {
            onBegun(from, begun);
        } else if (message instanceof Appended appended) {
            onAppended(from, appended);
        } else if (message instanceof Join join && isSettled()) {
            catchUps.onJoin(from, join);
        } else if (message instanceof PartApplied applied) {
            catchUps.onPartApplied(from, applied);
        } else if (message instanceof Append append) {
            throw new IllegalStateException(from + " appends to " + append + " in the epoch of " + view());
        }
    }

    private void onAppended(String from, Appended appended) {
        BackupProgress backup = backups.get(from);
        if (appended.stream() != ReplicaMessage.IN_SYNC) {
            catchUps.onAppended(from, appended);
        } else if (backup != null && backup.begun().isPresent()) {
            backup.onAppended(appended);
        }
        advance();
    }

    void onDifference(long stream, Difference difference) {
        catchUps.onDifference(stream, difference);
    }

    /** Nothing of a former epoch is open, and nobody else is to own it. */
    private boolean isSettled() {
        return phase == Phase.SERVING || phase == Phase.SHORT;
    }

    // ---- Other views

    private void propose(PartitionView next) {
        proposal = Optional.of(next);
        if (view().inSync().containsAll(next.inSync())) {
            sendProposal();
        } else {
            // After the loss of the table somebody has to know that there may be one more who has what was committed.
            journal().write(journal().standing().proposing(next));
            whenDurable(this::sendProposal);
        }
    }

    /** Whether the table was asked for a view in which the node is in sync. */
    boolean proposes(String node) {
        return proposal.filter(next -> next.isInSync(node)).isPresent();
    }

    private void sendProposal() {
        asking = true;
        askedMillis = context().nowMillis();
        proposal.ifPresent(next -> context().table().compareAndSet(context().generation(), epoch(), next));
    }

    @Override
    void tick() {
        long now = context().nowMillis();
        if (now - tickMillis > context().times().backupTimeoutMillis() / 2) {
            backups.values().forEach(BackupProgress::onResumed);
            catchUps.onResumed();
            phaseMillis = now;
        }
        tickMillis = now;
        if (asking && now - askedMillis >= context().times().resendMillis()) {
            sendProposal();
        }
        if (phase == Phase.GATHERING) {
            tickGathering(now);
        } else if (phase != Phase.NEW) {
            backups.values().forEach(BackupProgress::tick);
            catchUps.tick();
            removeWho(backups.values().stream().filter(BackupProgress::isLate).toList());
            maybeChange();
        }
    }

    private void tickGathering(long now) {
        List<BackupProgress> missing =
                backups.values().stream().filter(each -> each.begun().isEmpty()).toList();
        if (now - phaseMillis > context().times().backupTimeoutMillis()) {
            removeWho(missing);
        } else if (missing.stream().anyMatch(BackupProgress::isGone)) {
            removeWho(missing.stream().filter(BackupProgress::isGone).toList());
        } else if (now - sentMillis >= context().times().resendMillis()) {
            sendBegin();
        }
    }

    private void removeWho(Collection<BackupProgress> late) {
        if (proposal.isEmpty() && !late.isEmpty()) {
            propose(view().removing(late.stream().map(BackupProgress::node).toList()));
        }
    }

    /** Brings about, one step at a time, what the placement says. */
    private void maybeChange() {
        List<String> wanted = context().wanted();
        if (proposal.isPresent() || !isSettled() || wanted.isEmpty()) {
            return;
        }
        Optional<CatchUp> caughtUp = catchUps.caughtUp(replicated);
        if (caughtUp.isPresent()) {
            propose(view().adding(caughtUp.get().node(), caughtUp.get().disk()));
        } else if (view().inSync().containsAll(wanted)) {
            List<String> others = view().backups().stream()
                    .filter(node -> !wanted.contains(node))
                    .toList();
            if (!others.isEmpty()) {
                propose(view().removing(others));
            } else if (context().nowMillis() - phaseMillis >= context().times().backupTimeoutMillis()) {
                // Not at once: who got it as the wanted one does not hear from the table would get it back over and
                // over.
                yieldTo(wanted.get(0));
            }
        } else if (!wanted.contains(context().self()) && nobodyJoins(wanted)) {
            // Who is drained does not wait for nodes that are away.
            wanted.stream().filter(view()::isInSync).findFirst().ifPresent(this::yieldTo);
        }
    }

    /** Whoever is wanted and there has asked to join after so long, so that it need not go to somebody else in between. */
    private boolean nobodyJoins(List<String> wanted) {
        long now = context().nowMillis();
        if (!catchUps.isEmpty() || !wanted.equals(awaited)) {
            awaited = wanted;
            awaitedMillis = now;
        }
        return now - awaitedMillis >= context().times().backupTimeoutMillis();
    }

    private void yieldTo(String node) {
        if (!node.equals(context().self())) {
            enter(Phase.YIELDING);
            heir = node;
            maybeHandOver();
        }
    }

    /** When all is on all disks nobody waits for an answer, and the next owner has nothing to replay. */
    private void maybeHandOver() {
        if (phase == Phase.YIELDING
                && proposal.isEmpty()
                && replicated == journal().end().index()) {
            propose(view().handingTo(heir));
        }
    }

    @Override
    void end() {
        super.end();
        catchUps.end();
    }
}
