package io.sterna.broker.management;

import io.sterna.broker.partition.NodeKind;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;

/**
 * What an operator asks for.
 *
 * @param kind of which kind of node; empty for any
 * @param address of which node; empty for all
 * @param arguments what else was said, by name
 * @param settings of a node that is to be made or changed, by key; empty for one that it is to have no longer
 */
public record ManagementRequest(
        Operation operation,
        Optional<NodeKind> kind,
        String address,
        Map<String, Object> arguments,
        Map<String, Optional<Object>> settings) {

    /** What can be done. */
    public enum Operation {
        /** Describes nodes, page by page. */
        QUERY,
        /** Describes one node. */
        READ,
        /** Makes a queue or topic. */
        CREATE,
        /** Gives a queue or topic other settings. */
        UPDATE,
        /** Removes a node with all that it holds. */
        DELETE,
        /** Removes the messages of a queue that nobody has acquired. */
        PURGE,
        /** Moves dead letters of a queue back into it, or elsewhere. */
        REDRIVE,
        /** Describes messages that are held back until their time, page by page. */
        SCHEDULED,
        /** Removes a message that is held back until its time. */
        CANCEL,
        /** Gives whoever holds a message the whole lock duration again. */
        RENEW_LOCK;

        /** As requests name it. */
        String text() {
            return name().replace('_', '-');
        }
    }

    public ManagementRequest {
        arguments = Map.copyOf(arguments);
        settings = Map.copyOf(settings);
    }

    /** An argument that is a text. */
    Optional<String> text(String name) throws BadRequestException {
        Object value = arguments.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof String text) {
            return Optional.of(text);
        }
        throw new BadRequestException(name + " is to be a text");
    }

    /** An argument that is a whole number, as number or text. */
    Optional<Long> number(String name, long min, long max) throws BadRequestException {
        Object value = arguments.get(name);
        if (value == null) {
            return Optional.empty();
        }
        try {
            long number = whole(value);
            if (min <= number && number <= max) {
                return Optional.of(number);
            }
        } catch (NumberFormatException notOne) {
            // Refused below.
        }
        throw new BadRequestException(name + " is to be a whole number from " + min + " to " + max);
    }

    /** A delivery-tag of ours is a number, too. */
    private static long whole(Object value) {
        if (value instanceof byte[] tag && tag.length == Long.BYTES) {
            return ByteBuffer.wrap(tag).getLong();
        }
        return value instanceof Number given ? given.longValue() : Long.parseLong(value.toString());
    }

    /** An argument that is true or false, as such or as text; absent means false. */
    boolean flag(String name) {
        return Boolean.parseBoolean(String.valueOf(arguments.get(name)));
    }
}
