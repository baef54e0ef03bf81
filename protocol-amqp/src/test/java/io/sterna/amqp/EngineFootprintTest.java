package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.sterna.amqp.message.OutgoingMessage;
import io.sterna.amqp.sasl.UserAuthenticator;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What connections and messages cost in memory. The bounds leave room: measured were 2.9 KB a
 * connection, 1,112 bytes in and 82 out. */
@Tag("long")
class EngineFootprintTest {
    private static final int CONNECTIONS = 10_000;
    private static final int MESSAGES = 100_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final LoopResources resources = new LoopResources(Runnable::run);
    private final UserAuthenticator anonymous =
            new UserAuthenticator(Map.of(), true, Runnable::run, new SecureRandom());
    private final ConnectionSettings settings =
            new ConnectionSettings("size", 64 * 1024, 255, 255, 2048, 0, 10_000, 10_000);

    @Test
    void shouldOwnFewKilobytesWhenAConnectionIsIdle() {
        byte[] life = life(false);
        serve(life);
        List<Connection> kept = new ArrayList<>(CONNECTIONS);
        long before = usedBytes();
        for (int i = 0; i < CONNECTIONS; i++) {
            kept.add(serve(life));
        }
        long each = (usedBytes() - before) / CONNECTIONS;
        assertThat(kept).hasSize(CONNECTIONS).allMatch(Connection::isOpen);
        assertThat(each)
                .as("bytes of an idle connection with a session and two links")
                .isLessThan(8 * 1024);
    }

    @Test
    void shouldOwnFewKilobytesWhenAConnectionWasBusy() {
        byte[] life = life(true);
        serve(life);
        List<Connection> kept = new ArrayList<>(CONNECTIONS);
        long before = usedBytes();
        for (int i = 0; i < CONNECTIONS; i++) {
            kept.add(serve(life));
        }
        long each = (usedBytes() - before) / CONNECTIONS;
        assertThat(kept).hasSize(CONNECTIONS).allMatch(Connection::isOpen);
        assertThat(each).as("bytes of a connection that has received and sent").isLessThan(8 * 1024);
    }

    @Test
    void shouldAllocateLittleWhenMessagesCome() throws Exception {
        Connection connection = serve(life(false));
        byte[] payload = new byte[1024];
        byte[][] batches = new byte[MESSAGES / 50][];
        for (int i = 0; i < batches.length; i++) {
            byte[][] frames = new byte[50][];
            for (int j = 0; j < 50; j++) {
                frames[j] = TestFrames.transfer(0, 0, 50 * i + j, payload);
            }
            batches[i] = RawPeer.join(frames);
        }
        long before = 0;
        for (int i = 0; i < batches.length; i++) {
            if (i == batches.length / 2) {
                before = THREADS.getCurrentThreadAllocatedBytes();
            }
            connection.receive(batches[i], 0, batches[i].length, 0);
            connection.pull(48 * 1024);
            connection.outputTaken();
        }
        long each = (THREADS.getCurrentThreadAllocatedBytes() - before) / (MESSAGES / 2);
        assertThat(each).as("bytes allocated for a message of 1 KiB in").isLessThan(1_600);
    }

    @Test
    void shouldAllocateLittleWhenMessagesGo() throws Exception {
        Node node = new Node();
        Connection connection = serve(life(false), node);
        byte[] tag = {1};
        OutgoingMessage message = OutgoingMessage.untouched(new byte[1024]);
        long before = 0;
        byte[] outcome = new byte[0];
        for (int i = 0; i < MESSAGES / 50; i++) {
            if (i == MESSAGES / 100) {
                before = THREADS.getCurrentThreadAllocatedBytes();
            }
            for (int j = 0; j < 50; j++) {
                node.sender.send(tag, 0, message, false, tag);
            }
            while (connection.hasOutput()) {
                connection.pull(48 * 1024);
                connection.outputTaken();
            }
            outcome = Footprints.accepted(50 * i, 50 * i + 49);
            connection.receive(outcome, 0, outcome.length, 0);
            byte[] credit = Footprints.credit(50 * (i + 1));
            connection.receive(credit, 0, credit.length, 0);
        }
        long each = (THREADS.getCurrentThreadAllocatedBytes() - before) / (MESSAGES / 2);
        assertThat(each).as("bytes allocated for a message of 1 KiB out").isLessThan(300);
    }

    private byte[] life(boolean busy) {
        byte[] start = RawPeer.join(
                RawPeer.header(RawPeer.AMQP),
                Footprints.amqp(RawHeaderTest.open()),
                Footprints.amqp(RawSaslTest.begin()),
                Footprints.attach("in", 0, false),
                Footprints.attach("out", 1, true),
                Footprints.credit(0));
        if (!busy) {
            return start;
        }
        byte[] transfers = new byte[0];
        for (int i = 0; i < 50; i++) {
            transfers = RawPeer.join(transfers, TestFrames.transfer(0, 0, i, new byte[100]));
        }
        return RawPeer.join(start, transfers);
    }

    private Connection serve(byte[] life) {
        return serve(life, new Node());
    }

    private Connection serve(byte[] life, Node node) {
        Connection connection = Connection.server(settings, anonymous, resources, node, () -> {}, 0);
        for (int at = 0; at < life.length; at += 1000) {
            connection.receive(life, at, Math.min(1000, life.length - at), 0);
            connection.pull(48 * 1024);
            connection.outputTaken();
        }
        return connection;
    }

    private static long usedBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static final class Footprints {
        private static final PerformativeCodec CODEC = new PerformativeCodec();

        static byte[] amqp(Object performative) {
            ByteBuffer encoded = CODEC.encode(performative);
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return RawPeer.frame(0, 0, bytes);
        }

        static byte[] attach(String name, int handle, boolean receiver) {
            Attach attach = new Attach();
            attach.setName(name);
            attach.setHandle(UnsignedInteger.valueOf(handle));
            attach.setRole(receiver ? Role.RECEIVER : Role.SENDER);
            attach.setInitialDeliveryCount(UnsignedInteger.ZERO);
            return amqp(attach);
        }

        /** 50 more on the link with handle 1. */
        static byte[] credit(int sent) {
            Flow flow = new Flow();
            flow.setNextIncomingId(UnsignedInteger.valueOf(sent));
            flow.setIncomingWindow(UnsignedInteger.valueOf(100_000));
            flow.setNextOutgoingId(UnsignedInteger.ZERO);
            flow.setOutgoingWindow(UnsignedInteger.valueOf(100_000));
            flow.setHandle(UnsignedInteger.ONE);
            flow.setDeliveryCount(UnsignedInteger.valueOf(sent));
            flow.setLinkCredit(UnsignedInteger.valueOf(50));
            return amqp(flow);
        }

        static byte[] accepted(int first, int last) {
            Disposition disposition = new Disposition();
            disposition.setRole(Role.RECEIVER);
            disposition.setFirst(UnsignedInteger.valueOf(first));
            disposition.setLast(UnsignedInteger.valueOf(last));
            disposition.setSettled(true);
            disposition.setState(Accepted.getInstance());
            return amqp(disposition);
        }
    }

    private static final class Node implements ConnectionHandler {
        private SenderLink sender;

        @Override
        public void onOpen(Connection connection) {
            connection.open(OpenTerms.PLAIN);
        }

        @Override
        public void onAttach(SenderLink link) {
            sender = link;
            link.accept(LinkTerms.asAsked(link.remote()), new SenderHandler() {
                @Override
                public void onCredit() {}

                @Override
                public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {}

                @Override
                public void onDetached(boolean closed, Optional<AmqpError> error) {}

                @Override
                public void onLost(boolean inOrder) {}
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
                public void onDetached(boolean closed, Optional<AmqpError> error) {}

                @Override
                public void onLost(boolean inOrder) {}
            });
            link.window(1000);
        }

        @Override
        public void onClosed(Connection connection, Optional<AmqpError> error) {}
    }
}
