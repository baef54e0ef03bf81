package io.sterna.cluster.table;

import io.sterna.cluster.TableContent;
import io.sterna.cluster.table.TableMessage.Answer;
import io.sterna.cluster.table.TableMessage.Ask;
import io.sterna.cluster.table.TableMessage.Prepare;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * How a keeper begins whose disk is empty, because the cluster is new, or because the disk is. What it may have said in a
 * former life has to be known to it again before its word counts:
 *
 * <ul>
 *   <li>So many of the others remember something that each majority in which it ever was has one of them in it: they promise
 *       to take part in nothing older, and it remembers the newest of what they tell.
 *   <li>Nobody remembers anything, and all have said so: the cluster is new.
 *   <li>All have answered, and too few remember: the table is lost with a majority of disks. It begins empty, with a number
 *       above all that is remembered, so that another generation follows. Those who remember nothing are asked again when the
 *       others have promised: with a new cluster they may have begun in the meantime.
 * </ul>
 *
 * <p>A state machine without IO.
 */
final class Joining {
    private static final long PATIENCE_MILLIS = 400;

    private final TableRules rules;
    private final String self;
    private final List<String> others;
    private final TablePorts ports;
    private final BiConsumer<String, TableMessage> network;
    /** Not that of the attempts to change the table, or two would have the same number. */
    private final long life;

    /** So many have to remember. */
    private final int enough;

    private long attempt;
    private long attemptMillis;
    private Optional<Ballot> ballot = Optional.empty();
    private Quorum asked;
    private Quorum promising;
    private Optional<Quorum> confirming = Optional.empty();

    Joining(
            TableRules rules,
            String self,
            List<String> keepers,
            TablePorts ports,
            BiConsumer<String, TableMessage> network) {
        this.rules = rules;
        this.self = self;
        this.ports = ports;
        this.network = network;
        life = ports.random();
        others = keepers.stream().filter(node -> !node.equals(self)).toList();
        enough = rules.enough(keepers.size());
        asked = new Quorum(rules, others);
        promising = new Quorum(rules, others);
        attempt = ports.random();
        attemptMillis = ports.nowMillis() - PATIENCE_MILLIS;
    }

    void tick() {
        if (ports.nowMillis() - attemptMillis >= PATIENCE_MILLIS) {
            begin();
            asked = new Quorum(rules, others);
            ballot = Optional.empty();
            confirming = Optional.empty();
            others.forEach(node -> network.accept(node, new Ask(attempt)));
        }
    }

    private void begin() {
        attempt++;
        attemptMillis = ports.nowMillis();
    }

    /** Who has not answered, of whom something has to be known. */
    List<String> missing() {
        return others.stream().filter(node -> !asked.answering().contains(node)).toList();
    }

    /** What the keeper is to remember; empty while that is not known. */
    Optional<KeeperState> onAnswer(String from, Answer answer) {
        if (answer.attempt() != attempt) {
            return Optional.empty();
        }
        if (confirming.isPresent()) {
            return onConfirmed(confirming.get(), from, answer);
        } else if (ballot.isPresent()) {
            return onPromise(from, answer);
        }
        asked.add(from, answer);
        List<String> remembering = asked.remembering();
        boolean all = asked.size() == others.size();
        if (all && remembering.isEmpty()) {
            return Optional.of(KeeperState.FIRST);
        }
        if (all || remembering.size() >= enough) {
            prepare(remembering);
        }
        return Optional.empty();
    }

    private void prepare(List<String> remembering) {
        long round = asked.highestRound() + 1;
        begin();
        Ballot its = new Ballot(round, self, life);
        ballot = Optional.of(its);
        promising = new Quorum(rules, remembering);
        remembering.forEach(node -> network.accept(node, new Prepare(attempt, its)));
    }

    private Optional<KeeperState> onPromise(String from, Answer answer) {
        Ballot its = ballot.orElseThrow();
        if (!answer.blank() && answer.state().promised().equals(its)) {
            promising.add(from, answer);
        }
        if (promising.size() < Math.min(enough, promising.asked())) {
            return Optional.empty();
        }
        KeeperState newest = promising.newest();
        if (promising.asked() >= enough) {
            return Optional.of(new KeeperState(its, newest.accepted(), newest.content()));
        }
        begin();
        List<String> blank = others.stream()
                .filter(node -> !promising.answering().contains(node))
                .toList();
        confirming = Optional.of(new Quorum(rules, blank));
        blank.forEach(node -> network.accept(node, new Ask(attempt)));
        return Optional.empty();
    }

    private Optional<KeeperState> onConfirmed(Quorum blank, String from, Answer answer) {
        if (answer.blank()) {
            blank.add(from, answer);
        }
        Ballot its = ballot.orElseThrow();
        return blank.size() == blank.asked()
                ? Optional.of(new KeeperState(its, its, TableContent.NONE))
                : Optional.empty();
    }
}
