package io.sterna.cluster.table;

import io.sterna.cluster.TableContent;
import io.sterna.cluster.table.TableMessage.Accept;
import io.sterna.cluster.table.TableMessage.Answer;
import io.sterna.cluster.table.TableMessage.Ask;
import io.sterna.cluster.table.TableMessage.Prepare;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Reads and changes the table with a majority of its keepers, one attempt at a time, with all that was asked for since the
 * last one. A state machine without IO.
 *
 * <pre>
 * IDLE -> READING: what was accepted with the highest number by a majority is what the table holds; nothing is written
 * READING -> PREPARING: no majority has the same, or there is something to change
 * PREPARING -> ACCEPTING: a majority has promised; the newest content that it knows, changed, is what it is to remember
 * ACCEPTING -> IDLE: a majority remembers it
 * any -> IDLE: somebody else was in between, or no majority answers; begun anew after a short while
 * </pre>
 */
final class Proposer {
    /** Read so often when nothing is asked for: who hears nothing for longer knows that the table is out of reach. */
    static final long READ_MILLIS = 500;

    /** No answer that is older counts; then it is begun anew. */
    static final long PATIENCE_MILLIS = 400;

    /** What was asked for and could not be done for so long is forgotten. */
    static final long FORGET_MILLIS = 3_000;

    private static final long DISAGREEMENT_MILLIS = 20;
    private static final int READS = 3;

    /** About what an attempt takes: of two that are in each other's way the one with the lower rank comes to its end. */
    private static final long RANK_MILLIS = 25;

    private static final int LEAST_PAUSE_MILLIS = 2;
    private static final int MOST_PAUSE_MILLIS = 128;

    private final TableRules rules;
    private final String self;
    private final List<String> keepers;
    private final int rank;
    private final TablePorts ports;
    private final BiConsumer<String, TableMessage> network;
    private final long life;
    private final TableChanges changes = new TableChanges();

    private State state = State.IDLE;
    private long attempt;
    private long beginMillis;
    private long nextMillis;
    private long highestRound;
    private Ballot ballot = Ballot.NONE;
    private TableContent next = TableContent.NONE;
    private Quorum answers;
    private List<String> answering = List.of();

    /** Somebody has asked for more than the attempt under way will tell. */
    private boolean again;

    /** How often in a row no majority had the same, or somebody else was in between. */
    private int disagreements;

    private enum State {
        IDLE,
        READING,
        PREPARING,
        ACCEPTING
    }

    Proposer(
            TableRules rules,
            String self,
            List<String> keepers,
            TablePorts ports,
            BiConsumer<String, TableMessage> network) {
        this.rules = rules;
        this.self = self;
        this.keepers = keepers;
        rank = keepers.contains(self) ? keepers.indexOf(self) : keepers.size();
        this.ports = ports;
        this.network = network;
        life = ports.random();
        answers = new Quorum(rules, keepers);
        attempt = ports.random();
        nextMillis = ports.nowMillis();
    }

    /** What is to be changed; {@link #soon} is to follow. */
    TableChanges changes() {
        return changes;
    }

    /** Keepers that have answered the last attempt that has ended. */
    List<String> answering() {
        return answering;
    }

    /** Has the table read, or changed as it was asked for. */
    void soon() {
        if (state != State.IDLE) {
            again = true;
        } else if (disagreements == 0) {
            begin();
        }
    }

    /** What was asked of a node that is gone was asked in vain, and it may have another memory when it is back. */
    void onGone(String node) {
        if (state != State.IDLE && keepers.contains(node)) {
            pause();
        }
    }

    void tick() {
        long now = ports.nowMillis();
        changes.forgetUntil(now - FORGET_MILLIS);
        if (state != State.IDLE && now - beginMillis >= patienceMillis()) {
            pause();
        }
        if (state == State.IDLE && now >= nextMillis) {
            begin();
        }
    }

    /** Who is missing may be dead: where those who have answered stand in the way of an end, it is begun anew soon. */
    private long patienceMillis() {
        boolean disagree = state == State.READING
                ? answers.size() >= answers.majority()
                : answers.count(each -> each.promised().compareTo(ballot) > 0) > 0;
        return disagree ? DISAGREEMENT_MILLIS : PATIENCE_MILLIS;
    }

    private void begin() {
        again = false;
        if (changes.isEmpty() && disagreements < READS) {
            ask(State.READING, new Ask(++attempt));
        } else {
            prepare();
        }
    }

    private void prepare() {
        ballot = new Ballot(++highestRound, self, life);
        ask(State.PREPARING, new Prepare(++attempt, ballot));
    }

    private void ask(State by, TableMessage question) {
        state = by;
        beginMillis = ports.nowMillis();
        answers = new Quorum(rules, keepers);
        keepers.forEach(node -> network.accept(node, question));
    }

    void onAnswer(String from, Answer answer) {
        if (answer.attempt() != attempt || ports.nowMillis() - beginMillis >= PATIENCE_MILLIS) {
            return;
        }
        answers.add(from, answer);
        highestRound = Math.max(highestRound, answers.highestRound());
        switch (state) {
            case IDLE -> {}
            case READING -> onRead();
            case PREPARING -> onPromise();
            case ACCEPTING -> onAccepted();
        }
    }

    private void onRead() {
        if (rules.isAccepted(answers)) {
            end(answers.newest().content());
        } else if (answers.size() == keepers.size()) {
            pause();
        }
    }

    private void onPromise() {
        if (answers.count(each -> each.promised().equals(ballot)) >= answers.majority()) {
            TableContent now = rules.base(answers);
            next = changes.applyTo(now);
            if (next.equals(now) && rules.isAccepted(answers)) {
                end(now);
            } else {
                ask(State.ACCEPTING, new Accept(++attempt, ballot, next));
            }
        } else {
            maybeYield();
        }
    }

    private void onAccepted() {
        if (answers.count(each -> each.accepted().equals(ballot)) >= answers.majority()) {
            changes.applyTo(next);
            ports.sendAll(new TableMessage.Changed());
            end(next);
        } else {
            maybeYield();
        }
    }

    /** Somebody else has taken the promise of so many that no majority is left. */
    private void maybeYield() {
        int taken = answers.count(each -> each.promised().compareTo(ballot) > 0);
        if (taken > keepers.size() - answers.majority()) {
            pause();
        }
    }

    private void pause() {
        ended();
        int most = Math.min(MOST_PAUSE_MILLIS, LEAST_PAUSE_MILLIS << Math.min(disagreements, 10));
        disagreements++;
        nextMillis = ports.nowMillis() + rank * RANK_MILLIS + Math.floorMod(ports.random(), most);
    }

    private void ended() {
        state = State.IDLE;
        attempt++;
        answering = answers.answering();
    }

    private void end(TableContent content) {
        ended();
        disagreements = 0;
        nextMillis = ports.nowMillis() + READ_MILLIS;
        ports.onTable(content);
        if (state == State.IDLE && (again || !changes.isEmpty())) {
            begin();
        }
    }
}
