package io.sterna.amqp.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.amqp.codec.DecodeException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.apache.qpid.proton.amqp.messaging.AmqpSequence;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Section;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** AMQP 1.0 §3.2. */
class MessageSectionsTest {
    private static final HexFormat HEX = HexFormat.of();

    @Property(tries = 1000)
    void shouldReadWhatProtonWroteWhenWellFormed(@ForAll long seed) throws Exception {
        Message message = Messages.random(new Random(seed));
        byte[] bytes = Messages.encode(message);

        MessageSections sections = MessageSections.scan(bytes);

        assertThat(sections.message()).isSameAs(bytes);
        assertThat(sections.durable()).isEqualTo(message.isDurable());
        assertThat(sections.priority()).isEqualTo(message.getPriority() & 0xff);
        assertThat(sections.ttlMillis().orElse(0)).isEqualTo(message.getTtl());
        assertThat(sections.firstAcquirer()).isEqualTo(message.isFirstAcquirer());
        assertThat(sections.deliveryCount()).isEqualTo(message.getDeliveryCount());
        assertThat(sections.to()).isEqualTo(Optional.ofNullable(message.getAddress()));
        assertThat(sections.groupId()).isEqualTo(Optional.ofNullable(message.getGroupId()));
        assertThat(sections.absoluteExpiryTimeMillis().orElse(0)).isEqualTo(message.getExpiryTime());
        assertThat(sections.messageId().isPresent()).isEqualTo(message.getMessageId() != null);
        assertThat(sections.bodyKind()).isEqualTo(kind(message.getBody()));
        assertThat(sections.header().isEmpty()).isEqualTo(message.getHeader() == null);
        assertThat(sections.deliveryAnnotations().isEmpty()).isEqualTo(message.getDeliveryAnnotations() == null);
        assertThat(sections.messageAnnotations().isEmpty()).isEqualTo(message.getMessageAnnotations() == null);
        assertThat(sections.properties().isEmpty()).isEqualTo(message.getProperties() == null);
        assertThat(sections.applicationProperties().isEmpty()).isEqualTo(message.getApplicationProperties() == null);
        assertThat(sections.footer().isEmpty()).isEqualTo(message.getFooter() == null);
    }

    private static BodyKind kind(Section body) {
        return body instanceof Data
                ? BodyKind.DATA
                : body instanceof AmqpSequence
                        ? BodyKind.SEQUENCE
                        : body instanceof AmqpValue ? BodyKind.VALUE : BodyKind.NONE;
    }

    @Property(tries = 3000)
    void shouldThrowNothingButDecodeExceptionWhenMutated(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] bytes = Messages.encode(Messages.random(random));
        for (int mutations = random.nextInt(4); mutations > 0 && bytes.length > 0; mutations--) {
            bytes[random.nextInt(Math.min(bytes.length, 100))] = (byte) random.nextInt();
        }
        assertNothingButDecodeException(bytes);
    }

    @Property(tries = 3000)
    void shouldThrowNothingButDecodeExceptionWhenRandom(@ForAll @Size(max = 100) byte[] bytes) {
        assertNothingButDecodeException(bytes);
    }

    /** And what scans can be read and sent on. */
    private static void assertNothingButDecodeException(byte[] bytes) {
        MessageSections sections;
        try {
            sections = MessageSections.scan(bytes);
        } catch (DecodeException e) {
            assertThat(e.offset()).isBetween(0, bytes.length);
            return;
        }
        assertThat(sections.priority()).isBetween(0, 255);
        assertThat(sections.ttlMillis().orElse(0)).isNotNegative();
        assertThat(sections.to()).isNotNull();
        assertThat(sections.groupId()).isNotNull();
        assertThat(sections.messageId()).isNotNull();
        assertThat(sections.absoluteExpiryTimeMillis()).isNotNull();
        AnnotationMap additional = AnnotationMap.builder().putLong("k", 1).build();
        assertThat(OutgoingMessage.of(sections, 3, additional).length()).isPositive();
    }

    @Test
    void shouldFindEachSectionWhenAllAreThere() throws Exception {
        String header = "005370c0020141";
        String delivery = "005371c10100";
        String annotations = "005372c10502a3016b41";
        String properties = "005373c00803a1016940a10161";
        String application = "005374c10100";
        String data = "005375a00101" + "005375a00102";
        String footer = "005378c10100";
        MessageSections sections = MessageSections.scan(
                HEX.parseHex(header + delivery + annotations + properties + application + data + footer));

        assertThat(hex(sections.header())).isEqualTo(header);
        assertThat(hex(sections.deliveryAnnotations())).isEqualTo(delivery);
        assertThat(hex(sections.messageAnnotations())).isEqualTo(annotations);
        assertThat(hex(sections.properties())).isEqualTo(properties);
        assertThat(hex(sections.applicationProperties())).isEqualTo(application);
        assertThat(hex(sections.body())).isEqualTo(data);
        assertThat(hex(sections.footer())).isEqualTo(footer);
        assertThat(hex(sections.messageId().orElseThrow())).isEqualTo("a10169");
        assertThat(sections.to()).contains("a");
        assertThat(sections.durable()).isTrue();
        assertThat(sections.bodyKind()).isEqualTo(BodyKind.DATA);
    }

    @Test
    void shouldFindEachSectionWhenDescriptorsAreSymbols() throws Exception {
        String numbered = "00537045005371c10100005372c1010000537345005374c10100005375a000005378c10100";
        String named = symbol("header:list") + "45" + symbol("delivery-annotations:map") + "c10100"
                + symbol("message-annotations:map") + "c10100" + symbol("properties:list") + "45"
                + symbol("application-properties:map") + "c10100" + symbol("data:binary") + "a000"
                + symbol("footer:map") + "c10100";

        MessageSections sections = MessageSections.scan(HEX.parseHex(named));

        assertThat(MessageSections.scan(HEX.parseHex(numbered)).bodyKind()).isEqualTo(BodyKind.DATA);
        assertThat(hex(sections.footer())).isEqualTo(symbol("footer:map") + "c10100");
        assertThat(hex(sections.messageAnnotations())).isEqualTo(symbol("message-annotations:map") + "c10100");
        assertThat(MessageSections.scan(HEX.parseHex(symbol("amqp-value:*") + "40"))
                        .bodyKind())
                .isEqualTo(BodyKind.VALUE);
        assertThat(MessageSections.scan(HEX.parseHex(symbol("amqp-sequence:list") + "45"))
                        .bodyKind())
                .isEqualTo(BodyKind.SEQUENCE);
    }

    private static String symbol(String name) {
        byte[] bytes = ("amqp:" + name).getBytes(StandardCharsets.US_ASCII);
        return "00a3" + HEX.toHexDigits((byte) bytes.length) + HEX.formatHex(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        // No byte at all; header alone; no body section.
        "'', NONE",
        "00537045, NONE",
        "00537045005374c10100, NONE",
        // Symbolic and long descriptors (§1.3 allows both).
        "00a310616d71703a646174613a62696e617279a000, DATA",
        "00800000000000000077a10161, VALUE",
        // Several sequences; null as Proton-J writes it; a described value nested in a value.
        "00537645005376c0020140, SEQUENCE",
        "00537240005374400053754000537840, DATA",
        "00537700531f00530145, VALUE",
    })
    void shouldAcceptWhenUnusual(String hex, BodyKind kind) throws Exception {
        MessageSections sections = MessageSections.scan(HEX.parseHex(hex));

        assertThat(sections.bodyKind()).isEqualTo(kind);
        assertThat(sections.durable()).isFalse();
        assertThat(sections.priority()).isEqualTo(4);
        assertThat(sections.ttlMillis()).isEmpty();
        assertThat(sections.to()).isEmpty();
        assertThat(sections.messageAnnotationMap().isEmpty()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        // Order and multiplicity.
        "0053704500537045, header section is repeated or out of order at offset 4",
        "005374c1010000537045, header section is repeated or out of order",
        "0053774000537740, amqp-value section is repeated",
        "005375a00000537645, amqp-sequence section is repeated or out of order",
        "0053774000537345, properties section is repeated or out of order",
        "005378c10100005378c10100, footer section is repeated",
        "005378c10100005375a000, data section is repeated or out of order",
        // Not a section.
        "40, message section expected at offset 0",
        "00534045, descriptor 0x40 is not that of a message section",
        "00537945, descriptor 0x79 is not",
        "00a3016145, descriptor a is not",
        "00a1016145, must be a ulong or a symbol",
        "005375a000ff, unknown format code 0xff at offset 5",
        // Wrong content.
        "00537040, header section must hold a list",
        "005370c10100, header section must hold a list",
        "005373c10100, properties section must hold a list",
        "005371c00100, delivery-annotations section must hold a map",
        "00537245, annotations must be a map",
        "005372c10502a1016b41, key of an annotation must be a symbol or a ulong",
        "00537445, application-properties section must hold a map",
        "005374c1020140, application-properties section must hold keys with values",
        "00537545, data section must hold binary",
        "005376a000, amqp-sequence section must hold a list",
        "00537845, footer section must hold a map",
        "005370c003015001, boolean expected",
        "005370c00706404040404040, header section of 6 fields",
        "005373c00f0e4040404040404040404040404040, properties section of 14 fields",
        "005373c0020141, field 0 of the properties section has a wrong type",
        "005373c006034040a30161, field 2 of the properties section has a wrong type",
        // Sizes that are not true.
        "005375a002ff, size 2 exceeds",
        "005375b0ffffffff, size 4294967295 exceeds",
        "005377d0000000ff00000001, size 255 exceeds",
        "0053, needs 1 bytes",
        "005377, value missing",
        "005370c00502, size 5 exceeds",
        "005374c10103, exceeds the bytes",
    })
    void shouldRefuseWhenMalformed(String hex, String reason) {
        assertThatThrownBy(() -> MessageSections.scan(HEX.parseHex(hex)))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining(reason);
    }

    private static String hex(Slice slice) {
        return HEX.formatHex(slice.toByteArray());
    }
}
