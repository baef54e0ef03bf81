package io.sterna.amqp;

import java.util.Optional;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.transport.Open;

/** The open performative, both ways (AMQP 1.0 §2.7.1). */
final class OpenFrames {
    private OpenFrames() {}

    static Open write(ConnectionSettings settings, OpenTerms terms) {
        Open open = new Open();
        open.setContainerId(settings.containerId());
        open.setMaxFrameSize(UnsignedInteger.valueOf(settings.maxFrameBytes()));
        open.setChannelMax(UnsignedShort.valueOf((short) settings.channelMax()));
        if (settings.idleTimeoutMillis() > 0) {
            // §2.4.5: half of the real threshold, to avoid spurious time-outs.
            open.setIdleTimeOut(UnsignedInteger.valueOf(Math.max(1, settings.idleTimeoutMillis() / 2)));
        }
        open.setOfferedCapabilities(Translate.symbols(terms.offeredCapabilities()));
        open.setDesiredCapabilities(Translate.symbols(terms.desiredCapabilities()));
        open.setProperties(Translate.protonFields(terms.properties()));
        return open;
    }

    static RemoteOpen read(Open open) throws Violation {
        long maxFrameBytes = open.getMaxFrameSize() == null
                ? 0xffff_ffffL
                : open.getMaxFrameSize().longValue();
        if (maxFrameBytes < ConnectionSettings.MIN_MAX_FRAME_BYTES) {
            throw Violation.connection(
                    ErrorCondition.INVALID_FIELD,
                    "max-frame-size " + maxFrameBytes + " is below the 512 that every peer has to take; §2.7.1");
        }
        long idleTimeoutMillis =
                open.getIdleTimeOut() == null ? 0 : open.getIdleTimeOut().longValue();
        if (idleTimeoutMillis > 0 && idleTimeoutMillis < IdleTimers.MIN_PEER_IDLE_TIMEOUT_MILLIS) {
            // §2.4.5: what can't be supported is refused.
            throw Violation.connection(
                    ErrorCondition.INVALID_FIELD,
                    "an idle-time-out of " + idleTimeoutMillis + " ms is too short, ask for "
                            + IdleTimers.MIN_PEER_IDLE_TIMEOUT_MILLIS + " or more");
        }
        return new RemoteOpen(
                open.getContainerId(),
                Optional.ofNullable(open.getHostname()),
                maxFrameBytes,
                open.getChannelMax() == null ? 65535 : open.getChannelMax().intValue(),
                idleTimeoutMillis,
                Translate.strings(open.getOfferedCapabilities()),
                Translate.strings(open.getDesiredCapabilities()),
                Translate.fields(open.getProperties()));
    }
}
