package io.sterna.broker.partition;

import io.sterna.broker.queue.MessageFilter;
import io.sterna.broker.queue.QueueMessage;
import io.sterna.broker.selector.Selector;

/** Wants the messages that a selector matches. Of a message of a format that we can't read, nothing is known. */
public record SelectorFilter(Selector selector) implements MessageFilter {

    @Override
    public boolean matches(QueueMessage message) {
        return ((BrokerMessage) message).matches(selector);
    }
}
