package io.sterna.amqp;

import java.util.List;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;

/** Our attach performative (AMQP 1.0 §2.7.3). */
final class AttachFrames {
    private AttachFrames() {}

    /** The attach of a link whose handle and settle modes are set; with fewer unsettled deliveries when it is too large. */
    static Attach write(Link link, LinkTerms terms, int maxFrameBytes) {
        Attach attach = new Attach();
        attach.setName(link.name());
        attach.setHandle(UnsignedInteger.valueOf(link.localHandle()));
        attach.setRole(link.sending() ? Role.SENDER : Role.RECEIVER);
        attach.setSndSettleMode(
                switch (terms.senderSettleMode()) {
                    case UNSETTLED -> SenderSettleMode.UNSETTLED;
                    case SETTLED -> SenderSettleMode.SETTLED;
                    case MIXED -> SenderSettleMode.MIXED;
                });
        attach.setRcvSettleMode(
                switch (terms.receiverSettleMode()) {
                    case FIRST -> ReceiverSettleMode.FIRST;
                    case SECOND -> ReceiverSettleMode.SECOND;
                });
        attach.setSource(TranslateTerminus.theirs(terms.source()));
        attach.setTarget(TranslateTerminus.theirTarget(terms.target()));
        if (link.sending()) {
            attach.setInitialDeliveryCount(UnsignedInteger.ZERO);
        }
        if (terms.maxMessageBytes() > 0) {
            attach.setMaxMessageSize(UnsignedLong.valueOf(terms.maxMessageBytes()));
        }
        attach.setOfferedCapabilities(Translate.symbols(terms.offeredCapabilities()));
        attach.setDesiredCapabilities(Translate.symbols(terms.desiredCapabilities()));
        attach.setProperties(Translate.protonFields(terms.properties()));
        terms.unsettled()
                .ifPresent(held -> setUnsettled(attach, held, link.connection().codec(), maxFrameBytes));
        return attach;
    }

    /** §2.7.3: rather an incomplete map than an attach that does not fit. */
    private static void setUnsettled(
            Attach attach, List<UnsettledDelivery> unsettled, PerformativeCodec codec, int maxFrameBytes) {
        int count = unsettled.size();
        attach.setUnsettled(TranslateState.theirUnsettled(unsettled));
        while (count > 0 && codec.encode(attach).remaining() + FrameAssembler.HEADER_BYTES > maxFrameBytes) {
            count /= 2;
            attach.setUnsettled(TranslateState.theirUnsettled(unsettled.subList(0, count)));
            attach.setIncompleteUnsettled(true);
        }
    }
}
