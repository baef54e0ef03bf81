package io.sterna.broker.selector;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.MessageSections;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.message.Message;

/** Messages as another implementation encodes them, to be selected. */
final class TestMessage {
    private final Message message = Message.Factory.create();
    private final Map<String, Object> properties = new LinkedHashMap<>();

    static TestMessage create() {
        return new TestMessage();
    }

    /** A message with these properties. */
    static MessageSections of(Map<String, Object> properties) {
        TestMessage made = create();
        made.properties.putAll(properties);
        return made.sections();
    }

    TestMessage with(String property, Object value) {
        properties.put(property, value);
        return this;
    }

    TestMessage annotated(String key, Object value) {
        message.setMessageAnnotations(new MessageAnnotations(new HashMap<>(Map.of(Symbol.valueOf(key), value))));
        return this;
    }

    TestMessage changed(Consumer<Message> change) {
        change.accept(message);
        return this;
    }

    MessageSections sections() {
        if (!properties.isEmpty()) {
            message.setApplicationProperties(new ApplicationProperties(properties));
        }
        byte[] buffer = new byte[64 * 1024];
        int length = message.encode(buffer, 0, buffer.length);
        try {
            return MessageSections.scan(Arrays.copyOf(buffer, length));
        } catch (DecodeException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a condition is for a message: a selector tells only whether it is true, so its negation is asked too. */
    static Truth truth(String condition, MessageSections message) {
        try {
            boolean isTrue = Selector.parse(condition).matches(message);
            boolean isFalse = Selector.parse("NOT (" + condition + ")").matches(message);
            if (isTrue && isFalse) {
                throw new AssertionError(condition + " and its negation are both true");
            }
            return isTrue ? Truth.TRUE : isFalse ? Truth.FALSE : Truth.UNKNOWN;
        } catch (InvalidSelectorException e) {
            throw new AssertionError(condition + ": " + e.getMessage(), e);
        }
    }
}
