package io.sterna.broker.amqp;

import io.sterna.broker.testing.Frames;
import io.sterna.broker.testing.Frames.Frame;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Open;

/** A client of a broker in another process: frames over a socket. One thread's. */
final class SocketPeer implements AutoCloseable {
    private static final UnsignedInteger WINDOW = UnsignedInteger.valueOf(1000);
    private static final int PATIENCE_MILLIS = 5;

    private final Frames codec = new Frames();
    private final Socket socket;
    private final byte[] chunk = new byte[64 * 1024];
    private ByteBuffer input = ByteBuffer.allocate(0);
    private boolean headerHeard;
    private boolean lost;

    private SocketPeer(Socket socket) {
        this.socket = socket;
    }

    /** Connects, and opens a connection and a session. */
    static SocketPeer connect(String host, int port, String containerId) throws IOException {
        SocketPeer peer = new SocketPeer(new Socket(host, port));
        peer.socket.setSoTimeout(PATIENCE_MILLIS);
        peer.socket.setTcpNoDelay(true);
        peer.write(Frames.HEADER);
        Open open = new Open();
        open.setContainerId(containerId);
        peer.say(open, new byte[0]);
        Begin begin = new Begin();
        begin.setNextOutgoingId(UnsignedInteger.ZERO);
        begin.setIncomingWindow(WINDOW);
        begin.setOutgoingWindow(WINDOW);
        peer.say(begin, new byte[0]);
        return peer;
    }

    void say(Object performative, byte[] payload) {
        write(codec.encode(performative, payload));
    }

    private void write(byte[] bytes) {
        try {
            if (!lost) {
                socket.getOutputStream().write(bytes);
            }
        } catch (IOException broken) {
            lost = true; // What was said is lost with the connection, as it would be on its way.
        }
    }

    /** Whether the broker has gone. */
    boolean lost() {
        return lost;
    }

    /** Waits a little for what the broker has to say. */
    void poll(Consumer<Frame> listener) {
        try {
            int count = lost ? 0 : socket.getInputStream().read(chunk);
            if (count < 0) {
                lost = true;
            } else {
                onBytes(chunk, count, listener);
            }
        } catch (SocketTimeoutException nothingYet) {
            // Later, perhaps.
        } catch (IOException broken) {
            lost = true;
        }
    }

    private void onBytes(byte[] bytes, int count, Consumer<Frame> listener) {
        ByteBuffer all = ByteBuffer.allocate(input.remaining() + count);
        input = all.put(input).put(bytes, 0, count).flip();
        if (!headerHeard && input.remaining() >= Frames.HEADER.length) {
            headerHeard = true;
            input.position(Frames.HEADER.length);
        }
        for (Frame frame = codec.decode(input); frame != null; frame = codec.decode(input)) {
            listener.accept(frame);
        }
    }

    /** Breaks the connection without a word. */
    @Override
    public void close() throws IOException {
        lost = true;
        socket.close();
    }
}
