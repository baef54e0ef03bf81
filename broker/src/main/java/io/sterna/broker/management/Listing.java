package io.sterna.broker.management;

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
import java.util.function.Consumer;

/** Gathers descriptions from all partitions, and gives one page of them, ordered by address. Any thread. */
final class Listing {
    static final long DEFAULT_PAGE = 100;
    static final long MAX_PAGE = 1000;

    private final Partitions partitions;
    private final Page page;
    private final Consumer<ManagementAnswer> answer;
    private final ConcurrentLinkedQueue<NodeDescription> found = new ConcurrentLinkedQueue<>();
    private final AtomicInteger awaited;

    /**
     * What is wanted.
     *
     * @param prefix of addresses
     * @param after the last address of the page before
     * @param offset how many to leave out
     */
    private record Page(Optional<NodeKind> kind, String prefix, String after, long offset, long limit) {
        boolean wants(NodeDescription node) {
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
                request.number("limit", 1, MAX_PAGE).orElse(DEFAULT_PAGE));
        return new Listing(partitions, page, answer);
    }

    void start() {
        for (Partition partition : partitions.all()) {
            // Posted, so that the sockets of the loop get their turn in between.
            partition.loop().post(() -> {
                partition.describe().stream().filter(page::wants).forEach(found::add);
                if (awaited.decrementAndGet() == 0) {
                    finish();
                }
            });
        }
    }

    private void finish() {
        List<NodeDescription> ordered = new ArrayList<>(found);
        ordered.sort(Comparator.comparing(NodeDescription::address));
        List<NodeDescription> shown =
                ordered.stream().skip(page.offset()).limit(page.limit()).toList();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("nodes", shown.stream().map(NodeDescription::attributes).toList());
        body.put("matching", ordered.size());
        if (page.offset() + shown.size() < ordered.size()) {
            body.put(
                    "next",
                    shown.isEmpty() ? page.after() : shown.get(shown.size() - 1).address());
        }
        answer.accept(ManagementAnswer.ok(body));
    }
}
