package io.sterna.broker.garbage;

import static io.sterna.broker.testing.Wire.AMQP_HEADER;
import static io.sterna.broker.testing.Wire.SASL_HEADER;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerExtension;
import io.sterna.broker.testing.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Whatever comes in, the broker closes what cannot become a connection in bounded time, stays inside a small heap (it
 * ends itself when it does not), and serves the others meanwhile.
 */
@Timeout(60)
class GarbageTest {
    private static final int HANDSHAKE_TIMEOUT_SECONDS = 3;
    /** A generous multiple of the time-out for a busy machine; a socket that is open then will stay open. */
    private static final int PATIENCE_MILLIS = 15_000;

    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withSettings(
                    "amqp.handshake-timeout=" + HANDSHAKE_TIMEOUT_SECONDS + "s")
            .withHeapMebibytes(96);

    private final List<Socket> sockets = new ArrayList<>();
    private Optional<GoodClient> good = Optional.empty();

    @BeforeEach
    void startGoodClient() {
        good = Optional.of(GoodClient.start(BROKER.broker()));
    }

    @AfterEach
    void goodClientWasNotDisturbed() throws IOException {
        good().awaitProgress();
        good().close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private GoodClient good() {
        return good.orElseThrow();
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

    private void assertAllClosed(List<byte[]> streams) throws IOException {
        List<Socket> all = new ArrayList<>();
        for (byte[] stream : streams) {
            all.add(connectAndSend(stream));
        }
        for (int i = 0; i < all.size(); i++) {
            assertClosed(all.get(i), Arrays.toString(streams.get(i)));
        }
    }

    @Test
    void shouldCloseWhenRandomOctetsComeIn() throws IOException {
        Random random = new Random(4711);
        List<byte[]> streams = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            byte[] octets = new byte[1 + random.nextInt(4_096)];
            random.nextBytes(octets);
            streams.add(octets);
        }
        assertAllClosed(streams);
    }

    /** AMQP 1.0 §2.2, and the time-out for those that say too little. */
    @Test
    void shouldCloseWhenPeersStopInTheMiddle() throws IOException {
        assertAllClosed(List.of(
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
                new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3}));
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

    /** AMQP 1.0 §2.3: a frame of 4 GiB, one shorter than its header, a data offset beyond its end. */
    @Test
    void shouldCloseWhenFrameHeadersLie() throws IOException {
        List<byte[]> headers = List.of(
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
        List<byte[]> streams = new ArrayList<>();
        for (byte[] header : headers) {
            byte[] rest = new byte[1_000];
            streams.add(Wire.join(AMQP_HEADER, header, rest));
            streams.add(Wire.join(SASL_HEADER, header, rest));
            streams.add(Wire.join(AMQP_HEADER, Wire.open("garbage"), header, rest));
        }
        assertAllClosed(streams);
    }

    /** A field of a performative that cannot be what it should be: a decode error closes the connection. */
    @Test
    void shouldCloseWhenPerformativesHoldBombs() throws IOException {
        byte[] start = Wire.join(AMQP_HEADER, Wire.open("garbage"), Wire.begin());
        Map<String, Socket> all = new LinkedHashMap<>();
        for (Map.Entry<String, byte[]> entry : Bombs.all().entrySet()) {
            byte[] bomb = entry.getValue();
            Map<String, byte[]> streams = Map.of(
                    "as performative", Wire.join(AMQP_HEADER, Wire.frame(bomb)),
                    "in open", Wire.join(AMQP_HEADER, Wire.frame(Wire.described(Wire.OPEN, bomb))),
                    "in open's properties", Wire.join(AMQP_HEADER, Wire.frame(openWithProperties(bomb))),
                    "in begin", Wire.join(AMQP_HEADER, Wire.open("x"), Wire.frame(Wire.described(Wire.BEGIN, bomb))),
                    "in attach", Wire.join(start, Wire.frame(Wire.described(Wire.ATTACH, bomb))),
                    "in flow", Wire.join(start, Wire.frame(Wire.described(Wire.FLOW, bomb))));
            for (Map.Entry<String, byte[]> stream : streams.entrySet()) {
                all.put(entry.getKey() + " " + stream.getKey(), connectAndSend(stream.getValue()));
            }
        }
        for (Map.Entry<String, Socket> each : all.entrySet()) {
            assertClosed(each.getValue(), each.getKey());
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
        good().awaitProgress();
    }

    /** A conversation that is right, with a few octets changed anywhere. */
    @Test
    void shouldGoOnWhenAnyOctetsOfAGoodConversationAreChanged() throws IOException {
        byte[] message = Wire.join(new byte[] {0x00, 0x53, 0x77}, Wire.string("a message like any other"));
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
        good().awaitProgress();
        for (Socket socket : silent) {
            assertClosed(socket, "silence");
        }
    }

    /** More than the heap holds, on connections that read nothing: what is durable does not have to stay in memory. */
    @Test
    void shouldServeOthersWhenPeersSendALotAndNeverRead() throws IOException {
        byte[] message = Wire.join(
                Wire.described(0x70, Wire.bool(true)),
                new byte[] {0x00, 0x53, 0x75},
                Wire.variable(0xb0, 30_000, new byte[30_000]));
        for (int i = 0; i < 20; i++) {
            flood("flood-" + i, 200, message);
        }
        good().awaitProgress();
    }

    /** AMQP 1.0 §2.6.7: who sends beyond its credit loses the link, and nobody else notices. */
    @Test
    void shouldServeOthersWhenPeersSendWithoutCredit() throws IOException {
        byte[] message = Wire.join(new byte[] {0x00, 0x53, 0x77}, Wire.string("x"));
        for (int i = 0; i < 5; i++) {
            flood("greedy-" + i, 5_000, message);
        }
        good().awaitProgress();
    }

    private void flood(String container, int count, byte[] message) throws IOException {
        Socket socket = connectAndSend(
                AMQP_HEADER, Wire.open(container), Wire.begin(), Wire.attachSender("link", "garbage.flood"));
        for (int n = 0; n < count; n++) {
            send(socket, Wire.transfer(n, message));
        }
    }
}
