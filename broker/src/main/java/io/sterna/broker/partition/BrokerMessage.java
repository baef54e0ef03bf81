package io.sterna.broker.partition;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.AnnotationMap;
import io.sterna.amqp.message.KeyLookup;
import io.sterna.amqp.message.MessageSections;
import io.sterna.amqp.message.OutgoingMessage;
import io.sterna.amqp.message.PropertiesField;
import io.sterna.amqp.message.Slice;
import io.sterna.broker.queue.MessageTraits;
import io.sterna.broker.queue.QueueMessage;
import io.sterna.broker.selector.Selector;
import io.sterna.store.Lane;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A message as it came, with its sections located when it is of format 0. Immutable; passed between loops.
 *
 * <p>In the store a message of format 0 is the very bytes that came; they begin with 0x00, as every section does.
 * Others are kept behind a prefix:
 *
 * <pre>
 * +------+---------------+----------------
 * | 0x01 | format, 4     | bytes as they came …
 * +------+---------------+----------------
 * </pre>
 */
public final class BrokerMessage implements QueueMessage {
    /**
     * What fits into a record of the journal, with room for what is added on the way: to a dead letter, by a commit.
     */
    static final long MAX_BYTES = Lane.MAX_RECORD_BYTES - 1024 * 1024;

    private static final byte OTHER_FORMAT = 0x01;
    private static final int JMS_TOPIC = 1;
    private static final int JMS_TEMPORARY_TOPIC = 3;
    private static final int PREFIX_BYTES = 5;

    private static final long MAX_UINT = 0xffff_ffffL;

    private final byte[] bytes;
    private final int format;
    private final @Nullable MessageSections sections;
    private final @Nullable SharedPayload shared;

    private BrokerMessage(byte[] bytes, int format, @Nullable MessageSections sections) {
        this(bytes, format, sections, null);
    }

    private BrokerMessage(
            byte[] bytes, int format, @Nullable MessageSections sections, @Nullable SharedPayload shared) {
        this.bytes = bytes;
        this.format = format;
        this.sections = sections;
        this.shared = shared;
    }

    /** The same, for several queues that have it in memory together. */
    BrokerMessage sharedIn(LoopMemory memory) {
        return new BrokerMessage(bytes, format, sections, new SharedPayload(memory, bytes.length));
    }

    /** A message that a producer has sent; throws when it is of format 0 and its sections are not well formed. */
    public static BrokerMessage received(byte[] bytes, int format) throws DecodeException {
        return new BrokerMessage(bytes, format, format == 0 ? MessageSections.scan(bytes) : null);
    }

    /** A message as {@link #stored()} gave it. */
    static BrokerMessage stored(byte[] stored) throws DecodeException {
        if (stored.length < PREFIX_BYTES || stored[0] != OTHER_FORMAT) {
            return received(stored, 0);
        }
        int format = (stored[1] & 0xff) << 24 | (stored[2] & 0xff) << 16 | (stored[3] & 0xff) << 8 | (stored[4] & 0xff);
        return new BrokerMessage(Arrays.copyOfRange(stored, PREFIX_BYTES, stored.length), format, null);
    }

    byte[] stored() {
        if (format == 0) {
            return bytes;
        }
        byte[] stored = new byte[PREFIX_BYTES + bytes.length];
        stored[0] = OTHER_FORMAT;
        stored[1] = (byte) (format >> 24);
        stored[2] = (byte) (format >> 16);
        stored[3] = (byte) (format >> 8);
        stored[4] = (byte) format;
        System.arraycopy(bytes, 0, stored, PREFIX_BYTES, bytes.length);
        return stored;
    }

    /** The message format (AMQP 1.0 §2.8.11). */
    public int format() {
        return format;
    }

    /** Whether it has to be stored: as its header says, and always when we can't read it. */
    public boolean durable() {
        return sections == null || sections.durable();
    }

    /**
     * What a queue has to know of it. A message that we can't read says nothing.
     *
     * @param nowMillis when it arrived, since 1970-01-01T00:00Z, for times that it gives in relation to its arrival
     */
    public MessageTraits traits(long nowMillis) {
        if (sections == null) {
            return MessageTraits.DEFAULT;
        }
        // AMQP 1.0 §3.2.1: with n levels of priority, those from 4 + floor(n / 2) on are one.
        int priority = Math.min(sections.priority(), MessageTraits.MAX_PRIORITY);
        long expiresAtMillis = expiresAtMillis(sections, nowMillis);
        long deliverAtMillis = deliverAtMillis(sections, nowMillis);
        String groupId = sections.groupId().orElse("");
        boolean ordinary = priority == MessageTraits.DEFAULT_PRIORITY
                && expiresAtMillis == 0
                && deliverAtMillis == 0
                && groupId.isEmpty();
        return ordinary
                ? MessageTraits.DEFAULT
                : new MessageTraits(priority, expiresAtMillis, deliverAtMillis, groupId);
    }

    /**
     * AMQP 1.0 §3.2.1 (ttl), §3.2.4 (absolute-expiry-time): whichever comes first. A time of 0, or before, is what
     * clients write that mean none.
     */
    private static long expiresAtMillis(MessageSections sections, long nowMillis) {
        long absolute = Math.max(sections.absoluteExpiryTimeMillis().orElse(0), 0);
        long ttlMillis = sections.ttlMillis().orElse(0);
        if (ttlMillis == 0) {
            return absolute;
        }
        return absolute == 0 ? nowMillis + ttlMillis : Math.min(absolute, nowMillis + ttlMillis);
    }

    private static long deliverAtMillis(MessageSections sections, long nowMillis) {
        AnnotationMap annotations = sections.messageAnnotationMap();
        long time = annotations.integer("x-opt-delivery-time").orElse(0);
        if (time > 0) {
            return time;
        }
        long delayMillis = annotations.integer("x-opt-delivery-delay").orElse(0);
        return delayMillis <= 0 ? 0 : saturatedSum(nowMillis, delayMillis);
    }

    private static long saturatedSum(long nowMillis, long delayMillis) {
        return delayMillis > Long.MAX_VALUE - nowMillis ? Long.MAX_VALUE : nowMillis + delayMillis;
    }

    /** Whether a selector matches; to it, all properties of a message that we can't read are null. */
    boolean matches(Selector selector) {
        return selector.matches(sections == null ? MessageSections.EMPTY : sections);
    }

    /** What JMS clients take its destination for, as their annotation says; empty when there is none. */
    public Optional<NodeKind> destinationKind() {
        if (sections == null) {
            return Optional.empty();
        }
        OptionalLong type = sections.messageAnnotationMap().integer("x-opt-jms-dest");
        if (type.isEmpty()) {
            return Optional.empty();
        }
        boolean topic = type.getAsLong() == JMS_TOPIC || type.getAsLong() == JMS_TEMPORARY_TOPIC;
        return Optional.of(topic ? NodeKind.TOPIC : NodeKind.QUEUE);
    }

    /** The value of a message annotation, else of an application property; empty when it has neither. */
    Optional<Object> value(KeyLookup key) {
        if (sections == null) {
            return Optional.empty();
        }
        MessageSections located = sections;
        return located.inMessageAnnotations(key).value(0).or(() -> located.inApplicationProperties(key)
                .value(0));
    }

    /**
     * What tells it from other messages; empty when nothing does.
     *
     * @param annotation where to look for it instead of the message-id
     */
    Optional<byte[]> id(Optional<KeyLookup> annotation) {
        if (sections == null) {
            return Optional.empty();
        }
        if (annotation.isEmpty()) {
            return sections.messageId().map(Slice::toByteArray);
        }
        return sections.inMessageAnnotations(annotation.get()).value(0).map(value -> value.toString()
                .getBytes(UTF_8));
    }

    /** Its message-id as a text, binary as hexadecimal digits; empty when it has none. */
    Optional<String> messageIdText() {
        return sections == null
                ? Optional.empty()
                : sections.property(PropertiesField.MESSAGE_ID)
                        .map(id -> id instanceof byte[] binary ? HexFormat.of().formatHex(binary) : id.toString());
    }

    /** The address it is meant for, when it says so. */
    public Optional<String> to() {
        return sections == null ? Optional.empty() : sections.to();
    }

    /**
     * The message for one delivery.
     *
     * @param failedDeliveries failed attempts here, added to those that it came with (AMQP 1.0 §3.2.1)
     * @param expiresAtMillis when it expires in its queue, since 1970-01-01T00:00Z; 0 for never
     * @param annotations to be merged into its own
     */
    OutgoingMessage outgoing(int failedDeliveries, long expiresAtMillis, long nowMillis, AnnotationMap annotations) {
        if (sections == null) {
            return OutgoingMessage.untouched(bytes);
        }
        OptionalLong ttlMillis = ttlMillis(sections, expiresAtMillis, nowMillis);
        boolean same = failedDeliveries == 0 && annotations.isEmpty() && ttlMillis.equals(sections.ttlMillis());
        if (same && !sections.firstAcquirer() && !hasDeliveryAnnotations(sections)) {
            return OutgoingMessage.untouched(bytes);
        }
        return OutgoingMessage.of(
                sections, Math.min(sections.deliveryCount() + failedDeliveries, MAX_UINT), ttlMillis, annotations);
    }

    /**
     * What its header is to say, also where a policy has given it another time than it came with; 0 would be for ever.
     */
    private static OptionalLong ttlMillis(MessageSections sections, long expiresAtMillis, long nowMillis) {
        OptionalLong asked = sections.ttlMillis();
        if (expiresAtMillis == 0) {
            return asked;
        }
        boolean saidElsewhere =
                asked.isEmpty() && sections.absoluteExpiryTimeMillis().orElse(0) == expiresAtMillis;
        return saidElsewhere ? asked : OptionalLong.of(Math.max(1, Math.min(expiresAtMillis - nowMillis, MAX_UINT)));
    }

    private static boolean hasDeliveryAnnotations(MessageSections sections) {
        return !sections.deliveryAnnotations().isEmpty();
    }

    /**
     * A copy that has these changes in it for good, and lives for ever as far as its header says. It is for another
     * queue, and shared with none.
     */
    BrokerMessage changed(int failedDeliveries, AnnotationMap annotations) {
        return sections == null
                ? new BrokerMessage(bytes, format, null)
                : copyOf(OutgoingMessage.of(
                        sections,
                        Math.min(sections.deliveryCount() + failedDeliveries, MAX_UINT),
                        OptionalLong.empty(),
                        annotations));
    }

    private BrokerMessage copyOf(OutgoingMessage outgoing) {
        byte[] copy = new byte[outgoing.length()];
        outgoing.copyTo(0, copy, 0, copy.length);
        try {
            return received(copy, format);
        } catch (DecodeException ourOwnDefect) {
            throw new IllegalStateException(ourOwnDefect);
        }
    }

    /** Where it was spilled for another queue that has it in memory, too. */
    Optional<SpillChunk> spilled() {
        return shared == null ? Optional.empty() : shared.spilled();
    }

    void onSpilled(SpillChunk chunk) {
        if (shared != null) {
            shared.onSpilled(chunk);
        }
    }

    @Override
    public int sizeBytes() {
        return bytes.length;
    }

    @Override
    public void onHeld() {
        if (shared != null) {
            shared.onHeld();
        }
    }

    @Override
    public void onLetGo() {
        if (shared != null) {
            shared.onLetGo();
        }
    }
}
