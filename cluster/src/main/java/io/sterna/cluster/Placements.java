package io.sterna.cluster;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Where replicas are to be: evenly, and as far as possible where they are. A pure function: of two nodes that would do as
 * well, the one with the higher rendezvous hash has it. Replicas on any two nodes differ by one at most, and so do owned
 * partitions, where a path of in-sync backups leads from one to the other.
 */
final class Placements {
    private final List<String> nodes;
    private final int copies;
    private final List<List<String>> placed = new ArrayList<>();

    private Placements(List<String> nodes, int copies) {
        this.nodes = nodes;
        this.copies = copies;
    }

    /**
     * The nodes of each partition, first its owner.
     *
     * @param members witnesses and who is to be drained get nothing
     * @param previous as it was; partitions that it lacks were nowhere
     * @param backups how many copies there are to be beside the owner's, if there are enough members
     * @return as {@code previous} when there is nobody to hold anything
     */
    static List<List<String>> next(List<Member> members, List<List<String>> previous, int partitions, int backups) {
        List<String> nodes = members.stream()
                .filter(Member::mayHold)
                .map(Member::id)
                .sorted()
                .toList();
        if (nodes.isEmpty()) {
            return previous;
        }
        Placements placements = new Placements(nodes, Math.min(nodes.size(), backups + 1));
        placements.keep(previous, partitions);
        placements.fill();
        placements.spreadReplicas();
        placements.spreadOwners();
        return placements.placed.stream().map(List::copyOf).toList();
    }

    private void keep(List<List<String>> previous, int partitions) {
        for (int partition = 0; partition < partitions; partition++) {
            List<String> before = partition < previous.size() ? previous.get(partition) : List.of();
            placed.add(new ArrayList<>(
                    before.stream().filter(nodes::contains).limit(copies).toList()));
        }
    }

    private void fill() {
        Map<String, Integer> loads = loads();
        for (int partition = 0; partition < placed.size(); partition++) {
            List<String> its = placed.get(partition);
            while (its.size() < copies) {
                int hashed = partition;
                String next = nodes.stream()
                        .filter(node -> !its.contains(node))
                        .min(Comparator.<String>comparingInt(loads::get)
                                .thenComparing(Comparator.comparingLong((String node) -> rank(node, hashed))
                                        .reversed()))
                        .orElseThrow();
                its.add(next);
                loads.merge(next, 1, Integer::sum);
            }
        }
    }

    private Map<String, Integer> loads() {
        Map<String, Integer> loads = new TreeMap<>();
        nodes.forEach(node -> loads.put(node, 0));
        placed.forEach(its -> its.forEach(node -> loads.merge(node, 1, Integer::sum)));
        return loads;
    }

    /**
     * Each step brings two nodes nearer to each other, so that it ends. What is owned goes as long as it brings owners nearer,
     * too, so that a node that joins gets its share of them by this, and no others have to change.
     */
    private void spreadReplicas() {
        Map<String, Integer> loads = loads();
        Map<String, Integer> owned = owned();
        while (true) {
            Comparator<String> byLoad =
                    Comparator.<String>comparingInt(loads::get).thenComparingInt(owned::get);
            String from = Collections.max(nodes, byLoad);
            String to = Collections.min(nodes, byLoad);
            if (loads.get(from) - loads.get(to) <= 1) {
                return;
            }
            boolean byOwner = owned.get(from) > Math.max(owned.get(to) + 1, placed.size() / nodes.size());
            // There is one: from has more than to.
            int moved = IntStream.range(0, placed.size())
                    .filter(partition -> placed.get(partition).contains(from)
                            && !placed.get(partition).contains(to))
                    .boxed()
                    .max(Comparator.<Integer, Boolean>comparing(
                                    partition -> placed.get(partition).get(0).equals(from) == byOwner)
                            .thenComparing(partition -> rank(to, partition)))
                    .orElseThrow();
            if (placed.get(moved).get(0).equals(from)) {
                owned.merge(from, -1, Integer::sum);
                owned.merge(to, 1, Integer::sum);
            }
            Collections.replaceAll(placed.get(moved), from, to);
            loads.merge(from, -1, Integer::sum);
            loads.merge(to, 1, Integer::sum);
        }
    }

    private Map<String, Integer> owned() {
        Map<String, Integer> owned = new TreeMap<>();
        nodes.forEach(node -> owned.put(node, 0));
        placed.forEach(its -> owned.merge(its.get(0), 1, Integer::sum));
        return owned;
    }

    private void spreadOwners() {
        boolean moved = true;
        while (moved) {
            Map<String, Integer> owned = owned();
            moved = false;
            List<String> fullest = new ArrayList<>(nodes);
            fullest.sort(Comparator.comparingInt(owned::get).reversed());
            for (int i = 0; i < fullest.size() && !moved; i++) {
                moved = relieve(fullest.get(i), owned);
            }
        }
    }

    /** Finds who owns less by two at least, over partitions whose owner may change to one of their backups. */
    private boolean relieve(String from, Map<String, Integer> owned) {
        Map<String, Integer> reachedBy = new HashMap<>();
        Deque<String> next = new ArrayDeque<>(List.of(from));
        reachedBy.put(from, -1);
        while (!next.isEmpty()) {
            String node = next.removeFirst();
            if (owned.get(from) - owned.get(node) >= 2) {
                follow(node, reachedBy);
                return true;
            }
            for (int partition = 0; partition < placed.size(); partition++) {
                if (placed.get(partition).get(0).equals(node)) {
                    for (String backup : placed.get(partition)) {
                        if (reachedBy.putIfAbsent(backup, partition) == null) {
                            next.add(backup);
                        }
                    }
                }
            }
        }
        return false;
    }

    private void follow(String to, Map<String, Integer> reachedBy) {
        String node = to;
        Optional<Integer> partition = step(node, reachedBy);
        while (partition.isPresent()) {
            List<String> its = placed.get(partition.get());
            String owner = its.get(0);
            Collections.swap(its, 0, its.indexOf(node));
            node = owner;
            partition = step(node, reachedBy);
        }
    }

    private static Optional<Integer> step(String node, Map<String, Integer> reachedBy) {
        return Optional.of(reachedBy.get(node)).filter(partition -> partition >= 0);
    }

    /** Rendezvous hash. */
    private static long rank(String node, int partition) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < node.length(); i++) {
            hash = (hash ^ node.charAt(i)) * 0x100000001b3L;
        }
        hash += partition * 0x9e3779b97f4a7c15L;
        hash = (hash ^ hash >>> 30) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ hash >>> 27) * 0x94d049bb133111ebL;
        return hash ^ hash >>> 31;
    }
}
