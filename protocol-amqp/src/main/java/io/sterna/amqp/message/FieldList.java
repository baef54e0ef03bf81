package io.sterna.amqp.message;

import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.DecodeException;

/** The lists of fields inside the header (AMQP 1.0 §3.2.1) and properties (§3.2.4) sections. All methods are pure. */
final class FieldList {
    static final int DURABLE = 0;
    static final int PRIORITY = 1;
    static final int TTL = 2;
    static final int FIRST_ACQUIRER = 3;
    static final int DELIVERY_COUNT = 4;
    static final int HEADER_FIELDS = 5;

    static final int MESSAGE_ID = 0;
    static final int TO = 2;
    static final int ABSOLUTE_EXPIRY_TIME = 8;
    static final int GROUP_ID = 10;
    static final int PROPERTIES_FIELDS = 13;

    /** What {@link #find} returns for a field that is null or left out. */
    static final int ABSENT = -1;

    private FieldList() {}

    /** Checks the list of a section and the types of the fields that a broker reads; returns the offset after it. */
    static int check(byte[] bytes, int section, int listAt, int limit) throws DecodeException {
        if (!AmqpValues.isList(bytes, listAt, limit)) {
            throw new DecodeException(listAt, SectionReader.name(section) + " section must hold a list");
        }
        int end = AmqpValues.validate(bytes, listAt, limit);
        int count = AmqpValues.count(bytes, listAt, limit);
        int fields = section == SectionReader.HEADER ? HEADER_FIELDS : PROPERTIES_FIELDS;
        if (count > fields) {
            throw new DecodeException(
                    listAt,
                    SectionReader.name(section) + " section of " + count + " fields, at most " + fields + " exist");
        }
        int at = AmqpValues.itemsOffset(bytes, listAt);
        for (int field = 0; field < count; field++) {
            if (!AmqpValues.isNull(bytes, at, end)) {
                if (section == SectionReader.HEADER) {
                    checkHeaderField(bytes, field, at, end);
                } else {
                    checkPropertiesField(bytes, field, at, end);
                }
            }
            at = AmqpValues.skip(bytes, at, end);
        }
        return end;
    }

    /** The offset of a field's value, or {@link #ABSENT}, in a list that {@link #check} has accepted. */
    static int find(byte[] bytes, int listAt, int limit, int field) throws DecodeException {
        if (field >= AmqpValues.count(bytes, listAt, limit)) {
            return ABSENT;
        }
        int at = AmqpValues.itemsOffset(bytes, listAt);
        for (int skipped = 0; skipped < field; skipped++) {
            at = AmqpValues.skip(bytes, at, limit);
        }
        return AmqpValues.isNull(bytes, at, limit) ? ABSENT : at;
    }

    private static void checkHeaderField(byte[] bytes, int field, int at, int end) throws DecodeException {
        switch (field) {
            case DURABLE, FIRST_ACQUIRER -> AmqpValues.readBoolean(bytes, at, end);
            case PRIORITY -> AmqpValues.readUbyte(bytes, at, end);
            default -> AmqpValues.readUint(bytes, at, end);
        }
    }

    private static void checkPropertiesField(byte[] bytes, int field, int at, int end) throws DecodeException {
        boolean right =
                switch (field) {
                    case MESSAGE_ID ->
                        AmqpValues.isString(bytes, at, end)
                                || AmqpValues.isUlong(bytes, at, end)
                                || AmqpValues.isUuid(bytes, at, end)
                                || AmqpValues.isBinary(bytes, at, end);
                    case TO, GROUP_ID -> AmqpValues.isString(bytes, at, end);
                    case ABSOLUTE_EXPIRY_TIME -> AmqpValues.isTimestamp(bytes, at, end);
                    // The other fields are for the receiving application alone.
                    default -> true;
                };
        if (!right) {
            throw new DecodeException(at, "field " + field + " of the properties section has a wrong type");
        }
    }
}
