package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.amqp.codec.AmqpWriter;
import io.sterna.amqp.message.OutgoingMessage;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames and their encodings, AMQP 1.0 §2.3, §1.3, §1.4 and §2.7, byte by byte. */
class RawFrameTest {
    private EchoNode node;
    private RawPeer peer;

    private void connect(Consumer<EchoNode.Behaviour> changes) throws Exception {
        node = EchoNode.start(changes);
        peer = new RawPeer(node.port());
    }

    /** Up to a session on channel 0, in one write. */
    private void begin(Consumer<EchoNode.Behaviour> changes) throws Exception {
        connect(changes);
        peer.send(RawPeer.header(RawPeer.AMQP), peer.amqp(0, RawHeaderTest.open()), peer.amqp(0, RawSaslTest.begin()));
        peer.readBytes(8);
        peer.read(Open.class);
        peer.read(Begin.class);
    }

    private void producer() throws Exception {
        begin(behaviour -> {});
        peer.send(peer.amqp(0, attach("in", Role.SENDER)));
        peer.read(Attach.class);
        peer.read(Flow.class);
    }

    static Attach attach(String name, Role role) {
        Attach attach = new Attach();
        attach.setName(name);
        attach.setHandle(UnsignedInteger.ZERO);
        attach.setRole(role);
        attach.setInitialDeliveryCount(UnsignedInteger.ZERO);
        attach.setSource(new Source());
        attach.setTarget(new Target());
        return attach;
    }

    private void expectClose(String condition) throws Exception {
        Close close = peer.read(Close.class);
        assertThat(close.getError()).isNotNull();
        assertThat(close.getError().getCondition().toString()).isEqualTo(condition);
        assertThat(close.getError().getDescription()).isNotBlank();
    }

    @AfterEach
    void close() throws Exception {
        peer.close();
        node.close();
    }

    // AMQP 1.0 §2.3.1: "The frame is malformed if the size is less than the size of the required frame header (8
    // bytes)",
    // and §2.7.1: "A peer that receives an oversized frame MUST close the Connection with the framing-error
    // error-code."
    @ParameterizedTest
    @ValueSource(strings = {"00000000", "00000007", "00010001", "7fffffff", "80000000", "ffffffff"})
    void shouldCloseWithFramingErrorWhenTheSizeIsWrong(String size) throws Exception {
        begin(behaviour -> {});
        peer.send(RawPeer.hex(size + "02000000"));
        expectClose("amqp:connection:framing-error");
    }

    // AMQP 1.0 §2.3.1: "the frame is malformed if the value is less than 2", and it has to lie in the frame.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 255})
    void shouldCloseWithFramingErrorWhenTheDataOffsetIsWrong(int dataOffset) throws Exception {
        begin(behaviour -> {});
        peer.send(new byte[] {0, 0, 0, 8, (byte) dataOffset, 0, 0, 0});
        expectClose("amqp:connection:framing-error");
    }

    // AMQP 1.0 §2.3.1: only types 0 and 1 are defined, and SASL is over.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 255})
    void shouldCloseWithFramingErrorWhenTheTypeIsNotAmqps(int type) throws Exception {
        begin(behaviour -> {});
        peer.send(RawPeer.frame(type, 0, peer.encode(new End())));
        expectClose("amqp:connection:framing-error");
    }

    // AMQP 1.0 §2.3.1: the extended header is "an extension point defined for future expansion".
    @Test
    void shouldPassOverTheExtendedHeaderWhenAFrameHasOne() throws Exception {
        begin(behaviour -> {});
        byte[] body = peer.encode(new End());
        peer.send(new byte[] {0, 0, 0, (byte) (16 + body.length), 4, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}, body);
        assertThat(peer.read(End.class).getError()).isNull();
    }

    // AMQP 1.0 §2.7.1: frames up to the limit that we have said.
    @Test
    void shouldTakeAFrameWhenItIsAsLargeAsTheLimit() throws Exception {
        producer();
        byte[] head = TestFrames.transfer(0, 0, 0);
        peer.send(TestFrames.transfer(0, 0, 0, new byte[64 * 1024 - head.length]));
        assertThat(peer.read(Disposition.class).getState()).isInstanceOf(Accepted.class);
        assertThat(node.deliveries.get(0).payload()).hasSize(64 * 1024 - head.length);
    }

    @Test
    void shouldCloseWithFramingErrorWhenAFrameIsOneByteTooLarge() throws Exception {
        producer();
        byte[] head = TestFrames.transfer(0, 0, 0);
        peer.send(TestFrames.transfer(0, 0, 0, new byte[64 * 1024 - head.length + 1]));
        expectClose("amqp:connection:framing-error");
    }

    // AMQP 1.0 §2.7.1: "Both peers MUST accept frames of up to 512 octets."
    @Test
    void shouldWorkWhenBothSidesTake512BytesOnly() throws Exception {
        connect(behaviour -> behaviour.settings = EchoNode.Behaviour.settings(512));
        Open open = RawHeaderTest.open();
        open.setMaxFrameSize(UnsignedInteger.valueOf(512));
        peer.send(RawPeer.header(RawPeer.AMQP), peer.amqp(0, open), peer.amqp(0, RawSaslTest.begin()));
        peer.readBytes(8);
        assertThat(peer.read(Open.class).getMaxFrameSize().intValue()).isEqualTo(512);
        peer.read(Begin.class);
        peer.send(peer.amqp(0, attach("out", Role.RECEIVER)));
        peer.read(Attach.class);
        peer.send(peer.amqp(0, credit(1)));
        node.sendWhenCredit("out", 0);
        await().until(() -> node.call(() -> node.sender("out").credit() == 1));
        byte[] message = SmokeTest.message(3, 2000);
        node.run(() -> node.sender("out").send(new byte[] {1}, 0, OutgoingMessage.untouched(message), false, ""));
        byte[] got = new byte[0];
        boolean more = true;
        while (more) {
            RawPeer.Frame frame = peer.read();
            assertThat(frame.size()).isLessThanOrEqualTo(512);
            got = RawPeer.join(got, frame.payload());
            more = frame.as(Transfer.class).getMore();
        }
        assertThat(got).isEqualTo(message);
    }

    // AMQP 1.0 §2.7.1: larger frames for a peer that takes them, never larger than that.
    @ParameterizedTest
    @CsvSource({"512, 512", "1000, 1000", "65536, 65536", "1000000, 131072", "4294967295, 131072"})
    void shouldFillFramesWhenThePeerSaysWhatItTakes(long max, int largest) throws Exception {
        connect(behaviour -> {});
        Open open = RawHeaderTest.open();
        open.setMaxFrameSize(UnsignedInteger.valueOf(max));
        peer.send(
                RawPeer.header(RawPeer.AMQP),
                peer.amqp(0, open),
                peer.amqp(0, RawSaslTest.begin()),
                peer.amqp(0, attach("out", Role.RECEIVER)),
                peer.amqp(0, credit(1)));
        peer.readBytes(8);
        peer.read(Open.class);
        peer.read(Begin.class);
        peer.read(Attach.class);
        await().until(() ->
                !node.senders.isEmpty() && node.call(() -> node.sender("out").credit() == 1));
        byte[] message = SmokeTest.message(3, 400_000);
        node.run(() -> node.sender("out").send(new byte[] {1}, 0, OutgoingMessage.untouched(message), false, ""));
        int seen = 0;
        int bytes = 0;
        while (bytes < message.length) {
            RawPeer.Frame frame = peer.read();
            seen = Math.max(seen, frame.size());
            bytes += frame.payload().length;
        }
        assertThat(seen).isBetween(largest - 64, largest);
    }

    private static Flow credit(int credit) {
        Flow flow = new Flow();
        flow.setNextIncomingId(UnsignedInteger.ZERO);
        flow.setIncomingWindow(UnsignedInteger.valueOf(10_000));
        flow.setNextOutgoingId(UnsignedInteger.ZERO);
        flow.setOutgoingWindow(UnsignedInteger.valueOf(10_000));
        flow.setHandle(UnsignedInteger.ZERO);
        flow.setDeliveryCount(UnsignedInteger.ZERO);
        flow.setLinkCredit(UnsignedInteger.valueOf(credit));
        return flow;
    }

    static Stream<Arguments> undecodable() {
        return Stream.of(
                Arguments.of("no described type", "40"),
                Arguments.of("a descriptor without value", "00 53 14"),
                Arguments.of("a descriptor cut off", "00 53"),
                Arguments.of("only a descriptor's mark", "00"),
                Arguments.of("a string instead of a list", "00 53 17 a1 01 41"),
                Arguments.of("a map instead of a list", "00 53 17 c1 01 00"),
                Arguments.of("a list longer than its frame", "00 53 17 c0 40 01 43"),
                Arguments.of("a list of 4 GiB", "00 53 17 d0 ff ff ff ff 00 00 00 01"),
                Arguments.of("a list of 2 G fields", "00 53 17 d0 00 00 00 08 7f ff ff ff 43 40 40 40"),
                Arguments.of("a list with more bytes than fields", "00 53 17 c0 04 01 43 40 40"),
                Arguments.of("an array of 2 G nulls", "00 53 17 c0 0c 02 43 f0 00 00 00 05 7f ff ff ff 40"),
                Arguments.of("a begin without fields", "00 53 11 45"),
                Arguments.of("a begin without windows", "00 53 11 c0 03 02 40 43"),
                Arguments.of("a begin with a string for its window", "00 53 11 c0 08 04 40 43 a1 01 41 43 43"),
                Arguments.of("an attach without fields", "00 53 12 45"),
                Arguments.of("an attach without handle", "00 53 12 c0 06 03 a1 01 41 40 42"),
                Arguments.of("an attach without name", "00 53 12 c0 04 03 40 43 42"),
                Arguments.of("an attach without role", "00 53 12 c0 05 02 a1 01 41 43"),
                Arguments.of("an attach with a symbol for its name", "00 53 12 c0 06 03 a3 01 41 43 42"),
                Arguments.of("an attach with an int for its role", "00 53 12 c0 07 03 a1 01 41 43 54 01"),
                Arguments.of("an attach with settle mode 3", "00 53 12 c0 08 04 a1 01 41 43 42 50 03"),
                Arguments.of("an attach with settle mode second + 1", "00 53 12 c0 09 05 a1 01 41 43 42 40 50 02"),
                Arguments.of(
                        "an attach with a string for its source", "00 53 12 c0 0b 06 a1 01 41 43 42 40 40 a1 01 41"),
                Arguments.of("a flow without fields", "00 53 13 45"),
                Arguments.of("a flow without windows", "00 53 13 c0 02 01 43"),
                Arguments.of("a flow with a boolean for its window", "00 53 13 c0 05 04 43 41 43 43"),
                Arguments.of("a flow with a ulong for its window", "00 53 13 c0 05 04 43 44 43 43"),
                Arguments.of("a flow with boolean 2", "00 53 13 c0 0d 09 43 43 43 43 40 40 40 40 56 02"),
                Arguments.of("a flow with a payload", "00 53 13 c0 05 04 43 43 43 43 01 02 03"),
                Arguments.of("a transfer without fields", "00 53 14 45"),
                Arguments.of("a transfer without handle", "00 53 14 c0 03 02 40 43"),
                Arguments.of("a transfer with a string for its handle", "00 53 14 c0 04 01 a1 01 41"),
                Arguments.of("a transfer with a string for its tag", "00 53 14 c0 06 03 43 43 a1 01 41"),
                Arguments.of("a transfer with a tag of 4 GiB", "00 53 14 c0 08 03 43 43 b0 ff ff ff ff"),
                Arguments.of("a transfer with ubyte modes of another type", "00 53 14 c0 08 07 43 43 40 40 40 40 43"),
                Arguments.of("a transfer with a state cut off", "00 53 14 c0 0c 08 43 43 40 40 40 40 40 00 53 24 c0"),
                Arguments.of("a disposition without fields", "00 53 15 45"),
                Arguments.of("a disposition without first", "00 53 15 c0 02 01 41"),
                Arguments.of("a disposition without role", "00 53 15 c0 03 02 40 43"),
                Arguments.of("a disposition with an int for its role", "00 53 15 c0 04 02 54 01 43"),
                Arguments.of("a disposition with a payload", "00 53 15 c0 03 02 41 43 00"),
                Arguments.of("a detach without handle", "00 53 16 45"),
                Arguments.of("a detach with a string for its handle", "00 53 16 c0 04 01 a1 01 41"),
                Arguments.of("a detach with an error without condition", "00 53 16 c0 07 03 43 41 00 53 1d 45"),
                Arguments.of("an end with a number for its error", "00 53 17 c0 02 01 43"),
                Arguments.of("an end with an error without condition", "00 53 17 c0 05 01 00 53 1d 45"),
                Arguments.of("a close with a payload", "00 53 18 45 00"),
                Arguments.of("33 descriptors in each other", "00 ".repeat(33) + "53 17 45"),
                Arguments.of("33 lists in each other", "00 53 17 " + nested(33)));
    }

    private static String nested(int depth) {
        StringBuilder lists = new StringBuilder();
        for (int i = depth; i > 0; i--) {
            lists.append(String.format("c0 %02x 01 ", 3 * (i - 1) + 2));
        }
        return lists + "45";
    }

    // AMQP 1.0 §2.8.15: "Data could not be decoded." Mandatory fields: §1.4; types: §1.2 and §2.7.
    @ParameterizedTest(name = "{0}")
    @MethodSource("undecodable")
    void shouldCloseWithDecodeErrorWhenAPerformativeIs(String name, String body) throws Exception {
        producer();
        peer.send(RawPeer.frame(0, 0, RawPeer.hex(body)));
        expectClose("amqp:decode-error");
    }

    // AMQP 1.0 §2.3.2: "The performative MUST be one of those defined".
    @ParameterizedTest
    @ValueSource(
            strings = {
                "00 53 19 45",
                "00 53 30 45",
                "00 53 24 45",
                "00 53 70 45",
                "00 53 40 a0 01 41",
                "00 a3 08 61 6d 71 70 3a 66 6f 6f 45",
                "00 80 00 00 00 01 00 00 00 14 45"
            })
    void shouldCloseWithAnErrorWhenABodyIsNoPerformative(String body) throws Exception {
        producer();
        peer.send(RawPeer.frame(0, 0, RawPeer.hex(body)));
        assertThat(peer.read(Close.class).getError().getDescription()).isNotBlank();
    }

    // AMQP 1.0 §1.3.2 and §2.7: each performative has a symbolic and a numeric descriptor, the latter in two encodings,
    // and lists come in three.
    static Stream<Arguments> encodings() {
        String handle = "43";
        String rest = "52 07 a0 01 07 43";
        return Stream.of(
                Arguments.of("smallulong, list8", "00 53 14 c0 09 04" + handle + rest + "aabb"),
                Arguments.of("smallulong, list32", "00 53 14 d0 0000000b 00000004" + handle + rest + "aabb"),
                Arguments.of("ulong, list8", "00 80 0000000000000014 c0 09 04" + handle + rest + "aabb"),
                Arguments.of(
                        "sym8, list8", "00 a3 12" + symbol("amqp:transfer:list") + "c0 09 04" + handle + rest + "aabb"),
                Arguments.of(
                        "sym32, list32",
                        "00 b3 00000012" + symbol("amqp:transfer:list") + "d0 0000000b 00000004" + handle + rest
                                + "aabb"),
                Arguments.of(
                        "uints of four bytes", "00 53 14 c0 12 04 70 00000000 70 00000007 a0 01 07 70 00000000 aabb"),
                Arguments.of("vbin32", "00 53 14 c0 0c 04" + handle + "52 07 b0 00000001 07 43 aabb"),
                Arguments.of("booleans of a byte", "00 53 14 c0 0d 06" + handle + rest + "56 00 56 00 aabb"),
                Arguments.of("all fields", "00 53 14 c0 10 0b" + handle + rest + "42 42 40 40 42 42 42 aabb"),
                Arguments.of(
                        "fields of a later version",
                        "00 53 14 c0 15 0d" + handle + rest + "42 42 40 40 42 42 42 a1 01 78 45" + "aabb"));
    }

    private static String symbol(String text) {
        StringBuilder hex = new StringBuilder();
        text.chars().forEach(c -> hex.append(String.format("%02x", c)));
        return hex.toString();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("encodings")
    void shouldTakeTheTransferWhenItIsEncodedAs(String name, String body) throws Exception {
        producer();
        peer.send(RawPeer.frame(0, 0, fixed(RawPeer.hex(body.replace(" ", "")))));
        assertThat(peer.read(Disposition.class).getFirst().intValue()).isEqualTo(7);
        assertThat(node.deliveries.get(0).payload()).containsExactly(0xaa, 0xbb);
        assertThat(node.deliveries.get(0).tag()).containsExactly(7);
    }

    /** Sets the size of a list8 that ends two bytes, the payload, before the end. */
    private static byte[] fixed(byte[] body) {
        for (int i = 0; i < body.length; i++) {
            boolean head = i == 3 || i == 10 || i == 21;
            if (head && body[i] == (byte) 0xc0) {
                body[i + 1] = (byte) (body.length - i - 4);
                return body;
            }
        }
        return body;
    }

    static Stream<Arguments> futures() {
        return Stream.of(
                Arguments.of("begin", begin(12), Begin.class),
                Arguments.of("attach", attach(20), Attach.class),
                Arguments.of("end", list(0x17, writer -> writer.writeNull().writeString("new"), 2), End.class),
                Arguments.of("close", list(0x18, writer -> writer.writeNull().writeString("new"), 2), Close.class));
    }

    private static byte[] begin(int fields) {
        return list(
                0x11,
                writer -> {
                    writer.writeNull().writeUint(0).writeUint(10).writeUint(10);
                    for (int i = 4; i < fields; i++) {
                        writer.writeNull();
                    }
                },
                fields);
    }

    private static byte[] attach(int fields) {
        return list(
                0x12,
                writer -> {
                    writer.writeString("future").writeUint(9).writeBoolean(true);
                    for (int i = 3; i < fields; i++) {
                        if (i < 14) {
                            writer.writeNull();
                        } else {
                            writer.writeString("new");
                        }
                    }
                },
                fields);
    }

    private static byte[] list(long descriptor, Consumer<AmqpWriter> content, int count) {
        AmqpWriter writer = new AmqpWriter(64);
        writer.writeDescriptor(descriptor);
        int list = writer.beginList();
        content.accept(writer);
        writer.endList(list, count);
        return writer.toByteArray();
    }

    // AMQP 1.0 §1.4 says nothing of fields beyond those that are defined; a later version may add some, so that they
    // are
    // passed over like extended headers are.
    @ParameterizedTest(name = "{0}")
    @MethodSource("futures")
    void shouldPassOverMoreFieldsThanItKnowsWhenTheyAreIn(String name, byte[] body, Class<?> answer) throws Exception {
        producer();
        int channel = name.equals("begin") ? 1 : 0;
        peer.send(RawPeer.frame(0, channel, body));
        peer.read(answer);
    }

    @Test
    void shouldPassOverMoreFieldsThanItKnowsWhenTheyAreInAnOpen() throws Exception {
        connect(behaviour -> {});
        byte[] open = list(
                0x10,
                writer -> {
                    writer.writeString("peer");
                    for (int i = 1; i < 10; i++) {
                        writer.writeNull();
                    }
                    writer.writeString("new");
                },
                11);
        peer.send(RawPeer.header(RawPeer.AMQP), RawPeer.frame(0, 0, open));
        peer.readBytes(8);
        peer.read(Open.class);
        assertThat(node.connections.get(0).remote().containerId()).isEqualTo("peer");
    }

    @Test
    void shouldPassOverMoreFieldsThanItKnowsWhenTheyAreInASource() throws Exception {
        begin(behaviour -> {});
        byte[] source = list(
                0x28,
                writer -> {
                    writer.writeString("the queue");
                    for (int i = 1; i < 11; i++) {
                        writer.writeNull();
                    }
                    writer.writeString("new");
                },
                12);
        byte[] attach = list(
                0x12,
                writer -> {
                    writer.writeString("out")
                            .writeUint(0)
                            .writeBoolean(true)
                            .writeNull()
                            .writeNull();
                    writer.writeEncoded(source, 0, source.length);
                },
                6);
        peer.send(RawPeer.frame(0, 0, attach));
        peer.read(Attach.class);
        assertThat(node.senders.get(0).remote().source().orElseThrow().node().address())
                .contains("the queue");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "amqp:begin:list",
                "amqp:attach:list",
                "amqp:flow:list",
                "amqp:disposition:list",
                "amqp:detach:list",
                "amqp:end:list",
                "amqp:close:list"
            })
    void shouldKnowAPerformativeWhenItsDescriptorIsASymbol(String symbol) throws Exception {
        producer();
        String content =
                switch (symbol) {
                    case "amqp:begin:list" -> "c0 05 04 40 43 43 43";
                    case "amqp:attach:list" -> "c0 07 03 a1 01 41 52 05 41";
                    case "amqp:flow:list" -> "c0 0b 0a 43 43 43 43 40 40 40 40 42 41";
                    case "amqp:disposition:list" -> "c0 04 03 41 43 40";
                    case "amqp:detach:list" -> "c0 03 02 43 41";
                    default -> "45";
                };
        int channel = symbol.equals("amqp:begin:list") ? 1 : 0;
        peer.send(RawPeer.frame(
                0, channel, RawPeer.hex(String.format("00a3%02x", symbol.length()) + symbol(symbol) + content)));
        Class<?> answer =
                switch (symbol) {
                    case "amqp:begin:list" -> Begin.class;
                    case "amqp:attach:list" -> Attach.class;
                    case "amqp:flow:list" -> Flow.class;
                    case "amqp:detach:list" -> Detach.class;
                    case "amqp:close:list" -> Close.class;
                    default -> End.class;
                };
        if (symbol.equals("amqp:disposition:list")) {
            peer.send(peer.amqp(0, new End()));
        }
        peer.read(answer);
    }

    // AMQP 1.0 §2.4.6, DISCARDING: the close is recognized among what makes no sense.
    @Test
    void shouldTakeTheCloseWhenGarbageFramesCameAfterItsOwn() throws Exception {
        producer();
        peer.send(RawPeer.frame(0, 0, RawPeer.hex("40")));
        expectClose("amqp:decode-error");
        peer.send(
                RawPeer.frame(0, 0, RawPeer.hex("00 53 14")),
                RawPeer.frame(7, 0, RawPeer.hex("ff")),
                RawPeer.frame(0, 999, new byte[0]),
                peer.amqp(0, new Close()));
        peer.expectEnd();
    }

    @Test
    void shouldGiveUpWhenThePeerDoesNotClose() throws Exception {
        begin(behaviour ->
                behaviour.settings = new ConnectionSettings("echo", 64 * 1024, 255, 255, 2048, 0, 10_000, 300));
        peer.send(RawPeer.frame(0, 0, RawPeer.hex("40")));
        expectClose("amqp:decode-error");
        peer.expectEnd();
    }

    // AMQP 1.0 §2.4.2
    @Test
    void shouldAnswerEachInOrderWhenAWholeLifeComesInOneWrite() throws Exception {
        connect(behaviour -> {});
        Detach detach = new Detach();
        detach.setHandle(UnsignedInteger.ZERO);
        detach.setClosed(true);
        peer.send(
                RawPeer.header(RawPeer.AMQP),
                peer.amqp(0, RawHeaderTest.open()),
                peer.amqp(0, RawSaslTest.begin()),
                peer.amqp(0, attach("in", Role.SENDER)),
                peer.amqp(0, detach),
                peer.amqp(0, new End()),
                peer.amqp(0, new Close()));
        assertThat(peer.readBytes(8)).isEqualTo(RawPeer.header(RawPeer.AMQP));
        peer.read(Open.class);
        peer.read(Begin.class);
        peer.read(Attach.class);
        assertThat(peer.read(Detach.class).getClosed()).isTrue();
        assertThat(peer.read(End.class).getError()).isNull();
        assertThat(peer.read(Close.class).getError()).isNull();
        peer.expectEnd();
        await().until(() -> node.closed.equals(List.of(Optional.empty())));
    }

    @Test
    void shouldTakeTransfersWhenTheyAreCutAnywhere() throws Exception {
        producer();
        byte[] stream = RawPeer.join(
                TestFrames.transfer(0, 0, 0, new byte[10]),
                TestFrames.transfer(0, 0, 1, new byte[300]),
                TestFrames.transfer(0, 0, 2, new byte[1]));
        for (int i = 0; i < stream.length; i += 7) {
            peer.send(Arrays.copyOfRange(stream, i, Math.min(stream.length, i + 7)));
        }
        await().until(() -> node.deliveries.size() == 3);
        assertThat(node.deliveries.get(1).payload()).hasSize(300);
    }

    // What the node's handler does wrong costs the connection, with an error that says so.
    @Test
    void shouldCloseWithInternalErrorWhenTheApplicationFails() throws Exception {
        begin(behaviour -> behaviour.onSender = link -> {
            throw new IllegalStateException("a defect, on purpose");
        });
        peer.send(peer.amqp(0, attach("out", Role.RECEIVER)));
        peer.read(Attach.class);
        expectClose("amqp:internal-error");
    }
}
