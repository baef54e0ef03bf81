package io.sterna.broker.partition;

import java.util.Optional;

/**
 * When a queue goes by itself: one that was made for a link when nothing keeps it any more, another one when its policy
 * says so and it was unused for long. Owned by the partition's loop; until it starts by the thread that recovers it.
 */
final class QueueLife {
    private final QueueNode node;
    private final NodeSpec spec;
    private final IdleWatch idleWatch;
    private final boolean mayGo;
    private Optional<Runnable> whenEmpty = Optional.empty();
    private int producers;
    private boolean deleted;

    QueueLife(QueueNode node, NodeSpec spec) {
        this.node = node;
        this.spec = spec;
        mayGo = spec.kind() == NodeKind.QUEUE && spec.stored();
        idleWatch = new IdleWatch(node, idleMillis(), () -> node.partition().guard(this::maybeDeleteIdle));
    }

    void whenEmpty(Runnable task) {
        whenEmpty = Optional.of(task);
    }

    private long idleMillis() {
        return mayGo ? node.policy().autoDeleteMillis() : 0;
    }

    /** The policy has changed. */
    void onPolicyChanged() {
        idleWatch.changed(idleMillis(), idle());
    }

    boolean deleted() {
        return deleted;
    }

    void onDeleted() {
        idleWatch.end();
        deleted = true;
    }

    void addProducers(int more) {
        producers += more;
        idleWatch.look(idle());
        maybeEnd();
    }

    void onCreatorLeft() {
        spec.life().ifPresent(TemporaryLife::onCreatorLeft);
        maybeEnd();
    }

    void onSubscribed() {
        idleWatch.look(false);
    }

    /** All that the store has kept is here. */
    void onRecovered() {
        idleWatch.look(idle());
    }

    /** Something in the queue, or who uses it, may have changed. Whoever did that may go on with this queue. */
    void onChange() {
        idleWatch.look(idle());
        whenEmpty.filter(task -> node.isEmpty()).ifPresent(Runnable::run);
        if (spec.life().isPresent() && !deleted) {
            node.loop().post(() -> node.partition().guard(this::maybeEnd));
        }
    }

    /** Whether nobody uses it and nothing is in it, or on its way into it. */
    private boolean idle() {
        return producers == 0 && node.subscriptionCount() == 0 && node.isEmpty();
    }

    private void maybeDeleteIdle() {
        if (!deleted && idle()) {
            node.partition().nodes().delete(node);
        }
    }

    private void maybeEnd() {
        if (!deleted
                && spec.life().isPresent()
                && spec.life()
                        .get()
                        .isOver(
                                producers + node.subscriptionCount(),
                                node.queue().figures().depth())) {
            node.partition().nodes().delete(node);
        }
    }
}
