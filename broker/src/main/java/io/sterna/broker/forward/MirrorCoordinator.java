package io.sterna.broker.forward;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.LinkTerms;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.amqp.SenderHandler;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.SettleMode;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.TransactionRequest;
import io.sterna.amqp.message.OutgoingMessage;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The link to an owner on which one client's transactions are controlled there, on a session of its own, since they are not
 * tied to any of the client's. Owned by the loop of the client's connection.
 */
final class MirrorCoordinator implements SenderHandler {
    private static final String NAME = "sterna:transactions";
    private static final List<String> CAPABILITIES =
            List.of("amqp:local-transactions", "amqp:multi-txns-per-ssn", "amqp:multi-ssns-per-txn");

    private final Mirror mirror;
    private final SenderLink link;
    private final ArrayDeque<Question> waiting = new ArrayDeque<>();
    private final Set<Question> asked = new LinkedHashSet<>();
    private long lastTag;

    MirrorCoordinator(Mirror mirror) {
        this.mirror = mirror;
        link = mirror.connection()
                .begin()
                .attachSender(
                        NAME,
                        LinkTerms.of(
                                Terminus.Source.at(NAME),
                                new Terminus.Coordinator(CAPABILITIES),
                                SettleMode.Sender.UNSETTLED,
                                SettleMode.Receiver.FIRST),
                        this);
    }

    /** Hears what becomes of a request, one of these once. */
    interface Answer {
        void on(DeliveryState outcome);

        /** There will be no answer; whether the owner has got the request is not known. */
        void onLost(AmqpError why);
    }

    private record Question(byte[] message, Answer answer) {}

    void ask(TransactionRequest request, Answer answer) {
        waiting.add(new Question(request.encode(), answer));
        goOn();
    }

    private void goOn() {
        while (!waiting.isEmpty() && link.attached() && link.credit() > 0) {
            Question next = waiting.remove();
            asked.add(next);
            mirror.writeDispositions(); // What is discharged includes them.
            byte[] tag = ByteBuffer.allocate(Long.BYTES).putLong(0, ++lastTag).array();
            link.send(tag, 0, OutgoingMessage.untouched(next.message()), false, next);
        }
    }

    @Override
    public void onCredit() {
        if (link.drain()) {
            link.drained();
        }
        goOn();
    }

    @Override
    public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {
        if (!settled && state.isPresent()) {
            delivery.settle(state.get());
        }
        Question question = (Question) delivery.context();
        if ((settled || state.isPresent()) && asked.remove(question)) {
            question.answer().on(state.orElse(DeliveryState.Released.INSTANCE));
        }
    }

    @Override
    public void onDetached(boolean closed, Optional<AmqpError> error) {
        link.detach(closed, Optional.empty());
        link.session().end(Optional.empty());
        end(error.orElseGet(this::lost));
    }

    @Override
    public void onLost(boolean inOrder) {
        end(lost());
    }

    private AmqpError lost() {
        return AmqpError.of(ErrorCondition.DETACH_FORCED, "the connection to the node " + mirror.owner() + " was lost");
    }

    private void end(AmqpError why) {
        mirror.forget(this, why);
        List<Question> left = List.copyOf(asked);
        asked.clear();
        List<Question> never = List.copyOf(waiting);
        waiting.clear();
        left.forEach(each -> each.answer().onLost(why));
        never.forEach(each -> each.answer().onLost(why));
    }
}
