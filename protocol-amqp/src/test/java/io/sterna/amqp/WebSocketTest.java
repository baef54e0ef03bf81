package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.amqp.message.OutgoingMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** AMQP over WebSocket (AMQP WebSocket Binding 1.0, RFC 6455), octet by octet. */
class WebSocketTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private EchoNode node;
    private RawWebSocket webSocket;

    @BeforeEach
    void connect() throws Exception {
        node = EchoNode.start(behaviour -> behaviour.webSocketOrigins = Optional.of(List.of()));
        webSocket = RawWebSocket.open(node.port());
    }

    @AfterEach
    void close() throws Exception {
        webSocket.close();
        node.close();
    }

    // RFC 6455 §1.3: the example's key and its answer. AMQP WebSocket Binding §2.1: the sub-protocol.
    @Test
    void shouldTellTheSubProtocolAndTheAnswerToTheKeyWhenAWebSocketIsAskedFor() throws Exception {
        try (RawWebSocket other = new RawWebSocket(node.port())) {
            assertThat(other.ask(RawWebSocket.request()).lines())
                    .contains(
                            "HTTP/1.1 101 Switching Protocols",
                            "Upgrade: websocket",
                            "Connection: Upgrade",
                            "Sec-WebSocket-Protocol: amqp",
                            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        }
    }

    @Test
    void shouldTakeTheRequestWhenItComesOctetByOctet() throws Exception {
        try (RawWebSocket other = new RawWebSocket(node.port())) {
            String request = RawWebSocket.request();
            for (char octet : request.substring(0, request.length() - 1).toCharArray()) {
                other.sendBytes(new byte[] {(byte) octet});
            }
            assertThat(other.ask("\n")).startsWith("HTTP/1.1 101 ");
        }
    }

    static Stream<Arguments> refused() {
        String request = RawWebSocket.request();
        return Stream.of(
                Arguments.of("no sub-protocol", request.replaceAll("Sec-WebSocket-Protocol.*\r\n", ""), 400),
                Arguments.of("other sub-protocols", request.replace("binary, amqp", "mqtt, amqp10, AMQP"), 400),
                Arguments.of("no upgrade", request.replace("Upgrade: websocket\r\n", ""), 426),
                Arguments.of("another upgrade", request.replace("Upgrade: websocket", "Upgrade: h2c"), 426),
                Arguments.of("no connection upgrade", request.replace("n: Upgrade", "n: keep-alive"), 426),
                Arguments.of("another version", request.replace("Version: 13", "Version: 8"), 426),
                Arguments.of("no key", request.replaceAll("Sec-WebSocket-Key.*\r\n", ""), 400),
                Arguments.of("a short key", request.replace("dGhlIHNhbXBsZSBub25jZQ==", "dGhl"), 400),
                Arguments.of("a key that is not base64", request.replace("dGhl", "dG.l"), 400),
                Arguments.of("no host", request.replaceAll("Host.*\r\n", ""), 400),
                Arguments.of("a page from elsewhere", with(request, "Origin: https://example.org"), 403),
                Arguments.of("a page from nowhere", with(request, "Origin: null"), 403),
                Arguments.of("a file", "GET /index.html HTTP/1.1\r\nHost: x\r\n\r\n", 426),
                Arguments.of("a post", "POST / HTTP/1.1\r\n", 400),
                Arguments.of("HTTP/1.0", request.replace("HTTP/1.1", "HTTP/1.0"), 400),
                Arguments.of("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
                Arguments.of("plain AMQP", "AMQP\0\1\0\0", 400),
                Arguments.of("TLS", "\u0016\u0003\u0001\u0000\u00f1\u0001\u0000\u0000", 400),
                Arguments.of("a header without a colon", with(request, "Something"), 400),
                Arguments.of("a folded header", with(request, "One: two\r\n  three"), 400),
                Arguments.of("a bare line feed", with(request, "One: two\nThree: four"), 400),
                Arguments.of("too many headers", with(request, "Cookie: " + "c".repeat(8 * 1024)), 431));
    }

    private static String with(String request, String header) {
        return request.replace("\r\n\r\n", "\r\n" + header + "\r\n\r\n");
    }

    // RFC 6455 §4.2: "the server MUST return an HTTP response with an appropriate error code"; AMQP WebSocket Binding
    // §2.1.
    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("refused")
    void shouldRefuseInHttpAndCloseTheSocketWhenTheRequestIs(String name, String request, int status) throws Exception {
        try (RawWebSocket other = new RawWebSocket(node.port())) {
            String answer = other.ask(request);
            assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("Connection: ");
            assertThat(new String(other.readAll(), StandardCharsets.US_ASCII)).isNotBlank();
        }
        await().atMost(LIMIT).until(() -> node.closed.size() == 1);
        assertThat(node.connections).isEmpty();
    }

    @Test
    void shouldTellWhichVersionItTakesWhenTheVersionIsAnother() throws Exception {
        try (RawWebSocket other = new RawWebSocket(node.port())) {
            assertThat(other.ask(RawWebSocket.request().replace("Version: 13", "Version: 8")))
                    .contains("Sec-WebSocket-Version: 13\r\n");
        }
    }

    // RFC 6455 §10.2
    @Test
    void shouldTakeAPageWhenItIsFromTheSameHostOrFromAnAllowedOne() throws Exception {
        try (EchoNode other = EchoNode.start(
                behaviour -> behaviour.webSocketOrigins = Optional.of(List.of("https://app.example.org")))) {
            for (String origin : List.of("http://server.example.com", "https://app.example.org")) {
                try (RawWebSocket page = new RawWebSocket(other.port())) {
                    assertThat(page.ask(with(RawWebSocket.request(), "Origin: " + origin)))
                            .startsWith("HTTP/1.1 101 ");
                }
            }
            try (RawWebSocket page = new RawWebSocket(other.port())) {
                assertThat(page.ask(with(RawWebSocket.request(), "Origin: https://app.example.org:444")))
                        .startsWith("HTTP/1.1 403 ");
            }
        }
    }

    @Test
    void shouldTakeAnyPageWhenAllAreAllowed() throws Exception {
        try (EchoNode other = EchoNode.start(behaviour -> behaviour.webSocketOrigins = Optional.of(List.of("*")));
                RawWebSocket page = new RawWebSocket(other.port())) {
            assertThat(page.ask(with(RawWebSocket.request(), "Origin: null"))).startsWith("HTTP/1.1 101 ");
        }
    }

    // AMQP WebSocket Binding §2.2: where messages and frames of WebSocket end means nothing to AMQP.
    @Test
    void shouldOpenWhenEachOctetIsAMessage() throws Exception {
        RawPeer peer = webSocket.amqp();
        for (byte octet : RawPeer.join(RawPeer.header(RawPeer.AMQP), peer.amqp(0, RawHeaderTest.open()))) {
            webSocket.send(RawWebSocket.BINARY, new byte[] {octet});
        }
        assertThat(peer.readBytes(8)).isEqualTo(RawPeer.header(RawPeer.AMQP));
        assertThat(peer.read(Open.class).getContainerId()).isEqualTo("echo");
    }

    @Test
    void shouldTakeAllWhenOneMessageHoldsManyFrames() throws Exception {
        RawPeer peer = webSocket.amqp();
        byte[] all = opening(peer);
        webSocket.send(RawWebSocket.BINARY, all);
        expectOpened(peer);
    }

    // RFC 6455 §5.4: control frames may come between the frames of a message; frames may be empty.
    @Test
    void shouldTakeAllWhenFramesAreSplitOverFragmentsWithPingsBetween() throws Exception {
        RawPeer peer = webSocket.amqp();
        byte[] all = opening(peer);
        for (int from = 0; from < all.length; from += 7) {
            byte[] part = Arrays.copyOfRange(all, from, Math.min(all.length, from + 7));
            int opcode = from == 0 ? RawWebSocket.BINARY : RawWebSocket.CONTINUATION;
            webSocket.sendBytes(RawPeer.join(
                    RawWebSocket.frame(opcode, false, part),
                    RawWebSocket.frame(RawWebSocket.CONTINUATION, false, new byte[0]),
                    RawWebSocket.frame(RawWebSocket.PONG, true, new byte[] {1})));
        }
        webSocket.send(RawWebSocket.CONTINUATION, new byte[0]);
        expectOpened(peer);
    }

    private static byte[] opening(RawPeer peer) {
        return RawPeer.join(
                RawPeer.header(RawPeer.AMQP), peer.amqp(0, RawHeaderTest.open()), peer.amqp(0, RawSaslTest.begin()));
    }

    private static void expectOpened(RawPeer peer) throws Exception {
        peer.readBytes(8);
        peer.read(Open.class);
        peer.read(Begin.class);
    }

    // The length of a frame is no cause to hold it in memory.
    @Test
    void shouldTakeMessagesAsTheyComeWhenOneFrameHoldsMebibytesOfThem() throws Exception {
        node.behaviour.window = 1_000_000;
        RawPeer peer = webSocket.amqp();
        webSocket.send(
                RawWebSocket.BINARY,
                RawPeer.join(opening(peer), peer.amqp(0, RawFrameTest.attach("sender", Role.SENDER))));
        expectOpened(peer);
        peer.read(Attach.class);
        peer.read(Flow.class);
        int count = 200;
        byte[] body = new byte[30_000];
        long length = IntStream.range(0, count)
                .mapToLong(number -> TestFrames.transfer(0, 0, number, body).length)
                .sum();
        webSocket.sendBytes(RawPeer.join(RawWebSocket.head(RawWebSocket.BINARY, true, length), new byte[4]));
        for (int number = 0; number < count - 1; number++) {
            webSocket.sendBytes(TestFrames.transfer(0, 0, number, body));
        }
        await().atMost(LIMIT).until(() -> node.deliveries.size() == count - 1);
        webSocket.sendBytes(TestFrames.transfer(0, 0, count - 1, body));
        await().atMost(LIMIT).until(() -> node.deliveries.size() == count);
    }

    // What a peer does not read stays unwritten, whatever credit it gives, and concerns nobody else on the loop.
    @Test
    void shouldWriteNoMoreThanBuffersHoldWhenAPeerDoesNotRead() throws Exception {
        int count = 2_000;
        byte[] body = new byte[50_000];
        RawPeer deaf = webSocket.amqp();
        receive(deaf, "deaf", count);
        node.run(() -> {
            for (int number = 0; number < count; number++) {
                byte[] tag = {(byte) (number >> 8), (byte) number};
                node.sends.add(node.sender("deaf").send(tag, 0, OutgoingMessage.untouched(body), false, number));
            }
        });
        try (RawWebSocket other = RawWebSocket.open(node.port())) {
            RawPeer reading = other.amqp();
            receive(reading, "reading", 100);
            for (int number = 0; number < 100; number++) {
                node.send("reading", 1);
                reading.read(Transfer.class);
            }
        }
        // Ours are 256 KiB and a flush; the rest are the sockets' own, a few MiB on either side.
        long written = node.call(() -> node.sends.stream()
                .filter(delivery -> delivery.link().name().equals("deaf") && delivery.started())
                .count());
        assertThat(written * body.length).isLessThan(24L << 20);

        for (int number = 0; number < count; number++) {
            assertThat(deaf.read().payload()).hasSize(body.length);
        }
    }

    /** A link on which the peer receives, with credit. */
    private void receive(RawPeer peer, String name, int credit) throws Exception {
        Flow flow = new Flow();
        flow.setHandle(UnsignedInteger.ZERO);
        flow.setDeliveryCount(UnsignedInteger.ZERO);
        flow.setLinkCredit(UnsignedInteger.valueOf(credit));
        flow.setNextIncomingId(UnsignedInteger.ZERO);
        flow.setIncomingWindow(UnsignedInteger.valueOf(2048));
        flow.setNextOutgoingId(UnsignedInteger.ZERO);
        flow.setOutgoingWindow(UnsignedInteger.valueOf(2048));
        peer.send(opening(peer), peer.amqp(0, RawFrameTest.attach(name, Role.RECEIVER)), peer.amqp(0, flow));
        expectOpened(peer);
        peer.read(Attach.class);
        await().atMost(LIMIT).until(() -> node.call(() -> node.sender(name).credit()) == credit);
    }

    // RFC 6455 §5.5.3: a ping is answered; with the latest when several came.
    @Test
    void shouldAnswerWithAPongWhenAPingComes() throws Exception {
        webSocket.send(RawWebSocket.PING, new byte[] {1, 2, 3});
        RawWebSocket.Frame answer = webSocket.read();
        assertThat(answer.opcode()).isEqualTo(RawWebSocket.PONG);
        assertThat(answer.payload()).containsExactly(1, 2, 3);
    }

    @Test
    void shouldAnswerTheLastPingWhenManyCome() throws Exception {
        for (int number = 0; number < 10_000; number++) {
            webSocket.send(
                    RawWebSocket.PING, ByteBuffer.allocate(125).putInt(number).array());
        }
        RawWebSocket.Frame answer = webSocket.read();
        while (ByteBuffer.wrap(answer.payload()).getInt() != 9_999) {
            answer = webSocket.read();
        }
        assertThat(answer.opcode()).isEqualTo(RawWebSocket.PONG);
    }

    // AMQP WebSocket Binding §2.2: binary messages. RFC 6455 §7.4.1: 1003.
    @Test
    void shouldCloseWith1003WhenATextMessageComes() throws Exception {
        webSocket.send(RawWebSocket.TEXT, "AMQP".getBytes(StandardCharsets.US_ASCII));
        assertThat(webSocket.readClose()).isEqualTo(1003);
        webSocket.send(RawWebSocket.CLOSE, new byte[] {3, (byte) 0xeb});
        webSocket.expectEnd();
    }

    @Test
    void shouldLoseTheConnectionWhenATextMessageComesAmongBinaryOnes() throws Exception {
        RawPeer peer = webSocket.amqp();
        peer.send(opening(peer));
        expectOpened(peer);
        webSocket.send(RawWebSocket.TEXT, new byte[0]);
        assertThat(webSocket.readClose()).isEqualTo(1003);
        await().atMost(LIMIT).until(() -> node.closed.size() == 1);
    }

    static Stream<Arguments> wrong() {
        byte[] three = {1, 2, 3};
        return Stream.of(
                Arguments.of("not masked", new byte[] {(byte) 0x82, 3, 1, 2, 3}),
                Arguments.of("compressed", RawWebSocket.frame(0x42, true, three)),
                Arguments.of("of an unknown type", RawWebSocket.frame(3, true, three)),
                Arguments.of("an unknown control frame", RawWebSocket.frame(11, true, three)),
                Arguments.of("a continuation of nothing", RawWebSocket.frame(0, true, three)),
                Arguments.of("a fragmented ping", RawWebSocket.frame(9, false, three)),
                Arguments.of("a ping that is too long", RawWebSocket.frame(9, true, new byte[126])),
                Arguments.of("a short length in two octets", RawPeer.hex("82 fe 007d 00000000")),
                Arguments.of("a short length in eight octets", RawPeer.hex("82 ff 000000000000ffff 00000000")),
                Arguments.of("a negative length", RawPeer.hex("82 ff 8000000000000000 00000000")),
                Arguments.of("a close with half a reason", RawWebSocket.frame(8, true, new byte[1])),
                Arguments.of(
                        "a close with a reserved reason", RawWebSocket.frame(8, true, new byte[] {3, (byte) 0xed})),
                Arguments.of(
                        "a message within another",
                        RawPeer.join(RawWebSocket.frame(2, false, new byte[0]), RawWebSocket.frame(2, true, three))));
    }

    // RFC 6455 §5.1, §5.2, §5.4, §5.5, §7.4.2
    @ParameterizedTest(name = "{0}")
    @MethodSource("wrong")
    void shouldCloseWith1002WhenAFrameIs(String name, byte[] bytes) throws Exception {
        webSocket.sendBytes(bytes);
        assertThat(webSocket.readClose()).isEqualTo(1002);
        webSocket.expectEnd();
        await().atMost(LIMIT).until(() -> node.closed.size() == 1);
    }

    // AMQP 1.0 §2.2, then the WebSocket is closed in order.
    @Test
    void shouldAnswerWithAHeaderAndCloseWhenAMessageIsNotAmqp() throws Exception {
        webSocket.send(RawWebSocket.BINARY, "GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
        RawWebSocket.Frame answer = webSocket.read();
        assertThat(answer.opcode()).isEqualTo(RawWebSocket.BINARY);
        assertThat(answer.payload()).startsWith('A', 'M', 'Q', 'P').hasSize(8);
        assertThat(webSocket.readClose()).isEqualTo(1000);
    }

    // RFC 6455 §5.5.1: the answer to a close is a close, usually with its code.
    @Test
    void shouldAnswerWithACloseAndCloseTheSocketWhenTheClientCloses() throws Exception {
        RawPeer peer = webSocket.amqp();
        peer.send(opening(peer));
        expectOpened(peer);
        webSocket.send(RawWebSocket.CLOSE, new byte[] {3, (byte) 0xe9, 'b', 'y', 'e'});
        assertThat(webSocket.readClose()).isEqualTo(1001);
        webSocket.expectEnd();
        await().atMost(LIMIT).until(() -> node.closed.size() == 1);
    }

    @Test
    void shouldAnswerWithACloseWhenTheClientClosesWithoutAReasonBeforeAnyAmqp() throws Exception {
        webSocket.send(RawWebSocket.CLOSE, new byte[0]);
        assertThat(webSocket.readClose()).isEqualTo(1000);
        webSocket.expectEnd();
    }

    // AMQP 1.0 §2.4.3, then RFC 6455 §7.1.1: the server closes the socket, after both close frames.
    @Test
    void shouldCloseTheWebSocketInOrderWhenBothHaveClosedAmqp() throws Exception {
        RawPeer peer = webSocket.amqp();
        peer.send(opening(peer), peer.amqp(0, new Close()));
        expectOpened(peer);
        peer.read(Close.class);
        assertThat(webSocket.readClose()).isEqualTo(1000);
        webSocket.send(RawWebSocket.CLOSE, new byte[] {3, (byte) 0xe8});
        webSocket.expectEnd();
    }

    @Test
    void shouldCloseTheSocketInTimeWhenTheClientDoesNotAnswerTheClose() throws Exception {
        webSocket.send(RawWebSocket.TEXT, new byte[0]);
        webSocket.readClose();
        webSocket.expectEnd();
    }

    @Test
    void shouldCloseTheSocketInTimeWhenTheHandshakeIsNotFinished() throws Exception {
        try (EchoNode strict = EchoNode.start(behaviour -> {
                    behaviour.webSocketOrigins = Optional.of(List.of());
                    behaviour.settings = new ConnectionSettings("echo", 4096, 255, 255, 2048, 0, 300, 300);
                });
                RawWebSocket silent = new RawWebSocket(strict.port());
                RawWebSocket slow = new RawWebSocket(strict.port());
                RawWebSocket unused = RawWebSocket.open(strict.port())) {
            slow.sendBytes("GET /slow HTTP".getBytes(StandardCharsets.US_ASCII));
            silent.expectEnd();
            slow.expectEnd();
            assertThat(unused.readClose()).isEqualTo(1000);
            assertThat(strict.connections).isEmpty();
        }
    }
}
