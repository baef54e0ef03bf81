package io.sterna.amqp.message;

import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.DecodeException;

/** Recognises sections by their descriptors and checks what is in them (AMQP 1.0 §3.2). All methods are pure. */
final class SectionReader {
    static final int HEADER = 0x70;
    static final int DELIVERY_ANNOTATIONS = 0x71;
    static final int MESSAGE_ANNOTATIONS = 0x72;
    static final int PROPERTIES = 0x73;
    static final int APPLICATION_PROPERTIES = 0x74;
    static final int DATA = 0x75;
    static final int SEQUENCE = 0x76;
    static final int VALUE = 0x77;
    static final int FOOTER = 0x78;

    private static final String[] NAMES = {
        "header",
        "delivery-annotations",
        "message-annotations",
        "properties",
        "application-properties",
        "data",
        "amqp-sequence",
        "amqp-value",
        "footer"
    };

    private SectionReader() {}

    static String name(int section) {
        return NAMES[section - HEADER];
    }

    /** The descriptor code of the section that begins at the offset. */
    static int section(byte[] bytes, int at, int limit) throws DecodeException {
        // Nearly every sender writes the descriptor as a small ulong: 00 53 7x.
        if (limit - at >= 3 && bytes[at] == 0 && bytes[at + 1] == 0x53) {
            return known(bytes[at + 2] & 0xff, at);
        }
        if (!AmqpValues.isDescribed(bytes, at, limit)) {
            throw new DecodeException(at, "message section expected");
        }
        if (AmqpValues.isUlong(bytes, at + 1, limit)) {
            return known(AmqpValues.readUlong(bytes, at + 1, limit), at);
        }
        if (AmqpValues.isSymbol(bytes, at + 1, limit)) {
            return named(AmqpValues.readSymbol(bytes, at + 1, limit), at);
        }
        throw new DecodeException(at + 1, "descriptor of a message section must be a ulong or a symbol");
    }

    /** The offset of the value that the section at the offset describes. */
    static int valueOffset(byte[] bytes, int at, int limit) throws DecodeException {
        return AmqpValues.skip(bytes, at + 1, limit);
    }

    /**
     * The end of the section whose value begins at the offset. Sections that a broker reads or rewrites (header,
     * message-annotations, properties) are checked in full, so that nothing about them can fail later; the others by
     * their type and size. Null is taken for an empty map, binary or list, as Proton-J takes it, which itself writes
     * null for a data section without content.
     */
    static int end(byte[] bytes, int section, int valueAt, int limit) throws DecodeException {
        if (section == HEADER || section == PROPERTIES) {
            return FieldList.check(bytes, section, valueAt, limit);
        }
        if (section == VALUE || AmqpValues.isNull(bytes, valueAt, limit)) {
            return AmqpValues.skip(bytes, valueAt, limit);
        }
        switch (section) {
            case MESSAGE_ANNOTATIONS -> {
                return AnnotationMap.check(bytes, valueAt, limit);
            }
            case DATA -> require(AmqpValues.isBinary(bytes, valueAt, limit), section, "binary", valueAt);
            case SEQUENCE -> {
                require(AmqpValues.isList(bytes, valueAt, limit), section, "a list", valueAt);
                AmqpValues.count(bytes, valueAt, limit);
            }
            default -> {
                require(AmqpValues.isMap(bytes, valueAt, limit), section, "a map", valueAt);
                require((AmqpValues.count(bytes, valueAt, limit) & 1) == 0, section, "keys with values", valueAt);
            }
        }
        return AmqpValues.skip(bytes, valueAt, limit);
    }

    private static void require(boolean right, int section, String type, int at) throws DecodeException {
        if (!right) {
            throw new DecodeException(at, name(section) + " section must hold " + type);
        }
    }

    private static int known(long code, int at) throws DecodeException {
        if (code < HEADER || code > FOOTER) {
            throw new DecodeException(at, String.format("descriptor 0x%x is not that of a message section", code));
        }
        return (int) code;
    }

    private static int named(String symbol, int at) throws DecodeException {
        return switch (symbol) {
            case "amqp:header:list" -> HEADER;
            case "amqp:delivery-annotations:map" -> DELIVERY_ANNOTATIONS;
            case "amqp:message-annotations:map" -> MESSAGE_ANNOTATIONS;
            case "amqp:properties:list" -> PROPERTIES;
            case "amqp:application-properties:map" -> APPLICATION_PROPERTIES;
            case "amqp:data:binary" -> DATA;
            case "amqp:amqp-sequence:list" -> SEQUENCE;
            case "amqp:amqp-value:*" -> VALUE;
            case "amqp:footer:map" -> FOOTER;
            default -> throw new DecodeException(at, "descriptor " + symbol + " is not that of a message section");
        };
    }

    /** The end of the section at the offset when it is the given one, else the offset. */
    static int endOfOptional(byte[] message, int section, int at) throws DecodeException {
        if (at == message.length || section(message, at, message.length) != section) {
            return at;
        }
        int valueAt = valueOffset(message, at, message.length);
        return end(message, section, valueAt, message.length);
    }

    static BodyKind bodyKind(byte[] message, int at) throws DecodeException {
        if (at == message.length) {
            return BodyKind.NONE;
        }
        return switch (section(message, at, message.length)) {
            case DATA -> BodyKind.DATA;
            case SEQUENCE -> BodyKind.SEQUENCE;
            case VALUE -> BodyKind.VALUE;
            default -> BodyKind.NONE;
        };
    }

    static int endOfBody(byte[] message, BodyKind kind, int at) throws DecodeException {
        return switch (kind) {
            case NONE -> at;
            case VALUE -> endOfOptional(message, VALUE, at);
            case DATA -> endOfRepeated(message, DATA, at);
            case SEQUENCE -> endOfRepeated(message, SEQUENCE, at);
        };
    }

    private static int endOfRepeated(byte[] message, int section, int at) throws DecodeException {
        int end = at;
        int next = endOfOptional(message, section, end);
        while (next != end) {
            end = next;
            next = endOfOptional(message, section, end);
        }
        return end;
    }
}
