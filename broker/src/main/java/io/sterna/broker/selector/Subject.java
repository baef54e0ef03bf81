package io.sterna.broker.selector;

import io.sterna.amqp.message.FoundValues;
import io.sterna.amqp.message.KeyLookup;
import io.sterna.amqp.message.MessageSections;
import java.math.BigInteger;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One message, as one condition looks at it: what the condition names is searched when it is first asked for. Owned by one
 * thread, for one evaluation.
 */
final class Subject {

    /** Stands for a value that is there, and that no selector can compare. */
    private static final Object INCOMPARABLE = new Object();

    private final MessageSections message;
    private final KeyLookup propertyNames;
    private final KeyLookup annotationNames;
    private @Nullable FoundValues properties;
    private @Nullable FoundValues annotations;

    Subject(MessageSections message, Compiler.Compiled compiled) {
        this.message = message;
        propertyNames = compiled.propertyNames();
        annotationNames = compiled.annotationNames();
    }

    MessageSections message() {
        return message;
    }

    /** The application-properties that the condition names. */
    FoundValues properties() {
        FoundValues found = properties;
        if (found == null) {
            found = message.inApplicationProperties(propertyNames);
            properties = found;
        }
        return found;
    }

    /** The message-annotations that the condition names. */
    FoundValues annotations() {
        FoundValues found = annotations;
        if (found == null) {
            found = message.inMessageAnnotations(annotationNames);
            annotations = found;
        }
        return found;
    }

    /** The value as Jakarta Messaging knows values; null for NULL. */
    static @Nullable Object value(FoundValues values, int index) {
        Optional<Object> value = values.value(index);
        if (value.isEmpty()) {
            return values.isPresent(index) ? INCOMPARABLE : null;
        }
        Object found = value.get();
        if (found instanceof BigInteger beyondLong) {
            return beyondLong.doubleValue();
        } else if (found instanceof UUID) {
            return found.toString();
        }
        return found instanceof byte[] ? INCOMPARABLE : found;
    }
}
