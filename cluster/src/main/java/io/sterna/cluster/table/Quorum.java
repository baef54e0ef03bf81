package io.sterna.cluster.table;

import io.sterna.cluster.table.TableMessage.Answer;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What keepers have answered to one question. Owned by whoever has asked. */
final class Quorum {
    private final TableRules rules;
    private final List<String> keepers;
    private final Map<String, Answer> answers = new TreeMap<>();

    Quorum(TableRules rules, List<String> keepers) {
        this.rules = rules;
        this.keepers = keepers;
    }

    void add(String node, Answer answer) {
        if (keepers.contains(node)) {
            answers.put(node, answer);
        }
    }

    /** How many are more than half. */
    int majority() {
        return keepers.size() / 2 + 1;
    }

    /** How many were asked. */
    int asked() {
        return keepers.size();
    }

    /** How many have answered. */
    int size() {
        return answers.size();
    }

    /** What those say whose word counts. */
    Stream<KeeperState> states() {
        return answers.values().stream()
                .filter(answer -> rules.counts(answer.blank()))
                .map(Answer::state);
    }

    /** How many of them say so. */
    int count(Predicate<KeeperState> what) {
        return (int) states().filter(what).count();
    }

    /** Of what they say, that with the highest number accepted. */
    KeeperState newest() {
        return states().max(Comparator.comparing(KeeperState::accepted)).orElse(KeeperState.FIRST);
    }

    /** No attempt has a higher one, as far as they know. */
    long highestRound() {
        return answers.values().stream()
                .mapToLong(answer -> answer.state().promised().round())
                .max()
                .orElse(0);
    }

    /** Nodes whose word counts. */
    List<String> remembering() {
        return answers.entrySet().stream()
                .filter(entry -> rules.counts(entry.getValue().blank()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Nodes that have answered. */
    List<String> answering() {
        return List.copyOf(answers.keySet());
    }
}
