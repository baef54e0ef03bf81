package io.sterna.amqp;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.transport.Attach;

/**
 * What the peer said in its attach (AMQP 1.0 §2.7.3).
 *
 * @param source the source, absent when the peer knows of none
 * @param target a {@link Terminus.Target} or {@link Terminus.Coordinator}, absent when the peer knows of none
 * @param resumes whether the peer resumes an earlier life of this link: only then it sends an unsettled map, which may be
 *     empty
 * @param unsettled what the peer still holds unsettled of that life
 * @param incompleteUnsettled whether {@code unsettled} leaves some out
 * @param maxMessageBytes the largest message the peer takes, 0 for any
 */
public record RemoteAttach(
        Optional<Terminus.Source> source,
        Optional<Terminus> target,
        SettleMode.Sender senderSettleMode,
        SettleMode.Receiver receiverSettleMode,
        boolean resumes,
        UnsettledMap unsettled,
        boolean incompleteUnsettled,
        long maxMessageBytes,
        List<String> offeredCapabilities,
        List<String> desiredCapabilities,
        Map<String, Object> properties) {

    static RemoteAttach of(Attach attach) {
        UnsignedLong maxMessageSize = attach.getMaxMessageSize();
        return new RemoteAttach(
                TranslateTerminus.ours(attach.getSource())
                        .filter(Terminus.Source.class::isInstance)
                        .map(Terminus.Source.class::cast),
                TranslateTerminus.ours(attach.getTarget()),
                SettleMode.Sender.valueOf(attach.getSndSettleMode().name()),
                SettleMode.Receiver.valueOf(attach.getRcvSettleMode().name()),
                attach.getUnsettled() != null,
                new UnsettledMap(TranslateState.unsettled(attach.getUnsettled())),
                attach.getIncompleteUnsettled(),
                maxMessageSize == null ? 0 : maxMessageSize.longValue(),
                Translate.strings(attach.getOfferedCapabilities()),
                Translate.strings(attach.getDesiredCapabilities()),
                Translate.fields(attach.getProperties()));
    }

    /** What is wrong with the terminus that the peer wants of us; {@code sending} is our part. */
    Optional<AmqpError> problem(boolean sending) {
        Optional<? extends Terminus> wanted = sending ? source : target;
        if (wanted.isEmpty()) {
            return Optional.empty();
        } else if (wanted.get() instanceof Terminus.Source node) {
            return TranslateTerminus.problem(node.node());
        } else if (wanted.get() instanceof Terminus.Target node) {
            return TranslateTerminus.problem(node.node());
        }
        return Optional.empty();
    }
}
