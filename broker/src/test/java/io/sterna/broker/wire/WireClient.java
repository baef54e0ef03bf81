package io.sterna.broker.wire;

import io.sterna.broker.testing.BrokerUnderTest;
import io.sterna.broker.testing.Frames;
import io.sterna.broker.testing.Frames.Frame;
import io.sterna.broker.testing.Wire;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Transfer;

/** A connection that says any octets and keeps the frames that it hears until they are asked for. One thread's. */
final class WireClient implements AutoCloseable {
    /** Silence for so long where something has to come is a failure; a busy machine may take its time. */
    private static final int PATIENCE_MILLIS = 20_000;

    private final Frames codec = new Frames();
    private final Socket socket;
    private final List<Frame> inbox = new ArrayList<>();
    private final Map<Integer, WireSession> sessionsByTheirChannel = new HashMap<>();
    private final String containerId;
    private int largestFrameBytes;

    private WireClient(Socket socket, String containerId) {
        this.socket = socket;
        this.containerId = containerId;
    }

    /** How a link, a session or a connection was ended, and with which condition; empty for none. */
    record Ending(Object performative, String condition) {}

    /** A TCP connection on which nothing has been said. */
    static WireClient connect(BrokerUnderTest broker) throws IOException {
        Socket socket = new Socket(broker.host(), broker.port());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return new WireClient(socket, "wire-" + UUID.randomUUID());
    }

    String containerId() {
        return containerId;
    }

    /** Sends what the broker takes; when it has closed already, what it said before is still to be read. */
    WireClient send(byte[]... parts) {
        try {
            socket.getOutputStream().write(Wire.join(parts));
        } catch (IOException closed) {
            return this;
        }
        return this;
    }

    /** Exchanges headers and opens; returns the broker's open. */
    Open open(Body open) {
        send(Wire.AMQP_HEADER, open.frame(0));
        return answerToOpen();
    }

    Open open() {
        return open(Body.open(containerId));
    }

    /** Reads the header and the first frame, which is an open (§2.7.1). */
    Open answerToOpen() {
        byte[] header = read(8);
        if (!Arrays.equals(header, Wire.AMQP_HEADER)) {
            throw new AssertionError("answered with the header " + Arrays.toString(header));
        }
        pull();
        if (inbox.remove(0).performative() instanceof Open open) {
            return open;
        }
        throw new AssertionError("the first frame is no open");
    }

    /** Begins a session on this channel. */
    WireSession begin(int channel, Body begin) {
        send(begin.frame(channel));
        return mapped(channel);
    }

    /** Waits for the answer to a begin that was sent on this channel. */
    WireSession mapped(int channel) {
        Frame answer = awaitFrame(frame -> frame.performative() instanceof Begin begin
                && begin.getRemoteChannel() != null
                && begin.getRemoteChannel().intValue() == channel);
        WireSession session = new WireSession(this, channel, answer.channel(), (Begin) answer.performative());
        sessionsByTheirChannel.put(answer.channel(), session);
        return session;
    }

    WireSession begin() {
        return begin(0, Body.begin());
    }

    /** Says nothing more; the broker may go on. */
    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    // ---- What is heard

    /** Reads octets that are not in frames, or less when the broker closes before. */
    byte[] read(int count) {
        try {
            return socket.getInputStream().readNBytes(count);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("nothing was answered; heard before: " + inbox, e);
        } catch (IOException reset) {
            return new byte[0];
        }
    }

    /** A whole frame in its octets; less when the broker closes before. */
    byte[] readFrame() {
        byte[] size = read(4);
        return size.length < 4
                ? size
                : Wire.join(size, read(ByteBuffer.wrap(size).getInt() - 4));
    }

    /** Whether the broker closes the socket, having said nothing more; takes one octet when it has. */
    boolean isClosed() {
        return read(1).length == 0;
    }

    /** Waits until the broker closes the socket, whatever it says before. */
    void awaitSocketClosed() {
        boolean closed = isClosed();
        while (!closed) {
            closed = isClosed();
        }
    }

    /** Waits for a frame, and keeps it; false when the broker has closed. */
    boolean pull() {
        byte[] octets = readFrame();
        if (octets.length < 8) {
            return false;
        }
        largestFrameBytes = Math.max(largestFrameBytes, octets.length);
        Frame frame = codec.decode(ByteBuffer.wrap(octets));
        if (frame == null) {
            throw new AssertionError("half a frame: " + Arrays.toString(octets));
        }
        inbox.add(frame);
        WireSession session = sessionsByTheirChannel.get(frame.channel());
        if (frame.performative() instanceof Transfer && session != null) {
            session.onTransfer();
        }
        return true;
    }

    /** The largest frame that was heard. */
    int largestFrameBytes() {
        return largestFrameBytes;
    }

    /** Takes the first frame like this, waiting for it. Frames of other kinds are kept. */
    Frame awaitFrame(Predicate<Frame> wanted) {
        int looked = 0;
        while (true) {
            for (Iterator<Frame> frames = inbox.listIterator(looked); frames.hasNext(); looked++) {
                Frame frame = frames.next();
                if (wanted.test(frame)) {
                    frames.remove();
                    return frame;
                }
                if (frame.performative() instanceof Close || frame.performative() instanceof End) {
                    throw new AssertionError("the broker said that it ends: " + inbox);
                }
            }
            if (!pull()) {
                throw new AssertionError("the broker dropped the connection; heard before: " + inbox);
            }
        }
    }

    /** Waits for a frame like this, which is kept; false when a session or the connection ends before. */
    boolean hears(Predicate<Frame> wanted) {
        while (inbox.stream().noneMatch(wanted)) {
            boolean ended = !unread(End.class).isEmpty() || !unread(Close.class).isEmpty();
            if (ended || !pull()) {
                return false;
            }
        }
        return true;
    }

    /** The same by its performative, on any channel. */
    <T> T await(Class<T> type, Predicate<T> wanted) {
        return type.cast(awaitFrame(
                        frame -> type.isInstance(frame.performative()) && wanted.test(type.cast(frame.performative())))
                .performative());
    }

    <T> T await(Class<T> type) {
        return await(type, any -> true);
    }

    /** What has been heard and not been taken, of this kind. */
    <T> List<T> unread(Class<T> type) {
        return inbox.stream()
                .map(Frame::performative)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    /** The frames that have been heard and not been taken. */
    List<Frame> unread() {
        return inbox;
    }

    /** Waits until the broker ends a link, a session or the connection. */
    Ending ending() {
        Object performative = awaitFrame(frame -> frame.performative() instanceof Detach
                        || frame.performative() instanceof End
                        || frame.performative() instanceof Close)
                .performative();
        return new Ending(performative, condition(performative));
    }

    private static String condition(Object performative) {
        ErrorCondition error;
        if (performative instanceof Detach detach) {
            error = detach.getError();
        } else if (performative instanceof End end) {
            error = end.getError();
        } else {
            error = ((Close) performative).getError();
        }
        return error == null || error.getCondition() == null
                ? ""
                : error.getCondition().toString();
    }

    /** Waits for the close, whatever comes before, and gives its condition. */
    String closed() {
        while (unread(Close.class).isEmpty()) {
            if (!pull()) {
                throw new AssertionError("the broker dropped the connection without a close; heard before: " + inbox);
            }
        }
        return condition(unread(Close.class).get(0));
    }

    /**
     * Closes, and waits for the broker's close, with or without an error. What it must not do, whatever came in, is to drop
     * the connection without one: "prior to closing a connection, each peer MUST write a close frame" (§2.4.3).
     */
    void closesInGoodOrder() {
        send(Body.close().frame(0));
        closed();
    }

    /** Forgets what was heard of a link that is no more. */
    void forget(Predicate<Frame> frames) {
        inbox.removeIf(frames);
    }

    /** Breaks the connection without a word. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
