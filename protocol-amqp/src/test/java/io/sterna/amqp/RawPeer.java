package io.sterna.amqp;

import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.DecodeException;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** A client that writes any bytes, for what the scripted one can't say. Each read waits for some seconds at most. */
final class RawPeer implements AutoCloseable {
    static final int AMQP = 0;
    static final int SASL = 3;
    private static final int LIMIT_MILLIS = 20_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final PerformativeCodec codec = new PerformativeCodec();

    /** A frame that came; the body is one of Proton-J's objects, or null when there is none. */
    record Frame(int type, int channel, Object body, byte[] payload, int size) {
        <T> T as(Class<T> expected) {
            if (!expected.isInstance(body)) {
                throw new AssertionError("expected " + expected.getSimpleName() + ", not " + body);
            }
            return expected.cast(body);
        }
    }

    RawPeer(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(LIMIT_MILLIS);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** A peer whose bytes take another way than a plain socket's. */
    RawPeer(Socket socket, InputStream in, OutputStream out) {
        this.socket = socket;
        this.in = new DataInputStream(in);
        this.out = out;
    }

    static byte[] header(int protocolId) {
        return new byte[] {'A', 'M', 'Q', 'P', (byte) protocolId, 1, 0, 0};
    }

    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    /** A frame around any body. */
    static byte[] frame(int type, int channel, byte[] body) {
        return ByteBuffer.allocate(8 + body.length)
                .putInt(8 + body.length)
                .put((byte) 2)
                .put((byte) type)
                .putShort((short) channel)
                .put(body)
                .array();
    }

    /** A frame with a performative, given as one of Proton-J's objects, and a payload. */
    byte[] amqp(int channel, Object performative, byte... payload) {
        return frame(0, channel, join(encode(performative), payload));
    }

    byte[] sasl(Object performative) {
        return frame(1, 0, encode(performative));
    }

    byte[] encode(Object value) {
        ByteBuffer encoded = codec.encode(value);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    /** Sends all of it in one write. */
    void send(byte[]... parts) throws IOException {
        out.write(join(parts));
        out.flush();
    }

    byte[] readBytes(int count) throws IOException {
        byte[] bytes = new byte[count];
        in.readFully(bytes);
        return bytes;
    }

    Frame read() throws IOException, DecodeException {
        int size = in.readInt();
        byte[] rest = readBytes(size - 4);
        int body = 4 * rest[0] - 4;
        int channel = Octets.uint16(rest, 2);
        if (body == rest.length) {
            return new Frame(rest[1], channel, null, new byte[0], size);
        }
        int end = AmqpValues.skip(rest, body, rest.length);
        Object performative = codec.decode(rest, body, end);
        return new Frame(rest[1], channel, performative, Arrays.copyOfRange(rest, end, rest.length), size);
    }

    <T> T read(Class<T> expected) throws IOException, DecodeException {
        return read().as(expected);
    }

    /** Waits for the node to close the socket; whatever comes before that is a failure. */
    void expectEnd() throws IOException {
        int next;
        try {
            next = in.read();
        } catch (EOFException end) {
            return;
        }
        if (next >= 0) {
            throw new AssertionError("expected the end of the stream, not " + next + " and "
                    + HexFormat.of().formatHex(readBytes(in.available())));
        }
    }

    /** Whether anything has come that was not read. */
    boolean hasMore() throws IOException {
        return in.available() > 0;
    }

    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
