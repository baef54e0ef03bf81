package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.NULL;
import static io.sterna.broker.testing.Wire.bool;
import static io.sterna.broker.testing.Wire.described;
import static io.sterna.broker.testing.Wire.join;
import static io.sterna.broker.testing.Wire.list;
import static io.sterna.broker.testing.Wire.string;
import static io.sterna.broker.testing.Wire.uint;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames, and frame bodies that are none (AMQP 1.0 §2.3, §2.7, §1.4). */
class WireFrameTest {
    @RegisterExtension
    static final WireBroker BROKER = new WireBroker();

    @ParameterizedTest
    @ValueSource(ints = {3, 10, 255})
    @DisplayName("§2.3.1: the body is where the data offset says")
    void shouldFindTheBodyWhenThereIsAnExtendedHeader(int words) throws IOException {
        WireClient client = BROKER.open();
        byte[] body = Body.begin().octets();
        client.send(Wire.frameHeader(4 * words + body.length, words, 0), new byte[4 * words - 8], body);
        client.mapped(0);
    }

    @Test
    @DisplayName("§2.3: frames come in any pieces")
    void shouldReadFramesWhenTheyComeOctetByOctet() throws IOException {
        WireClient client = BROKER.open();
        for (byte octet : Body.begin().frame(0)) {
            client.send(new byte[] {octet});
        }
        client.mapped(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @DisplayName("§2.3.1: a frame whose data offset is less than 2 is malformed, and the connection is closed for it")
    void shouldCloseWithAnErrorWhenTheDataOffsetIsTooSmall(int words) throws IOException {
        byte[] body = Body.begin().octets();
        assertClosesWithAnErrorFor(Wire.frameHeader(8 + body.length, words, 0), body);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 7})
    @DisplayName("§2.3.1: a frame whose size is less than 8 is malformed, and the connection is closed for it")
    void shouldCloseWithAnErrorWhenTheSizeIsTooSmall(int size) throws IOException {
        assertClosesWithAnErrorFor(Wire.frameHeader(size, 2, 0), Body.begin().octets());
    }

    @Test
    @DisplayName(
            "§2.3.1: a frame whose data offset is beyond its end cannot be processed, and the connection is closed for it")
    void shouldCloseWithAnErrorWhenTheDataOffsetIsBeyondTheEnd() throws IOException {
        assertClosesWithAnErrorFor(Wire.frameHeader(12, 4, 0), new byte[4]);
    }

    private static void assertClosesWithAnErrorFor(byte[]... octets) throws IOException {
        WireClient client = BROKER.open();
        client.send(octets);
        assertThat(client.closed()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 255})
    @DisplayName("§2.4.3: a frame of another type is no reason to drop the connection without a close")
    void shouldCloseInGoodOrderWhenAFrameIsNoAmqpFrame(int type) throws IOException {
        WireClient client = BROKER.open();
        byte[] body = described(0x41, Wire.symbol("ANONYMOUS"));
        client.send(Wire.frameHeader(8 + body.length, 2, type), body);
        client.closesInGoodOrder();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("noPerformatives")
    @DisplayName("§2.3.2, §2.4.3: a body that is no performative is no reason to drop the connection without a close")
    void shouldCloseInGoodOrderWhenTheBodyIsNoPerformative(String what, byte[] body) throws IOException {
        WireClient client = BROKER.open();
        client.begin();
        client.send(Wire.frame(0, body));
        client.closesInGoodOrder();
    }

    static Stream<Arguments> noPerformatives() {
        Map<String, byte[]> all = new TreeMap<>();
        all.put("an unknown descriptor", described(0x19, uint(0)));
        all.put("an unknown symbolic descriptor", join(new byte[] {0}, Wire.symbol("sterna:unknown:list"), list()));
        all.put("a string", string("hello"));
        all.put("a list without a descriptor", list(uint(0)));
        all.put("a map as an attach", join(new byte[] {0, 0x53, 0x12}, Wire.map()));
        all.put("an unknown format code", new byte[] {0x3f, 0, 0, 0});
        all.put("a described nothing", new byte[] {0});
        all.put("a list that is longer than its frame", join(new byte[] {0, 0x53, 0x12}, new byte[] {(byte) 0xc0, 100, 3
        }));
        return arguments(all);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongFields")
    @DisplayName(
            "§2.4.3, §1.4: fields that are missing or of a wrong type are no reason to drop the connection without a close")
    void shouldCloseInGoodOrderWhenFieldsAreWrong(String what, byte[] frame) throws IOException {
        WireSession session = BROKER.begin();
        session.receiver(WireBroker.address()); // handle 0
        session.client().send(frame);
        session.client().closesInGoodOrder();
    }

    static Stream<Arguments> wrongFields() {
        Map<String, byte[]> all = new TreeMap<>();
        Body receiver = Body.receiver("wrong", 1, Body.source("jms.wire.wrong"));
        Body sender = Body.sender("wrong", 1, Body.target("jms.wire.wrong"));
        Body flow = Body.flow(0, 0);
        all.put("begin without next-outgoing-id", Body.begin().with(1, NULL).frame(1));
        all.put("begin without incoming-window", Body.begin().with(2, NULL).frame(1));
        all.put("begin without outgoing-window", Body.begin().with(3, NULL).frame(1));
        all.put("begin without fields", Body.of(Wire.BEGIN).frame(1));
        all.put("attach without name", receiver.with(0, NULL).frame(0));
        all.put("attach without handle", receiver.with(1, NULL).frame(0));
        all.put("attach without role", receiver.with(2, NULL).frame(0));
        all.put(
                "attach of a sender without initial-delivery-count",
                sender.with(9, NULL).frame(0));
        all.put("attach with a string as handle", receiver.with(1, string("1")).frame(0));
        all.put(
                "attach with an unknown snd-settle-mode",
                receiver.with(3, Wire.ubyte(7)).frame(0));
        all.put(
                "attach with an unknown rcv-settle-mode",
                receiver.with(4, Wire.ubyte(7)).frame(0));
        all.put(
                "attach with a target as source",
                receiver.with(5, Body.target("a").octets()).frame(0));
        all.put("attach with a string as source", receiver.with(5, string("a")).frame(0));
        all.put("flow without incoming-window", flow.with(1, NULL).frame(0));
        all.put("flow without next-outgoing-id", flow.with(2, NULL).frame(0));
        all.put("flow with credit for no link", flow.with(6, uint(1)).frame(0));
        all.put(
                "flow with a boolean as credit",
                flow.with(4, uint(0)).with(6, bool(true)).frame(0));
        all.put("transfer without handle", Body.transfer(0, 0).with(0, NULL).frame(0));
        all.put(
                "disposition without role",
                Body.disposition(true, 0, 0, true, NULL).with(0, NULL).frame(0));
        all.put(
                "disposition without first",
                Body.disposition(true, 0, 0, true, NULL).with(1, NULL).frame(0));
        all.put(
                "disposition with an unknown state",
                Body.disposition(true, 0, 0, true, described(0x60)).frame(0));
        all.put(
                "disposition with a string as state",
                Body.disposition(true, 0, 0, true, string("ok")).frame(0));
        all.put("detach without handle", Body.detach(0, true).with(0, NULL).frame(0));
        all.put("end with a string as error", Body.end().with(0, string("why")).frame(0));
        return arguments(all);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongOctets")
    @DisplayName("§2.4.3, §1.6: values that cannot be read are no reason to drop the connection without a close")
    void shouldCloseInGoodOrderWhenAValueCannotBeRead(String what, byte[] name) throws IOException {
        WireClient client = BROKER.open();
        client.begin();
        client.send(Body.receiver("x", 0, Body.source("jms.wire.wrong"))
                .with(0, name)
                .frame(0));
        client.closesInGoodOrder();
    }

    static Stream<Arguments> wrongOctets() {
        Map<String, byte[]> all = new TreeMap<>();
        all.put("a string that is no UTF-8", new byte[] {(byte) 0xa1, 2, (byte) 0xc3, 0x28});
        all.put("a string with half a character", new byte[] {(byte) 0xa1, 1, (byte) 0xe2});
        all.put("a string with half a surrogate", new byte[] {(byte) 0xa1, 3, (byte) 0xed, (byte) 0xa0, (byte) 0x80});
        all.put("a string that is longer than the frame", new byte[] {(byte) 0xb1, 0x7f, 0, 0, 0, 'x'});
        all.put(
                "a string with a negative length",
                new byte[] {(byte) 0xb1, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff});
        all.put("an unknown format code", new byte[] {0x47});
        all.put("a symbol", Wire.symbol("x"));
        all.put("a map with half an entry", join(new byte[] {(byte) 0xc1, 2, 1}, new byte[] {0x40}));
        all.put("a boolean that is neither", new byte[] {0x56, 2});
        return arguments(all);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongOpens")
    @DisplayName("§2.4.3: an open that is wrong is answered, and the connection closed in good order if at all")
    void shouldAnswerWhenTheOpenIsWrong(String what, byte[] body) throws IOException {
        WireClient client = BROKER.connect();
        client.send(Wire.AMQP_HEADER, Wire.frame(0, body));
        client.answerToOpen();
        client.closesInGoodOrder();
    }

    static Stream<Arguments> wrongOpens() {
        Map<String, byte[]> all = new TreeMap<>();
        all.put("without container-id", Body.open("x").with(0, NULL).octets());
        all.put("a number as container-id", Body.open("x").with(0, uint(7)).octets());
        return arguments(all);
    }

    @Test
    @DisplayName("§2.3: many frames in one segment are all answered, in their order")
    void shouldAnswerAllWhenManyFramesComeAtOnce() throws IOException {
        WireClient client = BROKER.open();
        ByteBuffer all = ByteBuffer.allocate(10_000);
        for (int channel = 0; channel < 50; channel++) {
            all.put(Body.begin().frame(channel));
        }
        byte[] octets = new byte[all.position()];
        all.flip().get(octets);
        client.send(octets);
        for (int channel = 0; channel < 50; channel++) {
            client.mapped(channel);
        }
    }

    private static Stream<Arguments> arguments(Map<String, byte[]> all) {
        return all.entrySet().stream().map(it -> Arguments.of(it.getKey(), it.getValue()));
    }
}
