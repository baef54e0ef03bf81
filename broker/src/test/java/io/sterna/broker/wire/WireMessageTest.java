package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.NULL;
import static io.sterna.broker.testing.Wire.binary;
import static io.sterna.broker.testing.Wire.bool;
import static io.sterna.broker.testing.Wire.join;
import static io.sterna.broker.testing.Wire.list;
import static io.sterna.broker.testing.Wire.map;
import static io.sterna.broker.testing.Wire.string;
import static io.sterna.broker.testing.Wire.symbol;
import static io.sterna.broker.testing.Wire.ubyte;
import static io.sterna.broker.testing.Wire.uint;
import static io.sterna.broker.testing.Wire.ulong;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.Wire;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages and what an intermediary makes of their sections (AMQP 1.0 §3.2). */
class WireMessageTest {
    private static final int HEADER = 0x70;
    private static final int DELIVERY_ANNOTATIONS = 0x71;
    private static final int MESSAGE_ANNOTATIONS = 0x72;
    private static final int PROPERTIES = 0x73;
    private static final int APPLICATION_PROPERTIES = 0x74;
    private static final int DATA = 0x75;
    private static final int SEQUENCE = 0x76;
    private static final int FOOTER = 0x78;

    @RegisterExtension
    static final WireBroker BROKER = new WireBroker();

    private static SectionsOf roundTrip(byte[] message) throws IOException {
        String address = WireBroker.address();
        WireSession session = BROKER.begin();
        session.fill(address, message);
        return SectionsOf.message(session.receiver(address).receiveWithCredit().message());
    }

    private static byte[] section(int code, byte[] value) {
        return join(new byte[] {0, 0x53, (byte) code}, value);
    }

    // ---- The bare message

    @ParameterizedTest(name = "{0}")
    @MethodSource("bareMessages")
    @DisplayName("§3.2: the bare message is delivered in the octets in which it came")
    void shouldNotChangeTheBareMessage(String what, byte[] message) throws IOException {
        assertThat(roundTrip(message).bare()).isEqualTo(message);
    }

    static Stream<Arguments> bareMessages() {
        byte[] text = Body.text("a body");
        byte[] data = section(DATA, binary(new byte[] {1, 2, 3}));
        byte[] sequence = section(SEQUENCE, list(uint(1), string("two")));
        byte[] names = map(string("a"), string("b"));
        Map<String, byte[]> all = new LinkedHashMap<>();
        all.put("amqp-value with null", Body.value(NULL));
        all.put("amqp-value with a string", text);
        all.put("amqp-value with a map", Body.value(map(string("k"), list(uint(1)))));
        all.put("amqp-value with a described value", Body.value(join(new byte[] {0}, symbol("a"), uint(1))));
        all.put("amqp-value with an array", Body.value(Wire.compound(0xf0, 2, new byte[] {0x50, 1, 2})));
        all.put("one data section", data);
        all.put("an empty data section", section(DATA, binary(new byte[0])));
        all.put("three data sections", join(data, data, data));
        all.put("one amqp-sequence", sequence);
        all.put("two amqp-sequences", join(sequence, sequence));
        all.put(
                "sections with symbols as descriptors",
                join(
                        join(new byte[] {0}, symbol("amqp:properties:list"), list(string("id"))),
                        join(new byte[] {0}, symbol("amqp:application-properties:map"), names),
                        join(new byte[] {0}, symbol("amqp:amqp-value:*"), string("x"))));
        all.put(
                "sections with ulongs of 8 octets as descriptors",
                join(
                        Body.section(PROPERTIES, list(string("id"))),
                        Body.section(APPLICATION_PROPERTIES, names),
                        Body.section(DATA, binary(new byte[] {7}))));
        all.put("properties without fields in a list0", join(section(PROPERTIES, new byte[] {0x45}), text));
        all.put(
                "properties with nulls at the end",
                join(section(PROPERTIES, list(string("id"), NULL, NULL, NULL)), text));
        all.put(
                "all properties, in their longest encodings",
                join(section(PROPERTIES, properties(string("id"))), text));
        all.put("a ulong as message-id", join(section(PROPERTIES, list(new byte[] {0x53, 7})), text));
        all.put("a long ulong as message-id", join(section(PROPERTIES, list(ulong(7))), text));
        all.put(
                "a uuid as message-id",
                join(section(PROPERTIES, list(join(new byte[] {(byte) 0x98}, new byte[16]))), text));
        all.put("a binary as message-id", join(section(PROPERTIES, list(binary(new byte[] {1}))), text));
        all.put("application properties without entries", join(section(APPLICATION_PROPERTIES, map()), text));
        all.put(
                "application properties of all kinds",
                join(section(APPLICATION_PROPERTIES, applicationProperties()), text));
        all.put(
                "properties and application properties",
                join(
                        section(PROPERTIES, properties(ulong(1))),
                        section(APPLICATION_PROPERTIES, applicationProperties()),
                        data));
        return all.entrySet().stream().map(it -> Arguments.of(it.getKey(), it.getValue()));
    }

    private static byte[] properties(byte[] messageId) {
        byte[] time = join(new byte[] {(byte) 0x83}, new byte[] {0, 0, 3, 0, 0, 0, 0, 0});
        return list(
                messageId,
                binary(new byte[] {1}),
                string("to"),
                string("subject"),
                string("reply-to"),
                string("correlation"),
                symbol("text/plain"),
                symbol("gzip"),
                time,
                time,
                string("group"),
                uint(0),
                string("reply-group"));
    }

    private static byte[] applicationProperties() {
        return map(
                string("null"), NULL,
                string("boolean"), new byte[] {0x56, 1},
                string("ubyte"), ubyte(1),
                string("uint"), uint(0),
                string("ulong"), ulong(0),
                string("int"), new byte[] {0x71, 0, 0, 0, 1},
                string("long"), new byte[] {(byte) 0x81, 0, 0, 0, 0, 0, 0, 0, 1},
                string("double"), new byte[] {(byte) 0x82, 0, 0, 0, 0, 0, 0, 0, 1},
                string("symbol"), symbol("x"),
                string("binary"), binary(new byte[] {1}),
                string("ü"), string("ü"));
    }

    @Test
    @DisplayName("§3.2: the bare message is the same when it is delivered again")
    void shouldNotChangeTheBareMessageWhenDeliveredAgain() throws IOException {
        byte[] message = join(
                section(PROPERTIES, properties(string("id"))),
                section(APPLICATION_PROPERTIES, applicationProperties()),
                Body.text("x"));
        String address = WireBroker.address();
        WireSession session = BROKER.begin();
        session.fill(address, join(section(HEADER, list(bool(true))), message));
        WireLink link = session.receiver(address);
        link.dispose(link.receiveWithCredit(), Body.MODIFIED_FAILED);
        assertThat(SectionsOf.message(link.receiveWithCredit().message()).bare())
                .isEqualTo(message);
    }

    @Test
    @DisplayName("§3.2.1: all sections together, in their order")
    void shouldDeliverTheBareMessageWhenThereAreAllSections() throws IOException {
        byte[] annotations = map(symbol("x-opt-sterna"), uint(1));
        byte[] bare = join(
                section(PROPERTIES, properties(string("id"))),
                section(APPLICATION_PROPERTIES, applicationProperties()),
                Body.text("x"));
        SectionsOf sections = roundTrip(join(
                section(HEADER, list(bool(true), ubyte(7), uint(1_000_000), bool(false), uint(0))),
                section(DELIVERY_ANNOTATIONS, annotations),
                section(MESSAGE_ANNOTATIONS, annotations),
                bare,
                section(FOOTER, annotations)));
        assertThat(sections.bare()).isEqualTo(bare);
    }

    // ---- Annotations

    @ParameterizedTest(name = "{0}")
    @MethodSource("annotations")
    @DisplayName("§3.2.3: message annotations are propagated")
    void shouldPropagateMessageAnnotations(String what, byte[] value) throws IOException {
        SectionsOf sections =
                roundTrip(join(section(MESSAGE_ANNOTATIONS, map(symbol("x-opt-sterna"), value)), Body.text("x")));
        assertThat(sections.messageAnnotations()).containsKey(Symbol.valueOf("x-opt-sterna"));
        SectionsOf sent = SectionsOf.message(
                join(section(MESSAGE_ANNOTATIONS, map(symbol("x-opt-sterna"), value)), Body.text("x")));
        assertThat(sections.messageAnnotations()).containsAllEntriesOf(sent.messageAnnotations());
    }

    static Stream<Arguments> annotations() {
        return Stream.of(
                Arguments.of("a string", string("value")),
                Arguments.of("a number", ulong(7)),
                Arguments.of("a list", list(uint(1), string("two"))),
                Arguments.of("a map", map(symbol("k"), uint(1))),
                Arguments.of("null", NULL));
    }

    /** Sterna passes them on: docs/decisions/0015. */
    @Test
    @Tag("deviation")
    @DisplayName(
            "§3.2.10: annotations that are not known and do not begin with x-opt- detach the link with not-implemented")
    void shouldDetachWhenAnAnnotationIsUnknown() throws IOException {
        WireSession session = BROKER.begin();
        WireLink link = session.sender(WireBroker.address());
        link.send(join(section(MESSAGE_ANNOTATIONS, map(symbol("x-sterna"), uint(1))), Body.text("x")));
        Object answer = session.client()
                .awaitFrame(
                        frame -> frame.performative() instanceof Detach || frame.performative() instanceof Disposition)
                .performative();
        assertThat(answer).isInstanceOf(Detach.class);
        assertThat((Object) ((Detach) answer).getError().getCondition()).hasToString("amqp:not-implemented");
    }

    // ---- The header

    @Test
    @DisplayName("§3.2.1: on first delivery the delivery-count is 0")
    void shouldCountNoDeliveriesWhenAMessageIsDeliveredFirst() throws IOException {
        assertThat(roundTrip(Body.text("x")).deliveryCount()).isZero();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"no header", "an empty header", "a header of defaults", "a header with a list8"})
    @DisplayName("§3.2.1: the header's fields have defaults")
    void shouldTakeMessagesWhateverTheirHeader(String what) throws IOException {
        byte[] header =
                switch (what) {
                    case "no header" -> new byte[0];
                    case "an empty header" -> section(HEADER, new byte[] {0x45});
                    case "a header of defaults" ->
                        section(HEADER, list(bool(false), ubyte(4), NULL, bool(false), uint(0)));
                    default -> section(HEADER, new byte[] {(byte) 0xc0, 4, 2, 0x41, 0x50, 9});
                };
        SectionsOf sections = roundTrip(join(header, Body.text("x")));
        assertThat(sections.bare()).isEqualTo(Body.text("x"));
        assertThat(sections.priority()).isEqualTo(UnsignedByte.valueOf((byte) (what.endsWith("list8") ? 9 : 4)));
    }

    @Test
    @DisplayName("§3.2.1: what has outlived its time is not delivered")
    void shouldNotDeliverWhenTheTimeToLiveIsOver() throws IOException {
        String address = WireBroker.address();
        WireSession session = BROKER.begin();
        session.fill(address, join(section(HEADER, list(NULL, NULL, uint(1))), Body.text("short-lived")));
        // Other messages go round meanwhile, for much more than a millisecond.
        for (int i = 0; i < 20; i++) {
            roundTrip(Body.text("meanwhile"));
        }
        session.fill(address, Body.text("alive"));
        assertThat(session.receiver(address).receiveWithCredit().message()).endsWith(Body.text("alive"));
    }
}
