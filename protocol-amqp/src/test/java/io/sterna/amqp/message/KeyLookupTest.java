package io.sterna.amqp.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.codec.DecodeException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.message.Message;

/** Looking keys up in application-properties (AMQP 1.0 §3.2.5) and annotations (§3.2.10), and reading properties (§3.2.4). */
class KeyLookupTest {
    private static final UUID SOME_UUID = UUID.fromString("6e2c3c1e-4c0c-4a53-93d6-111111111111");

    private static MessageSections sections(Message message) {
        try {
            return MessageSections.scan(Messages.encode(message));
        } catch (DecodeException e) {
            throw new AssertionError(e);
        }
    }

    private static MessageSections withProperties(Map<String, Object> properties) {
        Message message = Message.Factory.create();
        message.setApplicationProperties(new ApplicationProperties(properties));
        return sections(message);
    }

    private static Object read(Object value) {
        FoundValues found = withProperties(Map.of("key", value)).inApplicationProperties(KeyLookup.of(List.of("key")));
        return found.value(0).orElseThrow();
    }

    @Example
    void shouldReadValuesAsSmallestJavaTypeThatHoldsThem() {
        assertThat(read(true)).isEqualTo(true);
        assertThat(read(false)).isEqualTo(false);
        assertThat(read((byte) -7)).isEqualTo(-7);
        assertThat(read((short) -300)).isEqualTo(-300);
        assertThat(read(5)).isEqualTo(5);
        assertThat(read(Integer.MIN_VALUE)).isEqualTo(Integer.MIN_VALUE);
        assertThat(read(5L)).isEqualTo(5L);
        assertThat(read(Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE);
        assertThat(read(UnsignedByte.valueOf((byte) -1))).isEqualTo(255);
        assertThat(read(UnsignedShort.valueOf((short) -1))).isEqualTo(65_535);
        assertThat(read(UnsignedInteger.ZERO)).isEqualTo(0L);
        assertThat(read(UnsignedInteger.valueOf(200))).isEqualTo(200L);
        assertThat(read(UnsignedInteger.valueOf(-1))).isEqualTo(4_294_967_295L);
        assertThat(read(UnsignedLong.ZERO)).isEqualTo(0L);
        assertThat(read(UnsignedLong.valueOf(200))).isEqualTo(200L);
        assertThat(read(UnsignedLong.valueOf(-1L))).isEqualTo(new BigInteger("18446744073709551615"));
        assertThat(read(1.5f)).isEqualTo(1.5f);
        assertThat(read(1.5)).isEqualTo(1.5);
        assertThat(read('é')).isEqualTo("é");
        assertThat(read("text")).isEqualTo("text");
        assertThat(read("t".repeat(1000))).isEqualTo("t".repeat(1000));
        assertThat(read(Symbol.valueOf("symbol"))).isEqualTo("symbol");
        assertThat(read(SOME_UUID)).isEqualTo(SOME_UUID);
        assertThat((byte[]) read(new Binary(new byte[] {1, 2}))).containsExactly(1, 2);
    }

    @Example
    void shouldFindSeveralKeysInOneWalk() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("a", 1);
        properties.put("b", null);
        properties.put("aa", "text");
        properties.put("list", List.of(1, 2));
        properties.put("ключ", 4L);

        FoundValues found = withProperties(properties)
                .inApplicationProperties(KeyLookup.of(List.of("ключ", "absent", "b", "aa", "a", "list")));

        assertThat(found.value(0)).contains(4L);
        assertThat(found.value(1)).isEmpty();
        assertThat(found.isPresent(1)).isFalse();
        assertThat(found.value(2)).isEmpty();
        assertThat(found.isPresent(2)).isFalse();
        assertThat(found.value(3)).contains("text");
        assertThat(found.isText(3)).isTrue();
        assertThat(found.isText(3, "text".getBytes(StandardCharsets.UTF_8))).isTrue();
        assertThat(found.isText(3, "tex".getBytes(StandardCharsets.UTF_8))).isFalse();
        assertThat(found.value(4)).contains(1);
        assertThat(found.isText(4)).isFalse();
        assertThat(found.isPresent(5)).isTrue();
        assertThat(found.value(5)).isEmpty();
    }

    @Example
    void shouldFindAnnotationsByTheirSymbols() {
        Message message = Message.Factory.create();
        message.setMessageAnnotations(new MessageAnnotations(Map.of(Symbol.valueOf("x-opt-a"), "why")));

        FoundValues found = sections(message).inMessageAnnotations(KeyLookup.of(List.of("x-opt-a")));

        assertThat(found.value(0)).contains("why");
    }

    @Example
    void shouldFindNothingWhenSectionIsAbsent() {
        FoundValues found = sections(Message.Factory.create()).inApplicationProperties(KeyLookup.of(List.of("a")));

        assertThat(found.value(0)).isEmpty();
        assertThat(found.isPresent(0)).isFalse();
        assertThat(found.isText(0)).isFalse();
    }

    @Example
    void shouldReadFieldsOfProperties() {
        Message message = Message.Factory.create();
        message.setMessageId(SOME_UUID);
        message.setUserId(new byte[] {1});
        message.setAddress("to");
        message.setSubject("subject");
        message.setReplyTo("reply");
        message.setCorrelationId("correlation");
        message.setContentType("type");
        message.setContentEncoding("encoding");
        message.setExpiryTime(5);
        message.setCreationTime(6);
        message.setGroupId("group");
        message.setGroupSequence(7);
        message.setReplyToGroupId("reply group");

        MessageSections sections = sections(message);

        assertThat(List.of(PropertiesField.values()).stream()
                        .filter(field -> field != PropertiesField.USER_ID)
                        .map(sections::property)
                        .map(Optional::orElseThrow))
                .containsExactly(
                        SOME_UUID,
                        "to",
                        "subject",
                        "reply",
                        "correlation",
                        "type",
                        "encoding",
                        5L,
                        6L,
                        "group",
                        7L,
                        "reply group");
        assertThat((byte[]) sections.property(PropertiesField.USER_ID).orElseThrow())
                .containsExactly(1);
    }

    /** Only type and size of the section have been checked when it is walked over. */
    @Property(tries = 5_000)
    void shouldEndWhenPropertiesAreArbitraryBytes(@ForAll @Size(max = 40) byte[] items) throws DecodeException {
        byte[] message = new byte[6 + items.length];
        System.arraycopy(new byte[] {0, 0x53, 0x74, (byte) 0xc1, (byte) (items.length + 1)}, 0, message, 0, 5);
        System.arraycopy(items, 0, message, 6, items.length);
        message[5] = (byte) (items.length & ~1);

        FoundValues found = MessageSections.scan(message).inApplicationProperties(KeyLookup.of(List.of("", "a")));

        for (int index = 0; index < 2; index++) {
            if (found.value(index).isPresent()) {
                assertThat(found.isPresent(index)).isTrue();
            }
        }
    }
}
