package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.OutgoingMessage;
import io.sterna.amqp.sasl.UserAuthenticator;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server engine in memory and a peer that is out of its mind: whatever comes, the engine throws nothing, ends, and
 * answers in frames that are well formed, of which the last, if it gives up, is a close that says why.
 */
class EngineFuzzTest {
    private static final int FRAME_BYTES = 4 * 1024;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final PerformativeCodec codec = new PerformativeCodec();

    static LongStream seeds() {
        return LongStream.range(0, 400);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldAnswerInFramesWhenAConversationIsSpoilt(long seed) {
        play(seed);
    }

    @Test
    @Tag("long")
    void shouldAnswerInFramesWhenManyConversationsAreSpoilt() {
        for (long seed = 10_000; seed < 60_000; seed++) {
            play(seed);
        }
    }

    private void play(long seed) {
        try {
            Random random = new Random(seed);
            Server server = new Server();
            byte[] conversation = conversation(random);
            spoil(conversation, random);
            int at = 0;
            while (at < conversation.length) {
                int count = Math.min(conversation.length - at, 1 + random.nextInt(2_000));
                server.receive(conversation, at, count);
                at += count;
            }
            server.check();
        } catch (RuntimeException | DecodeException | AssertionError failure) {
            throw new AssertionError("seed " + seed, failure);
        }
    }

    /** A life of a connection in which everything is legal. */
    private byte[] conversation(Random random) {
        List<byte[]> parts = new ArrayList<>();
        if (random.nextBoolean()) {
            SaslInit init = new SaslInit();
            init.setMechanism(Symbol.valueOf("ANONYMOUS"));
            parts.add(RawPeer.header(RawPeer.SASL));
            parts.add(RawPeer.frame(1, 0, encode(init)));
        }
        parts.add(RawPeer.header(RawPeer.AMQP));
        parts.add(amqp(RawHeaderTest.open()));
        parts.add(amqp(RawSaslTest.begin()));
        parts.add(amqp(attach("in", 0, Role.SENDER)));
        parts.add(amqp(attach("out", 1, Role.RECEIVER)));
        parts.add(amqp(flow(1, 10)));
        for (int i = 0; i < 10; i++) {
            parts.add(transfer(i, random.nextInt(100)));
            if (random.nextBoolean()) {
                parts.add(amqp(disposition(random.nextInt(10), random.nextInt(20))));
            }
        }
        if (random.nextBoolean()) {
            Detach detach = new Detach();
            detach.setHandle(UnsignedInteger.valueOf(random.nextInt(2)));
            detach.setClosed(random.nextBoolean());
            parts.add(amqp(detach));
        }
        if (random.nextBoolean()) {
            parts.add(amqp(new End()));
        }
        if (random.nextBoolean()) {
            parts.add(amqp(new Close()));
        }
        if (random.nextInt(3) == 0) {
            Collections.swap(parts, random.nextInt(parts.size()), random.nextInt(parts.size()));
        }
        if (random.nextInt(3) == 0) {
            parts.add(random.nextInt(parts.size()), parts.get(random.nextInt(parts.size())));
        }
        return RawPeer.join(parts.toArray(new byte[0][]));
    }

    /** Changes a few bytes, mostly behind the header. */
    private static void spoil(byte[] conversation, Random random) {
        for (int changes = random.nextInt(6); changes > 0; changes--) {
            int at = random.nextInt(10) == 0 ? random.nextInt(8) : 8 + random.nextInt(conversation.length - 8);
            switch (random.nextInt(4)) {
                case 0 -> conversation[at] = (byte) random.nextInt(256);
                case 1 -> conversation[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> conversation[at] = (byte) (random.nextBoolean() ? 0xff : 0x80);
                default -> conversation[at]++;
            }
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldAnswerInFramesWhenBodiesAreNoise(long seed) throws Exception {
        Random random = new Random(seed);
        Server server = new Server();
        server.begin();
        for (int i = 0; i < 50 && server.connection.outputBytes() == 0; i++) {
            byte[] body = new byte[random.nextInt(60)];
            random.nextBytes(body);
            if (body.length > 3 && random.nextInt(4) > 0) {
                body[0] = 0;
                body[1] = 0x53;
                body[2] = (byte) (0x10 + random.nextInt(9));
                body[3] = (byte) (random.nextBoolean() ? 0xc0 : 0xd0);
            }
            server.receive(RawPeer.frame(0, 0, body));
        }
        server.check();
    }

    // AMQP 1.0 §2.3.1: what a frame claims to be costs nothing.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ffffffff 02000000",
                "7fffffff 02000000",
                "00001001 02000000",
                "00001000 02000000",
                "0000001a 02000000 005314d0ffffffffffffffff 43 43 a0 00 43",
                "0000001a 02000000 005314d00000000e7fffffff 43 43 a0 00 43",
                "0000001c 02000000 005312c0 10 02 b1ffffffff 41 41 41 41 41 41 41 41 41",
                "00000021 02000000 005310d0 00000015 00000002 a10141 f0 ffffffff 7fffffff a3 01 41 41 41 41",
                "00000026 02000000 005310c0 19 0a a10141 40404040 40 40 40 40 f0 00000005 7fffffff 43 40 40",
                "00000024 02000000 005312c0 18 07 a10141 43 42 40 40 40 d1 7fffffff 7fffffff 40 40 40"
            })
    void shouldNotAllocateWhatAFrameClaimsWhenItIsNotThere(String frame) throws Exception {
        Server server = new Server();
        server.begin();
        byte[] bytes = RawPeer.hex(frame);
        server.receive(RawPeer.hex("0000000802000000"));
        long before = THREADS.getCurrentThreadAllocatedBytes();
        server.receive(bytes);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).isLessThan(300_000);
        server.check();
    }

    // A list inside a list inside a list: what is small on the wire stays small in memory.
    @Test
    void shouldNotAllocateMuchWhenAFrameIsFullOfEmptyLists() throws Exception {
        Server server = new Server();
        server.begin();
        int lists = FRAME_BYTES - 100;
        byte[] head = RawPeer.hex("005312d0" + hex(lists + 12 + 9) + "00000008 a10141 43 42 40 40 40 40");
        byte[] properties = RawPeer.hex("d1" + hex(lists + 4) + hex(lists));
        byte[] body = RawPeer.join(head, properties, new byte[lists]);
        Arrays.fill(body, body.length - lists, body.length, (byte) 0x45);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        server.receive(RawPeer.frame(0, 0, body));
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(1_000_000);
        server.check();
    }

    private static String hex(int number) {
        return String.format("%08x", number);
    }

    // Echoes, begins and ends cost the peer as much as us: nothing gathers.
    @Test
    void shouldKeepNothingWhenSessionsComeAndGoForLong() throws Exception {
        Server server = new Server();
        server.begin();
        byte[] round = RawPeer.join(
                amqp(attach("in", 0, Role.SENDER)), amqp(flow(0, 0)), amqp(new End()), amqp(RawSaslTest.begin()));
        for (int i = 0; i < 20_000; i++) {
            server.receive(round);
            server.drop();
        }
        assertThat(server.lost).isEqualTo(20_000);
        server.receive(amqp(new End()));
        server.check();
    }

    @Test
    void shouldKeepNothingWhenLinksComeAndGoForLong() throws Exception {
        Server server = new Server();
        server.begin();
        Detach detach = new Detach();
        detach.setHandle(UnsignedInteger.ZERO);
        for (int i = 0; i < 20_000; i++) {
            server.receive(RawPeer.join(amqp(attach("link" + i, 0, Role.RECEIVER)), amqp(flow(0, 3)), amqp(detach)));
            server.drop();
        }
        assertThat(server.detached).isEqualTo(20_000);
        server.check();
    }

    // A peer that asks and does not read is not listened to any more.
    @Test
    void shouldWantNoInputWhenThePeerDoesNotReadItsAnswers() throws Exception {
        Server server = new Server();
        server.begin();
        Flow echo = flow(0, 0);
        echo.setHandle(null);
        echo.setEcho(true);
        byte[] echoes = amqp(echo);
        int rounds = 0;
        while (server.connection.wantsInput()) {
            server.receive(echoes);
            server.connection.pull(Integer.MAX_VALUE);
            rounds++;
            assertThat(rounds).isLessThan(1_000_000);
        }
        assertThat(server.connection.outputBytes()).isBetween(1024 * 1024, 2 * 1024 * 1024);
        server.drop();
        assertThat(server.connection.wantsInput()).isTrue();
    }

    private byte[] encode(Object value) {
        ByteBuffer encoded = codec.encode(value);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    private byte[] amqp(Object performative) {
        return RawPeer.frame(0, 0, encode(performative));
    }

    private static Attach attach(String name, int handle, Role role) {
        Attach attach = new Attach();
        attach.setName(name);
        attach.setHandle(UnsignedInteger.valueOf(handle));
        attach.setRole(role);
        attach.setInitialDeliveryCount(UnsignedInteger.ZERO);
        Source source = new Source();
        source.setAddress("queue");
        source.setFilter(Map.of(Symbol.valueOf("selector"), "colour = 'blue'"));
        attach.setSource(source);
        Target target = new Target();
        target.setAddress("queue");
        attach.setTarget(target);
        attach.setProperties(Map.of(Symbol.valueOf("key"), 17));
        return attach;
    }

    private static Flow flow(int handle, int credit) {
        Flow flow = new Flow();
        flow.setNextIncomingId(UnsignedInteger.ZERO);
        flow.setIncomingWindow(UnsignedInteger.valueOf(2048));
        flow.setNextOutgoingId(UnsignedInteger.ZERO);
        flow.setOutgoingWindow(UnsignedInteger.valueOf(2048));
        flow.setHandle(UnsignedInteger.valueOf(handle));
        flow.setDeliveryCount(UnsignedInteger.ZERO);
        flow.setLinkCredit(UnsignedInteger.valueOf(credit));
        return flow;
    }

    private static Disposition disposition(int first, int last) {
        Disposition disposition = new Disposition();
        disposition.setRole(Role.RECEIVER);
        disposition.setFirst(UnsignedInteger.valueOf(first));
        disposition.setLast(UnsignedInteger.valueOf(last));
        disposition.setSettled(true);
        disposition.setState(Accepted.getInstance());
        return disposition;
    }

    private byte[] transfer(int id, int bytes) {
        Transfer transfer = new Transfer();
        transfer.setHandle(UnsignedInteger.ZERO);
        transfer.setDeliveryId(UnsignedInteger.valueOf(id));
        transfer.setDeliveryTag(new Binary(new byte[] {(byte) id}));
        transfer.setMessageFormat(UnsignedInteger.ZERO);
        return RawPeer.frame(0, 0, RawPeer.join(encode(transfer), new byte[bytes]));
    }

    /** A server that accepts all that comes and sends what it has credit for. */
    private final class Server implements ConnectionHandler {
        private final Connection connection;
        private final ByteArrayOutputStream said = new ByteArrayOutputStream();
        private int lost;
        private int detached;
        private int closed;

        Server() {
            connection = Connection.server(
                    new ConnectionSettings("fuzz", FRAME_BYTES, 10, 10, 100, 0, 10_000, 10_000),
                    new UserAuthenticator(Map.of(), true, Runnable::run, new SecureRandom()),
                    new LoopResources(Runnable::run),
                    this,
                    () -> {},
                    0);
        }

        void begin() {
            receive(RawPeer.join(RawPeer.header(RawPeer.AMQP), amqp(RawHeaderTest.open()), amqp(RawSaslTest.begin())));
            drop();
        }

        void receive(byte[] bytes) {
            receive(bytes, 0, bytes.length);
        }

        void receive(byte[] bytes, int offset, int count) {
            connection.receive(bytes, offset, count, 0);
            connection.pull(10_000);
        }

        /** The peer has read all; what it was is of no interest. */
        void drop() {
            while (connection.hasOutput()) {
                connection.pull(1_000_000);
                if (connection.outputBytes() == 0) {
                    return;
                }
                connection.outputTaken();
            }
        }

        void check() throws DecodeException {
            for (int i = 0; i < 100 && connection.hasOutput(); i++) {
                connection.pull(1_000_000);
                said.write(connection.outputArray(), 0, connection.outputBytes());
                connection.outputTaken();
            }
            Object last = lastFrame(said.toByteArray());
            if (connection.finished()) {
                assertThat(closed).isEqualTo(1);
            }
            if (last instanceof Close close && close.getError() != null) {
                assertThat(close.getError().getCondition().toString()).isNotBlank();
                assertThat(close.getError().getDescription()).isNotBlank();
            }
            connection.onSocketClosed();
            assertThat(closed).isEqualTo(1);
        }

        private Object lastFrame(byte[] stream) throws DecodeException {
            Object last = "";
            int at = 0;
            while (at < stream.length) {
                assertThat(last).isNotInstanceOf(Close.class);
                if (stream[at] == 'A') {
                    at += 8;
                    continue;
                }
                int size = Octets.int32(stream, at);
                assertThat(size).isBetween(8, stream.length - at);
                if (size > 8) {
                    int end = AmqpValues.skip(stream, at + 8, at + size);
                    last = codec.decode(stream, at + 8, end);
                    assertThat(last.getClass().getName()).startsWith("org.apache.qpid.proton.amqp.");
                }
                at += size;
            }
            return last;
        }

        @Override
        public void onOpen(Connection opened) {
            opened.open(OpenTerms.PLAIN);
        }

        @Override
        public void onAttach(SenderLink link) {
            link.accept(LinkTerms.asAsked(link.remote()), new SenderHandler() {
                private int sent;

                @Override
                public void onCredit() {
                    while (link.credit() > 0 && sent < 20) {
                        sent++;
                        link.send(new byte[] {(byte) sent}, 0, OutgoingMessage.untouched(new byte[50]), false, sent);
                    }
                    link.drained();
                }

                @Override
                public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {
                    delivery.settle(DeliveryState.Accepted.INSTANCE);
                }

                @Override
                public void onDetached(boolean closedToo, Optional<AmqpError> error) {
                    detached++;
                    link.detach(closedToo, Optional.empty());
                }

                @Override
                public void onLost(boolean inOrder) {
                    lost++;
                }
            });
        }

        @Override
        public void onAttach(ReceiverLink link) {
            link.accept(LinkTerms.asAsked(link.remote()), new ReceiverHandler() {
                @Override
                public void onDelivery(IncomingDelivery delivery) {
                    delivery.settle(DeliveryState.Accepted.INSTANCE);
                }

                @Override
                public void onDetached(boolean closedToo, Optional<AmqpError> error) {
                    detached++;
                    link.detach(closedToo, Optional.empty());
                }

                @Override
                public void onLost(boolean inOrder) {
                    lost++;
                }
            });
            link.window(20);
        }

        @Override
        public void onClosed(Connection finished, Optional<AmqpError> error) {
            closed++;
        }
    }
}
