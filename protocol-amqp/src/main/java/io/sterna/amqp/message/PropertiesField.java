package io.sterna.amqp.message;

/** The fields of the properties section (AMQP 1.0 §3.2.4). */
public enum PropertiesField {
    MESSAGE_ID(0),
    USER_ID(1),
    TO(2),
    SUBJECT(3),
    REPLY_TO(4),
    CORRELATION_ID(5),
    CONTENT_TYPE(6),
    CONTENT_ENCODING(7),
    ABSOLUTE_EXPIRY_TIME(8),
    CREATION_TIME(9),
    GROUP_ID(10),
    GROUP_SEQUENCE(11),
    REPLY_TO_GROUP_ID(12);

    private final int index;

    PropertiesField(int index) {
        this.index = index;
    }

    /** Where in the list it stands, from 0. */
    int index() {
        return index;
    }
}
