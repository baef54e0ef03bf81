package io.sterna.broker.amqp;

import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.Terminus.Durability;
import io.sterna.broker.partition.KeptLink;
import io.sterna.broker.partition.Node;
import java.util.Optional;
import java.util.function.Consumer;

/** Has the store keep the links of producers whose target is to outlive us. On the connection's loop. */
final class TargetKeeping {
    private TargetKeeping() {}

    /**
     * Goes on when what is to be kept can't be lost.
     *
     * @param former what is left of the link's earlier life; if the store keeps that, it is gone on with
     */
    static void open(
            ClientTasks tasks,
            ReceiverLink link,
            Node node,
            Terminus.Target granted,
            Optional<SuspendedTarget> former,
            Consumer<Optional<KeptLink>> then) {
        Durability durability = granted.node().durability();
        if (durability == Durability.NONE) {
            then.accept(Optional.empty());
            return;
        }
        boolean unsettledToo = durability == Durability.UNSETTLED_STATE;
        byte[] settings = KeptSettings.of(LinkKey.of(link), granted).encode();
        Optional<KeptLink> same = former.flatMap(SuspendedTarget::kept)
                .filter(its -> its.node() == node && its.keepsUnsettled() == unsettledToo);
        node.loop().run(() -> {
            if (same.isPresent()) {
                same.get().change(settings);
                tasks.run(() -> then.accept(same));
            } else {
                node.keep(settings, unsettledToo, kept -> tasks.run(() -> then.accept(kept)));
            }
        });
    }
}
