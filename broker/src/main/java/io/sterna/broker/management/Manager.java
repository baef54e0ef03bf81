package io.sterna.broker.management;

import io.sterna.broker.partition.Addresses;
import io.sterna.broker.partition.CreationRule;
import io.sterna.broker.partition.Lookup;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.NodeDescription;
import io.sterna.broker.partition.NodeKind;
import io.sterna.broker.partition.Partition;
import io.sterna.broker.partition.Partitions;
import io.sterna.broker.partition.QueueNode;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what operators ask for. Any thread; answers come on the loop of the node that was asked for. */
public final class Manager {
    private static final Logger log = LoggerFactory.getLogger(Manager.class);

    private final Partitions partitions;

    public Manager(Partitions partitions) {
        this.partitions = partitions;
    }

    /**
     * Does it.
     *
     * @param answer takes one answer; none when the store fails meanwhile
     */
    public void handle(ManagementRequest request, Consumer<ManagementAnswer> answer) {
        try {
            switch (request.operation()) {
                case QUERY -> Listing.of(request, partitions, answer).start();
                case READ -> withNode(request, answer, node -> read(node, answer));
                case CREATE -> create(request, answer);
                case DELETE -> withNode(request, answer, node -> delete(node, request, answer));
                case PURGE -> withQueue(request, answer, queue -> purge(queue, answer));
                case REDRIVE -> redrive(request, answer);
                case SCHEDULED -> scheduled(request, answer);
                case CANCEL -> cancel(request, answer);
            }
        } catch (BadRequestException e) {
            answer.accept(ManagementAnswer.refused(ManagementAnswer.BAD_REQUEST, String.valueOf(e.getMessage())));
        }
    }

    private void read(Node node, Consumer<ManagementAnswer> answer) {
        answer.accept(ManagementAnswer.ok(NodeDescription.of(node).attributes()));
    }

    private void create(ManagementRequest request, Consumer<ManagementAnswer> answer) throws BadRequestException {
        String address = address(request);
        NodeKind kind = request.kind().orElse(NodeKind.QUEUE);
        if (kind == NodeKind.SUBSCRIPTION || Addresses.isSubscription(address)) {
            answer.accept(ManagementAnswer.refused(
                    ManagementAnswer.NOT_IMPLEMENTED, "subscriptions are made by their subscribers"));
            return;
        }
        Partition partition = partitions.of(address);
        run(partition, answer, () -> {
            boolean there = partition.find(address, CreationRule.NEVER) instanceof Lookup.Found;
            partition.open(address, unknown -> Optional.of(kind), found -> answer.accept(created(kind, there, found)));
        });
    }

    private static ManagementAnswer created(NodeKind kind, boolean wasThere, Lookup lookup) {
        if (lookup instanceof Lookup.Found found) {
            Node node = found.node();
            if (node.kind() != kind) {
                return ManagementAnswer.refused(
                        ManagementAnswer.CONFLICT, "there is a " + node.kind() + " of that address");
            }
            log.info("{} {} {} by management", kind, node.address(), wasThere ? "confirmed" : "created");
            return new ManagementAnswer(
                    wasThere ? ManagementAnswer.OK : ManagementAnswer.CREATED,
                    wasThere ? "OK" : "Created",
                    NodeDescription.of(node).attributes());
        }
        return unavailable(lookup);
    }

    private void delete(Node node, ManagementRequest request, Consumer<ManagementAnswer> answer) {
        NodeDescription description = NodeDescription.of(node);
        if (description.consumers() > 0 && !request.flag("force")) {
            answer.accept(ManagementAnswer.refused(
                    ManagementAnswer.CONFLICT,
                    "it has " + description.consumers() + " consumers; force=true deletes it all the same"));
            return;
        }
        log.info("{} {} deleted by management", node.kind(), node.address());
        partitions
                .of(node.address())
                .delete(
                        node,
                        () -> answer.accept(new ManagementAnswer(ManagementAnswer.NO_CONTENT, "Deleted", Map.of())));
    }

    private static void purge(QueueNode queue, Consumer<ManagementAnswer> answer) {
        queue.operations().purge(count -> {
            log.info("{} messages of {} purged by management", count, queue.address());
            answer.accept(ManagementAnswer.ok(Map.of("removed", count)));
        });
    }

    private void redrive(ManagementRequest request, Consumer<ManagementAnswer> answer) throws BadRequestException {
        Redrive.Order order = Redrive.Order.of(request, address(request));
        Partition to = partitions.of(order.target());
        run(to, answer, () -> {
            Lookup target = to.find(order.target(), CreationRule.NEVER);
            if (!(target instanceof Lookup.Found found)) {
                answer.accept(
                        target instanceof Lookup.Absent
                                ? ManagementAnswer.refused(
                                        ManagementAnswer.NOT_FOUND, "there is no target " + order.target())
                                : unavailable(target));
                return;
            }
            onQueue(order.source(), answer, letters -> Redrive.start(order, letters, found.node(), answer));
        });
    }

    private void scheduled(ManagementRequest request, Consumer<ManagementAnswer> answer) throws BadRequestException {
        long after = request.number("after", 0, Long.MAX_VALUE).orElse(0L);
        int limit = request.number("limit", 1, Listing.MAX_PAGE)
                .orElse(Listing.DEFAULT_PAGE)
                .intValue();
        withQueue(
                request,
                answer,
                queue -> answer.accept(ManagementAnswer.ok(
                        Map.of("scheduled", queue.operations().scheduledAbove(after, limit)))));
    }

    private void cancel(ManagementRequest request, Consumer<ManagementAnswer> answer) throws BadRequestException {
        long sequence = request.number("message", 0, Long.MAX_VALUE)
                .orElseThrow(() -> new BadRequestException("message is to name the scheduled message"));
        withQueue(request, answer, queue -> queue.operations()
                .cancelScheduled(
                        sequence,
                        cancelled -> answer.accept(
                                cancelled
                                        ? new ManagementAnswer(ManagementAnswer.NO_CONTENT, "Cancelled", Map.of())
                                        : ManagementAnswer.refused(
                                                ManagementAnswer.NOT_FOUND,
                                                "no message " + sequence + " is scheduled there"))));
    }

    // ---- Finding the node

    private static String address(ManagementRequest request) throws BadRequestException {
        if (!Addresses.isValid(request.address())) {
            throw new BadRequestException("no node can have the address that is given");
        }
        return request.address();
    }

    private void withQueue(ManagementRequest request, Consumer<ManagementAnswer> answer, Consumer<QueueNode> then)
            throws BadRequestException {
        onQueue(address(request), answer, then);
    }

    private void onQueue(String address, Consumer<ManagementAnswer> answer, Consumer<QueueNode> then) {
        onNode(address, Optional.empty(), answer, node -> {
            if (node instanceof QueueNode queue) {
                then.accept(queue);
            } else {
                answer.accept(ManagementAnswer.refused(
                        ManagementAnswer.CONFLICT, "it is a " + node.kind() + ", which holds no messages"));
            }
        });
    }

    private void withNode(ManagementRequest request, Consumer<ManagementAnswer> answer, Consumer<Node> then)
            throws BadRequestException {
        onNode(address(request), request.kind(), answer, then);
    }

    private void onNode(
            String address, Optional<NodeKind> kind, Consumer<ManagementAnswer> answer, Consumer<Node> then) {
        Partition partition = partitions.of(address);
        run(partition, answer, () -> {
            Lookup lookup = partition.find(address, CreationRule.NEVER);
            if (lookup instanceof Lookup.Found found
                    && kind.orElse(found.node().kind()) == found.node().kind()) {
                then.accept(found.node());
            } else if (lookup instanceof Lookup.Stopped) {
                answer.accept(unavailable(lookup));
            } else {
                answer.accept(ManagementAnswer.refused(
                        ManagementAnswer.NOT_FOUND,
                        "there is no " + kind.map(NodeKind::toString).orElse("node") + " of that address"));
            }
        });
    }

    /** A defect in management costs the request, and not the partitions of that loop. */
    private static void run(Partition partition, Consumer<ManagementAnswer> answer, Runnable task) {
        partition.loop().run(() -> {
            try {
                task.run();
            } catch (RuntimeException defect) {
                log.error("a management request failed because of a defect", defect);
                answer.accept(ManagementAnswer.refused(
                        ManagementAnswer.INTERNAL_ERROR, "the broker ran into an error of its own; see its log"));
            }
        });
    }

    private static ManagementAnswer unavailable(Lookup lookup) {
        String reason = lookup instanceof Lookup.Stopped stopped ? stopped.reason() : "the node is gone";
        return ManagementAnswer.refused(ManagementAnswer.UNAVAILABLE, reason);
    }
}
