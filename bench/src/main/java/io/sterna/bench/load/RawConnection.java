package io.sterna.bench.load;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.security.SaslOutcome;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecodeException;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;

/**
 * An AMQP connection with one session and one receiving link, opened by hand on a blocking socket: a file handle and
 * nothing else while it is idle. Owned by one thread.
 */
final class RawConnection implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = (int) Duration.ofSeconds(20).toMillis();
    private static final byte[] SASL_HEADER = {'A', 'M', 'Q', 'P', 3, 1, 0, 0};
    private static final byte[] AMQP_HEADER = {'A', 'M', 'Q', 'P', 0, 1, 0, 0};
    private static final byte AMQP_FRAME = 0;
    private static final byte SASL_FRAME = 1;
    private static final int FRAME_HEADER_BYTES = 8;
    private static final int MAX_FRAME_BYTES = 64 * 1024;
    private static final int CREDIT = 100;

    private final Socket socket;
    private final DataInputStream in;

    private RawConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
    }

    /**
     * Opens connection, session and link, and grants credit.
     *
     * @throws IOException when the broker refuses, with its reason, or is silent for 20 s
     */
    static RawConnection open(io.sterna.bench.load.Target broker, String queue, String containerId) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(broker.uri().getHost(), broker.port()), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
            RawConnection connection = new RawConnection(socket);
            connection.authenticate(broker);
            connection.attach(queue, containerId);
            return connection;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Sends an empty frame, so that the broker's idle time-out does not end the connection. */
    void keepAlive() throws IOException {
        socket.getOutputStream().write(new byte[] {0, 0, 0, FRAME_HEADER_BYTES, 2, AMQP_FRAME, 0, 0});
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void authenticate(io.sterna.bench.load.Target broker) throws IOException {
        SaslInit init = new SaslInit();
        if (broker.user().isEmpty()) {
            init.setMechanism(Symbol.valueOf("ANONYMOUS"));
        } else {
            init.setMechanism(Symbol.valueOf("PLAIN"));
            init.setInitialResponse(
                    new Binary(("\0" + broker.user() + "\0" + broker.password()).getBytes(StandardCharsets.UTF_8)));
        }
        write(SASL_HEADER);
        expectHeader(SASL_HEADER);
        write(frame(SASL_FRAME, init));
        SaslOutcome outcome = await(SaslOutcome.class);
        if (outcome.getCode().getValue().intValue() != 0) {
            throw new IOException("the broker refused the user: SASL outcome " + outcome.getCode());
        }
        write(AMQP_HEADER);
        expectHeader(AMQP_HEADER);
    }

    private void attach(String queue, String containerId) throws IOException {
        Open open = new Open();
        open.setContainerId(containerId);
        open.setHostname(socket.getInetAddress().getHostAddress());
        open.setMaxFrameSize(UnsignedInteger.valueOf(MAX_FRAME_BYTES));
        open.setChannelMax(UnsignedShort.valueOf((short) 0));
        Begin begin = new Begin();
        begin.setNextOutgoingId(UnsignedInteger.ZERO);
        begin.setIncomingWindow(UnsignedInteger.valueOf(CREDIT));
        begin.setOutgoingWindow(UnsignedInteger.valueOf(CREDIT));
        Source source = new Source();
        source.setAddress(queue);
        source.setCapabilities(Symbol.valueOf("queue"));
        Attach attach = new Attach();
        attach.setName(containerId);
        attach.setHandle(UnsignedInteger.ZERO);
        attach.setRole(Role.RECEIVER);
        attach.setSource(source);
        attach.setTarget(new Target());
        write(frame(AMQP_FRAME, open), frame(AMQP_FRAME, begin), frame(AMQP_FRAME, attach));
        if (await(Attach.class).getSource() == null) {
            // AMQP 1.0 §2.6.3: a refused link is attached without its terminus, then detached with the reason.
            throw new IOException(
                    "the broker refused a consumer: " + await(Detach.class).getError());
        }
        Flow flow = new Flow();
        flow.setHandle(UnsignedInteger.ZERO);
        flow.setDeliveryCount(UnsignedInteger.ZERO);
        flow.setLinkCredit(UnsignedInteger.valueOf(CREDIT));
        flow.setNextIncomingId(UnsignedInteger.ZERO);
        flow.setIncomingWindow(UnsignedInteger.valueOf(CREDIT));
        flow.setNextOutgoingId(UnsignedInteger.ZERO);
        flow.setOutgoingWindow(UnsignedInteger.valueOf(CREDIT));
        write(frame(AMQP_FRAME, flow));
    }

    private void write(byte[]... parts) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(
                Arrays.stream(parts).mapToInt(part -> part.length).sum());
        for (byte[] part : parts) {
            all.put(part);
        }
        socket.getOutputStream().write(all.array());
    }

    private void expectHeader(byte[] header) throws IOException {
        byte[] answer = new byte[header.length];
        in.readFully(answer);
        if (!Arrays.equals(header, answer)) {
            throw new IOException("the broker answered with another protocol header");
        }
    }

    /** Reads frames until one of this kind comes; passes over others, unless they end something. */
    private <T> T await(Class<T> kind) throws IOException {
        while (true) {
            Object performative = read();
            if (kind.isInstance(performative)) {
                return kind.cast(performative);
            }
            if (performative instanceof Close close) {
                throw new IOException("the broker closed the connection: " + close.getError());
            }
            if (performative instanceof End end) {
                throw new IOException("the broker ended the session: " + end.getError());
            }
        }
    }

    private Object read() throws IOException {
        int size = in.readInt();
        int headerBytes = in.readUnsignedByte() * 4;
        if (size < headerBytes || headerBytes < FRAME_HEADER_BYTES || size > MAX_FRAME_BYTES) {
            throw new IOException("not a frame: size " + size + ", header " + headerBytes);
        }
        byte[] rest = new byte[size - 5];
        in.readFully(rest);
        ByteBuffer body = ByteBuffer.wrap(rest, headerBytes - 5, size - headerBytes);
        if (!body.hasRemaining()) {
            return "an empty frame";
        }
        DecoderImpl decoder = new DecoderImpl();
        AMQPDefinedTypes.registerAllTypes(decoder, new EncoderImpl(decoder));
        decoder.setByteBuffer(body);
        try {
            return decoder.readObject();
        } catch (DecodeException e) {
            throw new IOException("a frame that cannot be decoded", e);
        }
    }

    private static byte[] frame(byte type, Object performative) {
        DecoderImpl decoder = new DecoderImpl();
        EncoderImpl encoder = new EncoderImpl(decoder);
        AMQPDefinedTypes.registerAllTypes(decoder, encoder);
        ByteBuffer buffer = ByteBuffer.allocate(1024);
        buffer.position(FRAME_HEADER_BYTES);
        encoder.setByteBuffer(buffer);
        encoder.writeObject(performative);
        buffer.flip();
        buffer.putInt(0, buffer.limit()).put(4, (byte) 2).put(5, type);
        byte[] bytes = new byte[buffer.limit()];
        buffer.get(bytes);
        return bytes;
    }
}
