package io.sterna.broker.partition;

import io.sterna.broker.queue.MessageFilter;
import io.sterna.broker.selector.InvalidSelectorException;
import io.sterna.broker.selector.Selector;
import java.util.Optional;

/**
 * A subscription that somebody wants to receive from.
 *
 * @param named what it is, when it has a name; without one it is the subscriber's alone and goes with it
 * @param selector which messages it takes, as {@link SubscriptionSettings#selector} says
 * @param noLocal the client whose own messages it does not take
 */
public record SubscriptionRequest(
        Optional<SubscriptionSettings> named, Optional<MessageFilter> selector, Optional<String> noLocal) {

    /** The subscription that the store has kept. */
    static SubscriptionRequest of(SubscriptionSettings settings) {
        return new SubscriptionRequest(
                Optional.of(settings), settings.selector().map(SubscriptionRequest::parse), settings.noLocal());
    }

    private static MessageFilter parse(String selector) {
        try {
            return new SelectorFilter(Selector.parse(selector));
        } catch (InvalidSelectorException changed) {
            throw new IllegalStateException("a subscription has a selector that is not understood any more", changed);
        }
    }
}
