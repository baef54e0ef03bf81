package io.sterna.broker.management;

import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.NodeDescription;
import io.sterna.broker.partition.NodeKind;
import io.sterna.broker.partition.Partition;
import io.sterna.broker.partition.Partitions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Gathers the nodes of all partitions, and describes one page of them, ordered by address. Any thread. */
final class Listing {
    static final long DEFAULT_PAGE = 100;
    static final long MAX_PAGE = 1000;

    private final Partitions partitions;
    private final Page page;
    private final Consumer<ManagementAnswer> answer;
    private final ConcurrentLinkedQueue<Node> found = new ConcurrentLinkedQueue<>();
    private final AtomicInteger awaited;

    /**
     * What is wanted.
     *
     * @param prefix of addresses
     * @param after the last address of the page before
     * @param offset how many to leave out
     * @param settings whether their settings are shown, too
     */
    private record Page(
            Optional<NodeKind> kind, String prefix, String after, long offset, long limit, boolean settings) {
        boolean wants(Node node) {
            return kind.orElse(node.kind()) == node.kind()
                    && node.address().startsWith(prefix)
                    && node.address().compareTo(after) > 0;
        }
    }

    private Listing(Partitions partitions, Page page, Consumer<ManagementAnswer> answer) {
        this.partitions = partitions;
        this.page = page;
        this.answer = answer;
        awaited = new AtomicInteger(partitions.all().size());
    }

    static Listing of(ManagementRequest request, Partitions partitions, Consumer<ManagementAnswer> answer)
            throws BadRequestException {
        Page page = new Page(
                request.kind(),
                request.text("prefix").orElse(""),
                request.text("after").orElse(""),
                request.number("offset", 0, Integer.MAX_VALUE).orElse(0L),
                request.number("limit", 1, MAX_PAGE).orElse(DEFAULT_PAGE),
                request.flag("settings"));
        return new Listing(partitions, page, answer);
    }

    void start() {
        for (Partition partition : partitions.all()) {
            // Posted, so that the sockets of the loop get their turn in between.
            partition.loop().post(() -> {
                partition.nodesNow().stream().filter(page::wants).forEach(found::add);
                if (awaited.decrementAndGet() == 0) {
                    finish();
                }
            });
        }
    }

    private void finish() {
        List<Node> ordered = new ArrayList<>(found);
        ordered.sort(Comparator.comparing(Node::address));
        List<Node> shown =
                ordered.stream().skip(page.offset()).limit(page.limit()).toList();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("nodes", List.of());
        body.put("matching", ordered.size());
        if (page.offset() + shown.size() < ordered.size()) {
            body.put(
                    "next",
                    shown.isEmpty() ? page.after() : shown.get(shown.size() - 1).address());
        }
        describe(shown, body);
    }

    /** Only what is shown is looked into, each node on its loop. */
    private void describe(List<Node> shown, Map<String, Object> body) {
        AtomicReferenceArray<Map<String, Object>> attributes = new AtomicReferenceArray<>(shown.size());
        AtomicInteger left = new AtomicInteger(shown.size());
        for (int index = 0; index < shown.size(); index++) {
            Node node = shown.get(index);
            int place = index;
            node.loop().post(() -> {
                attributes.set(place, NodeDescription.of(node, page.settings()).attributes());
                if (left.decrementAndGet() == 0) {
                    body.put(
                            "nodes",
                            IntStream.range(0, attributes.length())
                                    .mapToObj(attributes::get)
                                    .toList());
                    answer.accept(ManagementAnswer.ok(body));
                }
            });
        }
        if (shown.isEmpty()) {
            answer.accept(ManagementAnswer.ok(body));
        }
    }
}
