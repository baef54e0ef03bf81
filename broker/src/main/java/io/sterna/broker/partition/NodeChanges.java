package io.sterna.broker.partition;

import io.sterna.broker.config.ConfigException;
import io.sterna.broker.config.PolicyChange;
import io.sterna.broker.config.QueuePolicy;
import io.sterna.store.LogOperation;
import java.util.function.Consumer;

/** Gives nodes other settings while they live. Owned by the partition's loop. */
final class NodeChanges {
    private final Partition partition;

    NodeChanges(Partition partition) {
        this.partition = partition;
    }

    /** Changes the settings of a queue or topic, once that can't be lost. A later change begins where this one ends. */
    void change(Node node, PolicyChange change, Consumer<Changing> answer) {
        NodeSettings settings = settingsOf(node);
        QueuePolicy policy;
        try {
            policy = settings.preview(change);
        } catch (ConfigException unacceptable) {
            answer.accept(new Changing.Unacceptable(String.valueOf(unacceptable.getMessage())));
            return;
        }
        if (!policy.lastValueKey().equals(settings.policy().lastValueKey()) && !isEmpty(node)) {
            // Values of both keys would be compared, and messages lost that have nothing to do with each other.
            answer.accept(new Changing.Conflicting("last-value-key can be changed only while there are no messages"));
            return;
        }
        settings.onAppended(change);
        if (node.stored()) {
            partition.append(new LogOperation.NodeChanged(node.id(), settings.encoded()));
        }
        partition.afterAppended(
                () -> {
                    partition.guard(() -> apply(node, settings, policy));
                    answer.accept(new Changing.Changed());
                },
                () -> answer.accept(new Changing.Stopped(partition.problem().orElseThrow())));
    }

    static boolean changesNothing(Node node, PolicyChange change) throws ConfigException {
        NodeSettings settings = settingsOf(node);
        return settings.preview(change).equals(settings.preview(PolicyChange.NONE));
    }

    static NodeSettings settingsOf(Node node) {
        return node instanceof QueueNode queue ? queue.settings() : ((TopicNode) node).settings();
    }

    private static boolean isEmpty(Node node) {
        return node instanceof QueueNode queue ? queue.isEmpty() : ((TopicNode) node).isEmpty();
    }

    private static void apply(Node node, NodeSettings settings, QueuePolicy policy) {
        settings.inForce(policy);
        if (node instanceof QueueNode queue) {
            if (!queue.deleted()) {
                queue.onPolicyChanged();
            }
        } else {
            ((TopicNode) node).onPolicyChanged();
        }
    }
}
