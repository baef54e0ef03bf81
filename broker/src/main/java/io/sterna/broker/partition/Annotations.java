package io.sterna.broker.partition;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.AnnotationMap;

/** Annotations that a message gathers while it is here, as a queue and the store keep them: encoded, often empty. */
final class Annotations {
    private Annotations() {}

    static byte[] merge(byte[] current, byte[] added) {
        return decode(current).mergedWith(decode(added)).encoded().toByteArray();
    }

    static AnnotationMap decode(byte[] annotations) {
        if (annotations.length == 0) {
            return AnnotationMap.EMPTY;
        }
        try {
            return AnnotationMap.decode(annotations);
        } catch (DecodeException ourOwnDefect) {
            throw new IllegalStateException(ourOwnDefect);
        }
    }
}
