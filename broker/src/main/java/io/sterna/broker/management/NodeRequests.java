package io.sterna.broker.management;

import io.sterna.broker.config.ConfigException;
import io.sterna.broker.config.PolicyChange;
import io.sterna.broker.partition.Addresses;
import io.sterna.broker.partition.Changing;
import io.sterna.broker.partition.CreationRule;
import io.sterna.broker.partition.Lookup;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.NodeDescription;
import io.sterna.broker.partition.NodeKind;
import io.sterna.broker.partition.Partition;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requests about nodes: making, showing, changing and deleting them. Any thread. */
final class NodeRequests {
    private static final Logger log = LoggerFactory.getLogger(NodeRequests.class);

    private final NodeFinder finder;

    NodeRequests(NodeFinder finder) {
        this.finder = finder;
    }

    void read(ManagementRequest request, Consumer<ManagementAnswer> answer) throws BadRequestException {
        finder.withNode(request, answer, node -> answer.accept(ManagementAnswer.ok(described(node))));
    }

    private static Map<String, Object> described(Node node) {
        return NodeDescription.of(node, true).attributes();
    }

    void create(ManagementRequest request, Consumer<ManagementAnswer> answer) throws BadRequestException {
        String address = NodeFinder.address(request);
        NodeKind kind = request.kind().orElse(NodeKind.QUEUE);
        if (kind == NodeKind.SUBSCRIPTION || Addresses.isSubscription(address)) {
            answer.accept(ManagementAnswer.refused(
                    ManagementAnswer.NOT_IMPLEMENTED, "subscriptions are made by their subscribers"));
            return;
        }
        PolicyChange settings = settings(request, kind, address);
        Partition partition = finder.partition(address);
        NodeFinder.run(partition, answer, () -> {
            Lookup there = partition.find(address, CreationRule.NEVER);
            if (there instanceof Lookup.Found found) {
                answer.accept(confirmed(found.node(), kind, settings));
            } else if (there instanceof Lookup.Stopped stopped) {
                answer.accept(ManagementAnswer.refused(ManagementAnswer.UNAVAILABLE, stopped.reason()));
            } else {
                make(partition, kind, address, settings, answer);
            }
        });
    }

    private static void make(
            Partition partition,
            NodeKind kind,
            String address,
            PolicyChange settings,
            Consumer<ManagementAnswer> answer) {
        try {
            partition.create(
                    kind,
                    address,
                    settings.set(),
                    node -> {
                        log.info("{} {} created by management", kind, address);
                        answer.accept(new ManagementAnswer(ManagementAnswer.CREATED, "Created", described(node)));
                    },
                    reason -> answer.accept(ManagementAnswer.refused(ManagementAnswer.UNAVAILABLE, reason)));
        } catch (ConfigException contradiction) {
            answer.accept(unacceptable(String.valueOf(contradiction.getMessage())));
        }
    }

    private static ManagementAnswer confirmed(Node node, NodeKind kind, PolicyChange settings) {
        if (node.kind() != kind) {
            return ManagementAnswer.refused(
                    ManagementAnswer.CONFLICT, "there is a " + node.kind() + " of that address");
        }
        try {
            return Partition.changesNothing(node, settings)
                    ? ManagementAnswer.ok(described(node))
                    : ManagementAnswer.refused(
                            ManagementAnswer.CONFLICT,
                            "there is a " + kind + " of that address with other settings, which can be updated");
        } catch (ConfigException contradiction) {
            return unacceptable(String.valueOf(contradiction.getMessage()));
        }
    }

    void update(ManagementRequest request, Consumer<ManagementAnswer> answer) throws BadRequestException {
        String address = NodeFinder.address(request);
        if (request.kind().equals(Optional.of(NodeKind.SUBSCRIPTION)) || Addresses.isSubscription(address)) {
            answer.accept(ManagementAnswer.refused(
                    ManagementAnswer.NOT_IMPLEMENTED, "a subscription has the settings of its topic; update those"));
            return;
        }
        finder.withNode(request, answer, node -> {
            try {
                change(node, settings(request, node.kind(), address), answer);
            } catch (BadRequestException refused) {
                answer.accept(unacceptable(String.valueOf(refused.getMessage())));
            }
        });
    }

    private static void change(Node node, PolicyChange settings, Consumer<ManagementAnswer> answer) {
        node.partition().change(node, settings, changing -> {
            if (changing instanceof Changing.Changed) {
                log.info("{} {} changed by management: {}", node.kind(), node.address(), settings);
                answer.accept(ManagementAnswer.ok(described(node)));
            } else if (changing instanceof Changing.Unacceptable refused) {
                answer.accept(unacceptable(refused.reason()));
            } else if (changing instanceof Changing.Conflicting refused) {
                answer.accept(ManagementAnswer.refused(ManagementAnswer.CONFLICT, refused.reason()));
            } else if (changing instanceof Changing.Stopped stopped) {
                answer.accept(ManagementAnswer.refused(ManagementAnswer.UNAVAILABLE, stopped.reason()));
            }
        });
    }

    private static PolicyChange settings(ManagementRequest request, NodeKind kind, String address)
            throws BadRequestException {
        try {
            return PolicyChange.of(request.settings(), kind.policyTarget(address));
        } catch (ConfigException unacceptable) {
            throw new BadRequestException(String.valueOf(unacceptable.getMessage()));
        }
    }

    private static ManagementAnswer unacceptable(String reason) {
        return ManagementAnswer.refused(ManagementAnswer.BAD_REQUEST, reason);
    }

    void delete(ManagementRequest request, Consumer<ManagementAnswer> answer) throws BadRequestException {
        boolean force = request.flag("force");
        finder.withNode(request, answer, node -> delete(node, force, answer));
    }

    private static void delete(Node node, boolean force, Consumer<ManagementAnswer> answer) {
        int consumers = NodeDescription.of(node, false).consumers();
        if (consumers > 0 && !force) {
            answer.accept(ManagementAnswer.refused(
                    ManagementAnswer.CONFLICT,
                    "it has " + consumers + " consumers; force=true deletes it all the same"));
            return;
        }
        log.info("{} {} deleted by management", node.kind(), node.address());
        node.partition()
                .delete(
                        node,
                        () -> answer.accept(new ManagementAnswer(ManagementAnswer.NO_CONTENT, "Deleted", Map.of())));
    }
}
