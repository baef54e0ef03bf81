package io.sterna.broker.garbage;

import static io.sterna.broker.garbage.Wire.AMQP_HEADER;
import static io.sterna.broker.garbage.Wire.SASL_HEADER;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerExtension;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever comes in, the broker closes what cannot become a connection in bounded time, stays inside a small heap (it
 * ends itself when it does not), and serves the others meanwhile.
 */
@Timeout(60)
class GarbageTest {
    private static final int HANDSHAKE_TIMEOUT_SECONDS = 1;
    /** A generous multiple of the time-out for a busy machine; a socket that is open then will stay open. */
    private static final int PATIENCE_MILLIS = 15_000;

    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withSettings(
                    "amqp.handshake-timeout=" + HANDSHAKE_TIMEOUT_SECONDS + "s")
            .withHeapMebibytes(96);

    private final List<Socket> sockets = new ArrayList<>();
    private GoodClient good;

    @BeforeEach
    void startGoodClient() {
        good = GoodClient.start(BROKER.broker());
    }

    @AfterEach
    void goodClientWasNotDisturbed() throws IOException {
        good.awaitProgress();
        good.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.connect(
                new InetSocketAddress(BROKER.broker().host(), BROKER.broker().port()), PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    private Socket connectAndSend(byte[]... parts) throws IOException {
        Socket socket = connect();
        send(socket, Wire.join(parts));
        return socket;
    }

    /** Sends what the broker takes; it may close at any octet. */
    private static void send(Socket socket, byte[] octets) {
        try {
            socket.getOutputStream().write(octets);
        } catch (IOException e) {
            return; // closed already, which is what the test waits for
        }
    }

    /** Reads whatever is answered until the broker closes. */
    private static void assertClosed(Socket socket, Object what) throws IOException {
        byte[] buffer = new byte[4096];
        int total = 0;
        try {
            InputStream input = socket.getInputStream();
            for (int count = 0; count >= 0; count = input.read(buffer)) {
                total += count;
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("still open: " + what, e);
        } catch (IOException e) {
            return; // reset is closed, too
        }
        assertThat(total).as("octets answered to %s", what).isLessThan(100_000);
    }

    @Test
    void shouldCloseWhenRandomOctetsComeIn() throws IOException {
        Random random = new Random(4711);
        List<Socket> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            byte[] octets = new byte[1 + random.nextInt(4_096)];
            random.nextBytes(octets);
            all.add(connectAndSend(octets));
        }
        for (Socket socket : all) {
            assertClosed(socket, "random octets");
        }
    }

    static Stream<byte[]> beginnings() {
        return Stream.of(
                new byte[0],
                Arrays.copyOf(AMQP_HEADER, 1),
                Arrays.copyOf(AMQP_HEADER, 4),
                Arrays.copyOf(AMQP_HEADER, 7),
                AMQP_HEADER,
                SASL_HEADER,
                Wire.join(AMQP_HEADER, new byte[] {0, 0, 0}),
                Wire.join(AMQP_HEADER, Wire.frameHeader(100, 2, 0)),
                Wire.join(SASL_HEADER, Wire.frameHeader(100, 2, 1), new byte[50]),
                new byte[] {'A', 'M', 'Q', 'P', 2, 1, 0, 0},
                new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1},
                "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII),
                new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3});
    }

    /** AMQP 1.0 §2.2, and the time-out for those that say too little. */
    @ParameterizedTest
    @MethodSource("beginnings")
    void shouldCloseWhenThePeerStopsInTheMiddle(byte[] beginning) throws IOException {
        assertClosed(connectAndSend(beginning), Arrays.toString(beginning));
    }

    /** The time-out counts from the socket's opening: octets that trickle in do not put it off. */
    @Test
    void shouldCloseWhenOctetsTrickleIn() throws IOException {
        Socket socket = connect();
        socket.setSoTimeout(50);
        byte[] octets = Wire.join(AMQP_HEADER, Wire.open("x".repeat(1_000)));
        for (byte octet : octets) {
            send(socket, new byte[] {octet});
            if (isClosedSoon(socket)) {
                return;
            }
        }
        throw new AssertionError("the whole open was awaited");
    }

    /** Waits a little for an answer, or for the end. */
    private static boolean isClosedSoon(Socket socket) {
        try {
            return socket.getInputStream().read(new byte[64]) < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    static Stream<byte[]> badFrameHeaders() {
        return Stream.of(
                Wire.frameHeader(-1, 2, 0),
                Wire.frameHeader(Integer.MAX_VALUE, 2, 0),
                Wire.frameHeader(Integer.MIN_VALUE, 2, 0),
                Wire.frameHeader(64 * 1024 * 1024, 2, 0),
                Wire.frameHeader(0, 2, 0),
                Wire.frameHeader(7, 2, 0),
                Wire.frameHeader(8, 0, 0),
                Wire.frameHeader(8, 1, 0),
                Wire.frameHeader(8, 255, 0),
                Wire.frameHeader(16, 2, 77));
    }

    /** AMQP 1.0 §2.3: a frame of 4 GiB, one shorter than its header, a data offset beyond its end. */
    @ParameterizedTest
    @MethodSource("badFrameHeaders")
    void shouldCloseWhenFrameHeaderLies(byte[] header) throws IOException {
        byte[] rest = new byte[1_000];
        Socket early = connectAndSend(AMQP_HEADER, header, rest);
        Socket sasl = connectAndSend(SASL_HEADER, header, rest);
        Socket late = connectAndSend(AMQP_HEADER, Wire.open("garbage"), header, rest);

        assertClosed(early, "before open");
        assertClosed(sasl, "in SASL");
        assertClosed(late, "after open");
    }

    static Stream<String> bombs() {
        return Bombs.all().keySet().stream();
    }

    /** A field of open, of attach and of a terminus that cannot be what it should be: AMQP 1.0 §2.8.14 decode errors. */
    @ParameterizedTest
    @MethodSource("bombs")
    void shouldCloseWhenPerformativeHoldsABomb(String name) throws IOException {
        byte[] bomb = Bombs.all().get(name);
        byte[] start = Wire.join(AMQP_HEADER, Wire.open("garbage"), Wire.begin());
        Map<String, byte[]> streams = Map.of(
                "as performative", Wire.join(AMQP_HEADER, Wire.frame(bomb)),
                "in open", Wire.join(AMQP_HEADER, Wire.frame(Wire.described(Wire.OPEN, bomb))),
                "in open's properties",
                        Wire.join(AMQP_HEADER, Wire.frame(openWithProperties(bomb))),
                "in begin", Wire.join(AMQP_HEADER, Wire.open("garbage"), Wire.frame(Wire.described(Wire.BEGIN, bomb))),
                "in attach", Wire.join(start, Wire.frame(Wire.described(Wire.ATTACH, bomb))),
                "in flow", Wire.join(start, Wire.frame(Wire.described(Wire.FLOW, bomb))));

        for (Map.Entry<String, byte[]> stream : streams.entrySet()) {
            assertClosed(connectAndSend(stream.getValue()), name + " " + stream.getKey());
        }
    }

    private static byte[] openWithProperties(byte[] bomb) {
        byte[][] fields = new byte[10][];
        Arrays.fill(fields, Wire.NULL);
        fields[0] = Wire.string("garbage");
        fields[9] = bomb;
        return Wire.described(Wire.OPEN, fields);
    }

    /** Messages are not decoded on their way, but their sections are looked for: any octets are survived. */
    @Test
    void shouldGoOnWhenMessagesAreBombs() throws IOException {
        List<UnaryOperator<byte[]>> wrappers = List.of(
                bomb -> bomb,
                bomb -> Wire.join(new byte[] {0x00, 0x53, 0x70}, bomb),
                bomb -> Wire.join(new byte[] {0x00, 0x53, 0x72}, bomb),
                bomb -> Wire.join(new byte[] {0x00, 0x53, 0x73}, bomb),
                bomb -> Wire.join(new byte[] {0x00, 0x53, 0x74}, bomb),
                bomb -> Wire.join(new byte[] {0x00, 0x53, 0x77}, bomb));
        int number = 0;
        for (byte[] bomb : Bombs.all().values()) {
            for (UnaryOperator<byte[]> wrapper : wrappers) {
                connectAndSend(
                        AMQP_HEADER,
                        Wire.open("garbage-" + number),
                        Wire.begin(),
                        Wire.attachSender("link", "garbage." + number++),
                        Wire.transfer(0, wrapper.apply(bomb)));
            }
        }
        good.awaitProgress();
    }

    /** A conversation that is right, with a few octets changed anywhere. */
    @Test
    void shouldGoOnWhenAnyOctetsOfAGoodConversationAreChanged() throws IOException {
        byte[] message = Wire.join(
                new byte[] {0x00, 0x53, 0x77}, Wire.string("a message like any other"));
        byte[] conversation = Wire.join(
                AMQP_HEADER,
                Wire.open("garbage"),
                Wire.begin(),
                Wire.attachSender("link", "garbage.changed"),
                Wire.transfer(0, message),
                Wire.transfer(1, message),
                Wire.frame(Wire.described(Wire.DISPOSITION, Wire.bool(false), Wire.uint(0), Wire.uint(1))),
                Wire.frame(Wire.described(Wire.DETACH, Wire.uint(0), Wire.bool(true))),
                Wire.frame(Wire.described(Wire.END)),
                Wire.frame(Wire.described(Wire.CLOSE)));
        assertClosed(connectAndSend(conversation), "the conversation as it should be");
        Random random = new Random(42);
        for (int i = 0; i < 500; i++) {
            byte[] changed = conversation.clone();
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            Socket socket = connectAndSend(changed);
            socket.shutdownOutput();
            assertClosed(socket, Arrays.toString(changed));
        }
    }

    @Test
    void shouldServeOthersWhenAThousandConnectionsSayNothing() throws IOException {
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            silent.add(i % 2 == 0 ? connect() : connectAndSend(AMQP_HEADER));
        }
        good.awaitProgress();
        for (Socket socket : silent) {
            assertClosed(socket, "silence");
        }
    }

    /** Flooding a link that gave no credit, on many connections that read nothing. */
    @Test
    void shouldServeOthersWhenPeersSendWithoutCreditAndNeverRead() throws IOException {
        byte[] message = Wire.join(new byte[] {0x00, 0x53, 0x75}, Wire.variable(0xb0, 30_000, new byte[30_000]));
        for (int i = 0; i < 20; i++) {
            Socket socket = connectAndSend(
                    AMQP_HEADER, Wire.open("flood-" + i), Wire.begin(), Wire.attachSender("link", "garbage.flood"));
            for (int n = 0; n < 200; n++) {
                send(socket, Wire.transfer(n, message));
            }
        }
        good.awaitProgress();
    }
}
