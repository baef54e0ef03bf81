package io.sterna.cluster.net;

import io.sterna.cluster.ReplicaMessage;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/** A node of which the test says each byte. */
final class RawPeer implements Handshake.Actions, AutoCloseable {
    private static final int READ_TIMEOUT_MILLIS = 20_000;
    private static final int RECEIVE_BUFFER_BYTES = 64 << 10;

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;
    private final ByteArrayOutputStream stream = new ByteArrayOutputStream();
    private boolean shaking = true;

    private RawPeer(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(READ_TIMEOUT_MILLIS);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
    }

    static RawPeer connect(PeerAddress to) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
        socket.connect(new InetSocketAddress(to.host(), to.port()));
        return new RawPeer(socket);
    }

    static Hello hello(String cluster, String node) {
        PeerIdentity identity = new PeerIdentity(
                node,
                2,
                UUID.randomUUID(),
                new PeerAddress("127.0.0.1", 1),
                TestPeer.CLIENT_PORT,
                false,
                TestPeer.FOUNDERS);
        return Hello.of(cluster, identity, new byte[Hello.NONCE_BYTES]);
    }

    /** Goes through the handshake as the one who has called. */
    RawPeer shakeHands(Hello hello, ClusterSecret secret) throws IOException {
        Handshake handshake = new Handshake(true, hello, secret, this);
        handshake.start();
        while (shaking) {
            byte[] frame = readFrame();
            try {
                handshake.onFrame(
                        FrameKind.of(frame[0]),
                        ByteBuffer.wrap(frame, 1, frame.length - 1).slice());
            } catch (MalformedFrameException malformed) {
                throw new IOException(malformed);
            }
        }
        return this;
    }

    /** The next frame, its kind first. */
    byte[] readFrame() throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return frame;
    }

    /** Reads frames until there is a piece of the stream. */
    void readPiece() throws IOException {
        long before = stream.size();
        while (stream.size() == before) {
            readNext();
        }
    }

    /**
     * Reads frames until there is one of this kind.
     *
     * @return how much of the stream has come before it
     */
    long readStream(FrameKind until) throws IOException {
        while (readNext() != until.code()) {
            // What comes is noted.
        }
        return stream.size();
    }

    /** The first message of the stream, of which a piece was read. */
    ReplicaMessage readMessage() throws IOException, MalformedFrameException {
        int bytes = Integer.BYTES + ByteBuffer.wrap(stream.toByteArray()).getInt();
        while (stream.size() < bytes) {
            readNext();
        }
        ByteBuffer message = ByteBuffer.wrap(stream.toByteArray());
        return ReplicaMessageFormat.read(message.position(Integer.BYTES + 1 + Long.BYTES));
    }

    /** Reads a frame, and keeps it if it is a piece of the stream. */
    private int readNext() throws IOException {
        byte[] frame = readFrame();
        if (frame[0] == FrameKind.STREAM.code()) {
            stream.write(frame, 1, frame.length - 1);
        }
        return frame[0];
    }

    /** Reads frames until there is a refusal. */
    Refusal readRefusal() throws IOException, MalformedFrameException {
        byte[] frame = readFrame();
        while (frame[0] != FrameKind.REFUSAL.code()) {
            frame = readFrame();
        }
        return Refusal.read(ByteBuffer.wrap(frame, 1, frame.length - 1));
    }

    void write(byte[] bytes) {
        try {
            out.write(bytes);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void send(FrameKind kind, byte[] body) {
        write(Bytes.frame(kind, body));
    }

    @Override
    public Optional<Refusal> onHello(PeerIdentity other) {
        return Optional.empty();
    }

    @Override
    public Optional<Refusal> judge(PeerIdentity other) {
        return Optional.empty();
    }

    @Override
    public void onDone(PeerIdentity other) {
        shaking = false;
    }

    @Override
    public void onRefusing(Refusal reason) {
        throw new AssertionError("refuses: " + reason);
    }

    @Override
    public void onRefused(Refusal reason) {
        throw new AssertionError("refused: " + reason);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
