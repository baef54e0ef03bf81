package io.sterna.amqp;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What we say in our attach: the termini as they really are.
 *
 * @param maxMessageBytes the largest message that we take, 0 for any
 * @param unsettled what we still hold unsettled of an earlier life of this link; absent when there was none (AMQP 1.0
 *     §2.7.3)
 */
public record LinkTerms(
        Optional<Terminus.Source> source,
        Optional<Terminus> target,
        SettleMode.Sender senderSettleMode,
        SettleMode.Receiver receiverSettleMode,
        long maxMessageBytes,
        Optional<List<UnsettledDelivery>> unsettled,
        List<String> offeredCapabilities,
        List<String> desiredCapabilities,
        Map<String, Object> properties) {

    /** Terms with these termini and settle modes, and nothing else to say. */
    public static LinkTerms of(
            Terminus.Source source, Terminus target, SettleMode.Sender sender, SettleMode.Receiver receiver) {
        return new LinkTerms(
                Optional.of(source),
                Optional.of(target),
                sender,
                receiver,
                0,
                Optional.empty(),
                List.of(),
                List.of(),
                Map.of());
    }

    /** The peer's own termini and modes given back to it. */
    public static LinkTerms asAsked(RemoteAttach remote) {
        return new LinkTerms(
                remote.source(),
                remote.target(),
                remote.senderSettleMode(),
                remote.receiverSettleMode(),
                0,
                Optional.empty(),
                List.of(),
                List.of(),
                Map.of());
    }

    /** All that the peer says of its end, said to somebody else, unless that is about an earlier life of the link. */
    public static LinkTerms passedOn(RemoteAttach remote) {
        return new LinkTerms(
                remote.source(),
                remote.target(),
                remote.senderSettleMode(),
                remote.receiverSettleMode(),
                remote.maxMessageBytes(),
                Optional.empty(),
                remote.offeredCapabilities(),
                remote.desiredCapabilities(),
                remote.properties());
    }

    public LinkTerms withSource(Terminus.Source newSource) {
        return new LinkTerms(
                Optional.of(newSource),
                target,
                senderSettleMode,
                receiverSettleMode,
                maxMessageBytes,
                unsettled,
                offeredCapabilities,
                desiredCapabilities,
                properties);
    }

    public LinkTerms withTarget(Terminus newTarget) {
        return new LinkTerms(
                source,
                Optional.of(newTarget),
                senderSettleMode,
                receiverSettleMode,
                maxMessageBytes,
                unsettled,
                offeredCapabilities,
                desiredCapabilities,
                properties);
    }

    public LinkTerms withSenderSettleMode(SettleMode.Sender newMode) {
        return new LinkTerms(
                source,
                target,
                newMode,
                receiverSettleMode,
                maxMessageBytes,
                unsettled,
                offeredCapabilities,
                desiredCapabilities,
                properties);
    }

    public LinkTerms withMaxMessageBytes(long newMax) {
        return new LinkTerms(
                source,
                target,
                senderSettleMode,
                receiverSettleMode,
                newMax,
                unsettled,
                offeredCapabilities,
                desiredCapabilities,
                properties);
    }

    public LinkTerms withOfferedCapabilities(List<String> offered) {
        return new LinkTerms(
                source,
                target,
                senderSettleMode,
                receiverSettleMode,
                maxMessageBytes,
                unsettled,
                offered,
                desiredCapabilities,
                properties);
    }

    /** With what we still hold unsettled of an earlier life of the link. */
    public LinkTerms withUnsettled(List<UnsettledDelivery> held) {
        return new LinkTerms(
                source,
                target,
                senderSettleMode,
                receiverSettleMode,
                maxMessageBytes,
                Optional.of(List.copyOf(held)),
                offeredCapabilities,
                desiredCapabilities,
                properties);
    }
}
