package io.sterna.cluster.net;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/** A node of which the test says each byte. */
final class RawPeer implements Handshake.Actions, AutoCloseable {
    private static final int READ_TIMEOUT_MILLIS = 20_000;

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;
    private boolean shaking = true;

    private RawPeer(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(READ_TIMEOUT_MILLIS);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
    }

    static RawPeer connect(PeerAddress to) throws IOException {
        return new RawPeer(new Socket(to.host(), to.port()));
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
