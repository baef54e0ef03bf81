package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.NULL;
import static io.sterna.broker.testing.Wire.binary;
import static io.sterna.broker.testing.Wire.bool;
import static io.sterna.broker.testing.Wire.join;
import static io.sterna.broker.testing.Wire.octets;
import static io.sterna.broker.testing.Wire.small;
import static io.sterna.broker.testing.Wire.string;
import static io.sterna.broker.testing.Wire.symbol;
import static io.sterna.broker.testing.Wire.uint;
import static io.sterna.broker.testing.Wire.ulong;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.Wire;
import io.sterna.broker.wire.WireLink.Delivery;
import java.io.IOException;
import java.util.stream.Stream;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.End;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All encodings of a value are that value (AMQP 1.0 §1.2, §1.4, §1.6). */
class WireTypesTest {
    @RegisterExtension
    static final WireBroker BROKER = new WireBroker();

    // ---- Descriptors

    static Stream<Arguments> descriptors() {
        String[] names = {"open", "begin", "attach", "flow", "transfer", "disposition", "detach", "end", "close"};
        return Stream.of("ulong of 8 octets", "sym8", "sym32")
                .flatMap(kind -> Stream.of(names).map(name -> Arguments.of(name, kind)));
    }

    /** What it says in place of a performative that is named so, and otherwise the performative. */
    private static byte[] frame(Body body, String name, String named, String kind, byte[] payload) {
        if (!name.equals(named)) {
            return Wire.frame(0, join(body.octets(), payload));
        }
        String symbol = "amqp:" + name + ":list";
        byte[] descriptor =
                switch (kind) {
                    case "sym8" -> join(octets(0xa3, symbol.length()), symbol.getBytes(US_ASCII));
                    case "sym32" -> symbol(symbol);
                    default -> ulong(body.code());
                };
        return Wire.frame(0, join(body.octets(descriptor), payload));
    }

    @ParameterizedTest(name = "{0} with {1}")
    @MethodSource("descriptors")
    @DisplayName("§1.2, §1.6: descriptors are ulongs in any encoding, or symbols")
    void shouldUnderstandPerformativesWhateverTheirDescriptors(String named, String kind) throws IOException {
        WireClient client = BROKER.connect();
        String address = WireBroker.address();
        byte[] none = new byte[0];
        client.send(Wire.AMQP_HEADER, frame(Body.open(client.containerId()), "open", named, kind, none));
        client.answerToOpen();
        client.send(frame(Body.begin(), "begin", named, kind, none));
        WireSession session = client.mapped(0);
        client.send(frame(Body.sender("to", 0, Body.target(address)), "attach", named, kind, none));
        session.attached("to", 0).awaitCredit();
        client.send(frame(Body.transfer(0, 0), "transfer", named, kind, Body.text("x")));
        session.accepted(0);
        client.send(frame(Body.receiver("from", 1, Body.source(address)), "attach", named, kind, none));
        WireLink receiver = session.attached("from", 1);
        Body credit = Body.flow(session.nextIncomingId(), 1)
                .with(4, uint(1))
                .with(5, uint(receiver.deliveryCount()))
                .with(6, uint(1));
        client.send(frame(credit, "flow", named, kind, none));
        Delivery delivery = receiver.receive();
        Body accept = Body.disposition(true, delivery.id(), delivery.id(), true, Body.ACCEPTED);
        client.send(frame(accept, "disposition", named, kind, none));
        client.send(frame(Body.detach(1, true), "detach", named, kind, none));
        session.detached(receiver.theirHandle());
        client.send(frame(Body.end(), "end", named, kind, none));
        client.await(End.class);
        client.send(frame(Body.close(), "close", named, kind, none));
        assertThat(client.closed()).isEmpty();
        assertThat(BROKER.begin().receiver(address).drain()).isEmpty();
    }

    @Test
    @DisplayName("§1.2: so are those of termini and outcomes")
    void shouldUnderstandTerminiAndOutcomesWhenTheirDescriptorsAreSymbols() throws IOException {
        WireSession session = BROKER.begin();
        String address = WireBroker.address();
        session.fill(address, Body.text("x"));
        Body source = Body.source(address);
        Body attach = Body.receiver("symbols", 9, source)
                .with(5, source.octets(symbol("amqp:source:list")))
                .with(6, Body.of(0x29).octets(symbol("amqp:target:list")));
        WireLink link = session.attach("symbols", 9, attach);
        Delivery delivery = link.receiveWithCredit();
        link.dispose(delivery, Body.of(0x24).octets(symbol("amqp:accepted:list")));
        link.close();
        assertThat(BROKER.begin().receiver(address).drain()).isEmpty();
    }

    // ---- Lists

    @ParameterizedTest
    @ValueSource(strings = {"list0", "list8", "list32", "with a null"})
    @DisplayName("§1.6.22: an empty list has several encodings")
    void shouldUnderstandEmptyListsWhateverTheirEncoding(String encoding) throws IOException {
        byte[] empty =
                switch (encoding) {
                    case "list0" -> octets(0x45);
                    case "list8" -> octets(0xc0, 1, 0);
                    case "list32" -> octets(0xd0, 0, 0, 0, 4, 0, 0, 0, 0);
                    default -> small(0xc0, 1, NULL);
                };
        WireClient client = BROKER.open();
        client.begin();
        client.send(Wire.frame(0, join(octets(0, 0x53, 0x17), empty)));
        client.await(End.class);
        client.send(Wire.frame(0, join(octets(0, 0x53, 0x18), empty)));
        client.await(Close.class);
    }

    @Test
    @DisplayName("§1.6.22: a performative may be a list8")
    void shouldUnderstandPerformativesWhenTheyAreShort() throws IOException {
        WireClient client = BROKER.connect();
        byte[] open = join(octets(0, 0x53, 0x10), small(0xc0, 1, string(client.containerId())));
        byte[] begin = join(octets(0, 0x53, 0x11), small(0xc0, 4, NULL, octets(0x43), uint(10), octets(0x52, 10)));
        client.send(Wire.AMQP_HEADER, Wire.frame(0, open), Wire.frame(0, begin));
        client.answerToOpen();
        client.mapped(0);
    }

    @Test
    @DisplayName("§1.4: fields at the end may be left out or null")
    void shouldUnderstandPerformativesWhenAllFieldsAreThere() throws IOException {
        WireClient client = BROKER.connect();
        client.open(Body.open(client.containerId()).with(9, NULL));
        WireSession session = client.begin(0, Body.begin().with(7, NULL));
        Body attach = Body.sender("nulls", 0, Body.target(WireBroker.address())).with(13, NULL);
        session.attach("nulls", 0, attach).awaitCredit();
        session.sendTransfer(Body.transfer(0, 0).with(10, NULL), Body.text("x"));
        session.accepted(0);
        session.send(Body.detach(0, true).with(2, NULL));
        session.detached(0);
    }

    // ---- Scalars

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"uint0", "smalluint", "uint"})
    @DisplayName("§1.6.5: a uint has three encodings")
    void shouldUnderstandAUintWhateverItsEncoding(String encoding) throws IOException {
        byte[] zero =
                switch (encoding) {
                    case "uint0" -> octets(0x43);
                    case "smalluint" -> octets(0x52, 0);
                    default -> uint(0);
                };
        String address = WireBroker.address();
        WireSession session = BROKER.open().begin(0, Body.begin().with(1, zero));
        Body attach = Body.sender("uint", 0, Body.target(address)).with(1, zero).with(9, zero);
        session.attach("uint", 0, attach).awaitCredit();
        session.sendTransfer(Body.transfer(0, 0).with(0, zero).with(1, zero).with(3, zero), Body.text("x"));
        session.accepted(0);
        assertThat(session.receiver(address).drain()).hasSize(1);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"true", "false", "octet 1", "octet 0"})
    @DisplayName("§1.6.2: a boolean has two encodings each")
    void shouldUnderstandABooleanWhateverItsEncoding(String encoding) throws IOException {
        boolean settled = encoding.equals("true") || encoding.equals("octet 1");
        byte[] value = encoding.startsWith("octet") ? octets(0x56, settled ? 1 : 0) : bool(settled);
        byte[] no = encoding.startsWith("octet") ? octets(0x56, 0) : bool(false);
        String address = WireBroker.address();
        WireSession session = BROKER.begin();
        Body attach = Body.sender("bool", 0, Body.target(address)).with(2, no);
        WireLink link = session.attach("bool", 0, attach);
        link.awaitCredit();
        session.sendTransfer(Body.transfer(0, 0).with(4, value).with(5, no), Body.text("x"));
        if (settled) {
            session.awaitAnotherLink();
        } else {
            session.accepted(0);
        }
        link.awaitCredit();
        session.sendTransfer(Body.transfer(0, 1), Body.text("y"));
        session.accepted(1);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"str8", "str32"})
    @DisplayName("§1.6.20, §1.6.19: strings and binaries have two encodings")
    void shouldUnderstandStringsAndBinariesWhateverTheirEncoding(String encoding) throws IOException {
        boolean small = encoding.equals("str8");
        WireSession session = BROKER.begin();
        String address = WireBroker.address();
        byte[] text = address.getBytes(US_ASCII);
        byte[] encoded = small ? join(octets(0xa1, text.length), text) : string(address);
        byte[] tag = small ? octets(0xa0, 2, 1, 2) : binary(octets(1, 2));
        Body attach = Body.sender("", 0, Body.target(address).with(0, encoded)).with(0, encoded);
        session.attach(address, 0, attach).awaitCredit();
        session.sendTransfer(Body.transfer(0, 0).with(2, tag), Body.text("x"));
        session.accepted(0);
        assertThat(session.receiver(address).drain()).hasSize(1);
    }

    // ---- Multiple values

    @ParameterizedTest(name = "{0}")
    @MethodSource("multiples")
    @DisplayName("§1.4: a field with multiple values holds null, one value, or an array")
    void shouldUnderstandMultipleValuesWhateverTheirEncoding(String what, byte[] value) throws IOException {
        WireClient client = BROKER.connect();
        client.open(Body.open(client.containerId()).with(7, value).with(8, value));
        WireSession session = client.begin(0, Body.begin().with(5, value).with(6, value));
        Body attach = Body.sender("multiple", 0, Body.target(WireBroker.address()))
                .with(11, value)
                .with(12, value);
        session.attach("multiple", 0, attach).awaitCredit();
    }

    static Stream<Arguments> multiples() {
        return Stream.of(
                Arguments.of("null", NULL),
                Arguments.of("a symbol", symbol("sterna:a")),
                Arguments.of("array8 of one", small(0xe0, 1, octets(0xa3, 1, 'a'))),
                Arguments.of("array8 of sym8", small(0xe0, 2, octets(0xa3, 1, 'a', 1, 'b'))),
                Arguments.of("array8 of sym32", small(0xe0, 1, octets(0xb3, 0, 0, 0, 1, 'a'))),
                Arguments.of("array32 of sym8", Wire.compound(0xf0, 2, octets(0xa3, 1, 'a', 1, 'b'))),
                Arguments.of("array32 of sym32", Wire.compound(0xf0, 1, octets(0xb3, 0, 0, 0, 1, 'a'))),
                Arguments.of("empty array", small(0xe0, 0, octets(0xa3))));
    }
}
