package io.sterna.broker.management;

import io.sterna.broker.partition.Addresses;
import io.sterna.broker.partition.CreationRule;
import io.sterna.broker.partition.Lookup;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.NodeKind;
import io.sterna.broker.partition.Partition;
import io.sterna.broker.partition.Partitions;
import io.sterna.broker.partition.QueueNode;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings requests to the node that they are about, on its loop. Any thread. */
final class NodeFinder {
    private static final Logger log = LoggerFactory.getLogger(NodeFinder.class);

    private final Partitions partitions;

    NodeFinder(Partitions partitions) {
        this.partitions = partitions;
    }

    Partition partition(String address) {
        return partitions.of(address);
    }

    static String address(ManagementRequest request) throws BadRequestException {
        if (!Addresses.isValid(request.address())) {
            throw new BadRequestException("no node can have the address that is given");
        }
        return request.address();
    }

    void withNode(ManagementRequest request, Consumer<ManagementAnswer> answer, Consumer<Node> then)
            throws BadRequestException {
        onNode(address(request), request.kind(), answer, then);
    }

    void withQueue(ManagementRequest request, Consumer<ManagementAnswer> answer, Consumer<QueueNode> then)
            throws BadRequestException {
        onQueue(address(request), answer, then);
    }

    void onQueue(String address, Consumer<ManagementAnswer> answer, Consumer<QueueNode> then) {
        onNode(address, Optional.empty(), answer, node -> {
            if (node instanceof QueueNode queue) {
                then.accept(queue);
            } else {
                answer.accept(ManagementAnswer.refused(
                        ManagementAnswer.CONFLICT, "it is a " + node.kind() + ", which holds no messages"));
            }
        });
    }

    private void onNode(
            String address, Optional<NodeKind> kind, Consumer<ManagementAnswer> answer, Consumer<Node> then) {
        Partition partition = partition(address);
        run(partition, answer, () -> {
            Lookup lookup = partition.find(address, CreationRule.NEVER);
            if (lookup instanceof Lookup.Found found
                    && kind.orElse(found.node().kind()) == found.node().kind()) {
                then.accept(found.node());
            } else if (lookup instanceof Lookup.Stopped stopped) {
                answer.accept(ManagementAnswer.refused(ManagementAnswer.UNAVAILABLE, stopped.reason()));
            } else {
                answer.accept(ManagementAnswer.refused(
                        ManagementAnswer.NOT_FOUND,
                        "there is no " + kind.map(NodeKind::toString).orElse("node") + " of that address"));
            }
        });
    }

    /** A defect in management costs the request, and not the partitions of that loop. */
    static void run(Partition partition, Consumer<ManagementAnswer> answer, Runnable task) {
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
}
