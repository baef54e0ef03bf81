package io.sterna.amqp.message;

import io.sterna.amqp.codec.AmqpScalars;
import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.DecodeException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where the sections of a message lie (AMQP 1.0 §3.2), and the few fields of them that a broker acts on, read from the
 * bytes when asked for. Only for messages of format 0. Immutable, as long as nobody changes the message; any thread.
 *
 * <p>The specification lets every section but the body be absent. A message without a body is taken as well, as Qpid
 * Broker-J does: Proton-J, and with it the clients built on it, sends one when no body is set.
 *
 * <pre>
 * 0       headerEnd            deliveryAnnotationsEnd  messageAnnotationsEnd  propertiesEnd             ...
 * +--------+----------------------+----------------------+------------+------------------------+------+--------+
 * | header | delivery-annotations | message-annotations  | properties | application-properties | body | footer |
 * +--------+----------------------+----------------------+------------+------------------------+------+--------+
 * </pre>
 */
public final class MessageSections {
    /** Of a message that says nothing. */
    public static final MessageSections EMPTY = empty();

    private static final int DEFAULT_PRIORITY = 4;

    private final byte[] message;
    private final int headerEnd;
    private final int deliveryAnnotationsEnd;
    private final int messageAnnotationsEnd;
    private final int propertiesEnd;
    private final int applicationPropertiesEnd;
    private final int bodyEnd;
    private final BodyKind bodyKind;

    private MessageSections(byte[] message) throws DecodeException {
        this.message = message;
        headerEnd = end(SectionReader.HEADER, 0);
        deliveryAnnotationsEnd = end(SectionReader.DELIVERY_ANNOTATIONS, headerEnd);
        messageAnnotationsEnd = end(SectionReader.MESSAGE_ANNOTATIONS, deliveryAnnotationsEnd);
        propertiesEnd = end(SectionReader.PROPERTIES, messageAnnotationsEnd);
        applicationPropertiesEnd = end(SectionReader.APPLICATION_PROPERTIES, propertiesEnd);
        bodyKind = SectionReader.bodyKind(message, applicationPropertiesEnd);
        bodyEnd = SectionReader.endOfBody(message, bodyKind, applicationPropertiesEnd);
        int end = end(SectionReader.FOOTER, bodyEnd);
        if (end != message.length) {
            String name = SectionReader.name(SectionReader.section(message, end, message.length));
            throw new DecodeException(end, name + " section is repeated or out of order");
        }
    }

    /**
     * Finds the sections of a message, in one pass and without any allocation but the result's, which keeps the array.
     *
     * @throws DecodeException when the message is not what §3.2 describes; says which section and why
     */
    public static MessageSections scan(byte[] message) throws DecodeException {
        return new MessageSections(message);
    }

    private int end(int section, int at) throws DecodeException {
        return SectionReader.endOfOptional(message, section, at);
    }

    private static MessageSections empty() {
        try {
            return new MessageSections(new byte[0]);
        } catch (DecodeException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The array that was scanned. */
    public byte[] message() {
        return message;
    }

    /** Header: whether the message must survive a restart. False by default. */
    public boolean durable() {
        return headerBoolean(FieldList.DURABLE);
    }

    /** Header: 0 to 255, 4 by default. */
    public int priority() {
        try {
            int at = headerField(FieldList.PRIORITY);
            return at == FieldList.ABSENT ? DEFAULT_PRIORITY : AmqpValues.readUbyte(message, at, headerEnd);
        } catch (DecodeException e) {
            throw changed(e);
        }
    }

    /** Header: how long the message is to live from its arrival on, in milliseconds. */
    public OptionalLong ttlMillis() {
        try {
            int at = headerField(FieldList.TTL);
            return at == FieldList.ABSENT
                    ? OptionalLong.empty()
                    : OptionalLong.of(AmqpValues.readUint(message, at, headerEnd));
        } catch (DecodeException e) {
            throw changed(e);
        }
    }

    /** Header: whether no other link has acquired the message before. False by default. */
    public boolean firstAcquirer() {
        return headerBoolean(FieldList.FIRST_ACQUIRER);
    }

    /** Header: how many attempts to deliver the message have failed, 0 to 2<sup>32</sup> - 1. 0 by default. */
    public long deliveryCount() {
        try {
            int at = headerField(FieldList.DELIVERY_COUNT);
            return at == FieldList.ABSENT ? 0 : AmqpValues.readUint(message, at, headerEnd);
        } catch (DecodeException e) {
            throw changed(e);
        }
    }

    /** Properties: the encoded value of the message-id, a string, ulong, uuid or binary. */
    public Optional<Slice> messageId() {
        try {
            int at = propertiesField(FieldList.MESSAGE_ID);
            return at == FieldList.ABSENT
                    ? Optional.empty()
                    : Optional.of(slice(at, AmqpValues.skip(message, at, propertiesEnd)));
        } catch (DecodeException e) {
            throw changed(e);
        }
    }

    /** Properties: the address that the message is for. */
    public Optional<String> to() {
        return propertiesString(FieldList.TO);
    }

    /** Properties: when the message expires, in milliseconds since 1970-01-01T00:00Z. */
    public OptionalLong absoluteExpiryTimeMillis() {
        try {
            int at = propertiesField(FieldList.ABSOLUTE_EXPIRY_TIME);
            return at == FieldList.ABSENT
                    ? OptionalLong.empty()
                    : OptionalLong.of(AmqpValues.readTimestampMillis(message, at, propertiesEnd));
        } catch (DecodeException e) {
            throw changed(e);
        }
    }

    /** Properties: the group that the message belongs to. */
    public Optional<String> groupId() {
        return propertiesString(FieldList.GROUP_ID);
    }

    /**
     * Properties: any field, as {@link AmqpScalars#read} gives it; empty when it is absent, or of a type that none of them
     * has. The types of those that have no method of their own here have not been checked.
     */
    public Optional<Object> property(PropertiesField field) {
        try {
            int at = propertiesField(field.index());
            return at == FieldList.ABSENT ? Optional.empty() : AmqpScalars.read(message, at, propertiesEnd);
        } catch (DecodeException e) {
            throw changed(e);
        }
    }

    /** Looks keys up in the application-properties, in one walk over them. */
    public FoundValues inApplicationProperties(KeyLookup keys) {
        return keys.in(applicationProperties());
    }

    /** Looks keys up in the message-annotations, in one walk over them. */
    public FoundValues inMessageAnnotations(KeyLookup keys) {
        return keys.in(messageAnnotations());
    }

    /** The annotations in the message-annotations section; empty when it is absent. */
    public AnnotationMap messageAnnotationMap() {
        if (messageAnnotationsEnd == deliveryAnnotationsEnd) {
            return AnnotationMap.EMPTY;
        }
        try {
            int mapAt = SectionReader.valueOffset(message, deliveryAnnotationsEnd, messageAnnotationsEnd);
            return AmqpValues.isNull(message, mapAt, messageAnnotationsEnd)
                    ? AnnotationMap.EMPTY
                    : new AnnotationMap(slice(mapAt, messageAnnotationsEnd));
        } catch (DecodeException e) {
            throw changed(e);
        }
    }

    /** The header section with its descriptor; empty when absent, like all the others. */
    public Slice header() {
        return slice(0, headerEnd);
    }

    public Slice deliveryAnnotations() {
        return slice(headerEnd, deliveryAnnotationsEnd);
    }

    public Slice messageAnnotations() {
        return slice(deliveryAnnotationsEnd, messageAnnotationsEnd);
    }

    public Slice properties() {
        return slice(messageAnnotationsEnd, propertiesEnd);
    }

    /** The application-properties section; only its type and size have been checked. */
    public Slice applicationProperties() {
        return slice(propertiesEnd, applicationPropertiesEnd);
    }

    /** All body sections; only their types and sizes have been checked. */
    public Slice body() {
        return slice(applicationPropertiesEnd, bodyEnd);
    }

    public BodyKind bodyKind() {
        return bodyKind;
    }

    /** The footer section; only its type and size have been checked. */
    public Slice footer() {
        return slice(bodyEnd, message.length);
    }

    /** The offset of a header field's value, or {@link FieldList#ABSENT}. */
    int headerField(int field) throws DecodeException {
        if (headerEnd == 0) {
            return FieldList.ABSENT;
        }
        return FieldList.find(message, SectionReader.valueOffset(message, 0, headerEnd), headerEnd, field);
    }

    /** The message was well formed when it was scanned. */
    static IllegalStateException changed(DecodeException e) {
        return new IllegalStateException("message changed after it was scanned", e);
    }

    private int propertiesField(int field) throws DecodeException {
        if (propertiesEnd == messageAnnotationsEnd) {
            return FieldList.ABSENT;
        }
        int listAt = SectionReader.valueOffset(message, messageAnnotationsEnd, propertiesEnd);
        return FieldList.find(message, listAt, propertiesEnd, field);
    }

    private boolean headerBoolean(int field) {
        try {
            int at = headerField(field);
            return at != FieldList.ABSENT && AmqpValues.readBoolean(message, at, headerEnd);
        } catch (DecodeException e) {
            throw changed(e);
        }
    }

    private Optional<String> propertiesString(int field) {
        try {
            int at = propertiesField(field);
            return at == FieldList.ABSENT
                    ? Optional.empty()
                    : Optional.of(AmqpValues.readString(message, at, propertiesEnd));
        } catch (DecodeException e) {
            throw changed(e);
        }
    }

    private Slice slice(int offset, int end) {
        return new Slice(message, offset, end - offset);
    }
}
