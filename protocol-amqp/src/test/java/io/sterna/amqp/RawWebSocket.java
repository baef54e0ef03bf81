package io.sterna.amqp;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A WebSocket's client that writes any bytes. Each read waits for some seconds at most. */
final class RawWebSocket implements AutoCloseable {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final int LIMIT_MILLIS = 20_000;
    private static final byte[] MASK = {0x11, (byte) 0xfe, 0x5a, 0x03};

    /** The example of RFC 6455 §1.3. */
    private static final String REQUEST =
            """
            GET /chat HTTP/1.1
            Host: server.example.com
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            Sec-WebSocket-Protocol: binary, amqp
            Sec-WebSocket-Version: 13

            """;

    private final Socket socket;
    private final DataInputStream in;

    record Frame(int opcode, boolean last, byte[] payload) {
        /** The reason of a close. */
        int closeCode() {
            return ByteBuffer.wrap(payload).getShort() & 0xffff;
        }
    }

    RawWebSocket(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(LIMIT_MILLIS);
        in = new DataInputStream(socket.getInputStream());
    }

    /** A WebSocket that the node has taken. */
    static RawWebSocket open(int port) throws IOException {
        RawWebSocket webSocket = new RawWebSocket(port);
        String answer = webSocket.ask(request());
        if (!answer.startsWith("HTTP/1.1 101 ")) {
            throw new AssertionError(answer);
        }
        return webSocket;
    }

    /** A request that the node takes. */
    static String request() {
        return REQUEST.replace("\n", "\r\n");
    }

    /** Sends a request and returns the head of the answer. */
    String ask(String request) throws IOException {
        sendBytes(request.getBytes(StandardCharsets.ISO_8859_1));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    void sendBytes(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    void send(int opcode, byte[] payload) throws IOException {
        sendBytes(frame(opcode, true, payload));
    }

    /** A frame as a client has to write it. */
    static byte[] frame(int opcode, boolean last, byte[] payload) {
        byte[] masked = payload.clone();
        for (int i = 0; i < masked.length; i++) {
            masked[i] ^= MASK[i % MASK.length];
        }
        return RawPeer.join(head(opcode, last, payload.length), MASK, masked);
    }

    /** The octets before the mask, for a payload of that length. */
    static byte[] head(int opcode, boolean last, long length) {
        ByteBuffer head = ByteBuffer.allocate(10).put((byte) (opcode | (last ? 0x80 : 0)));
        if (length < 126) {
            head.put((byte) (length | 0x80));
        } else if (length < 1 << 16) {
            head.put((byte) (126 | 0x80)).putShort((short) length);
        } else {
            head.put((byte) (127 | 0x80)).putLong(length);
        }
        return Arrays.copyOf(head.array(), head.position());
    }

    Frame read() throws IOException {
        int start = in.readUnsignedByte();
        int length = in.readUnsignedByte();
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length > 126) {
            throw new AssertionError("masked, or too long: " + length);
        }
        byte[] payload = new byte[length];
        in.readFully(payload);
        return new Frame(start & 0xf, (start & 0x80) != 0, payload);
    }

    /** The next frame, which has to be a close. */
    int readClose() throws IOException {
        Frame frame = read();
        if (frame.opcode() != CLOSE) {
            throw new AssertionError("expected a close, not " + frame);
        }
        return frame.closeCode();
    }

    /** Waits for the node to close the socket. */
    void expectEnd() throws IOException {
        try {
            int next = in.read();
            if (next >= 0) {
                throw new AssertionError("expected the end of the stream, not " + next);
            }
        } catch (SocketException reset) {
            return; // what we have sent meanwhile was not read any more
        }
    }

    /** What a peer says and hears within: each of its writes is a binary message. */
    RawPeer amqp() {
        return new RawPeer(socket, new Payloads(), new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                send(BINARY, new byte[] {(byte) octet});
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                send(BINARY, Arrays.copyOfRange(bytes, offset, offset + length));
            }
        });
    }

    /** The payloads of binary messages, one after the other. */
    private final class Payloads extends InputStream {
        private ByteArrayInputStream current = new ByteArrayInputStream(new byte[0]);

        @Override
        public int read() throws IOException {
            next();
            return current.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            next();
            return current.read(bytes, offset, length);
        }

        private void next() throws IOException {
            while (current.available() == 0) {
                Frame frame = RawWebSocket.this.read();
                if (frame.opcode() != BINARY) {
                    throw new AssertionError("expected a binary message, not " + frame);
                }
                current = new ByteArrayInputStream(frame.payload());
            }
        }
    }

    /** All that comes up to the end of the stream. */
    byte[] readAll() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            in.transferTo(all);
        } catch (SocketException reset) {
            return all.toByteArray(); // what we have sent meanwhile was not read any more
        }
        return all.toByteArray();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
