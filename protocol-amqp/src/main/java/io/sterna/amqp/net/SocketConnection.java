package io.sterna.amqp.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.sterna.amqp.AmqpError;
import io.sterna.amqp.Connection;
import io.sterna.amqp.ErrorCondition;
import io.vertx.core.internal.net.NetSocketInternal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where engine and socket meet. A read batch is answered by one flush; what others cause is flushed once a
 * turn. Owned by the event loop of both.
 */
final class SocketConnection {
    private static final Logger log = LoggerFactory.getLogger(SocketConnection.class);

    /** How much may wait in the socket; the rest stays in the engine. */
    private static final int MAX_QUEUED_BYTES = 256 * 1024;

    /** How long a peer may take to read our last words before its socket is closed all the same. */
    private static final long LINGER_MILLIS = 5_000;

    /** Timers are looked at so often, and after anything was received. */
    private static final long MAX_TICK_MILLIS = 1_000;

    private final AmqpLoop loop;
    private final NetSocketInternal socket;
    private @Nullable Connection connection;
    private @Nullable Binding binding;
    private long nextTickMillis;
    private long finishedMillis = Long.MAX_VALUE;
    private boolean dirty;
    private boolean paused;
    private boolean closed;

    /** Output that is held back is in the socket's buffers already. */
    private boolean unflushed;

    SocketConnection(AmqpLoop loop, NetSocketInternal socket) {
        this.loop = loop;
        this.socket = socket;
    }

    void start(Connection newConnection, Binding newBinding) {
        connection = newConnection;
        binding = newBinding;
        loop.onOpened(this);
        socket.channelHandlerContext().pipeline().addFirst(new LastCheck());
        socket.messageHandler(message -> onRead((ByteBuf) message));
        socket.readCompletionHandler(nothing -> flushSafely());
        socket.drainHandler(nothing -> flushSafely());
        socket.exceptionHandler(failure -> log.debug("{}: {}", socket.remoteAddress(), failure.getMessage()));
        socket.closeHandler(nothing -> onClosed());
        socket.setWriteQueueMaxSize(MAX_QUEUED_BYTES);
    }

    private Connection connection() {
        if (connection == null) {
            throw new IllegalStateException("not started");
        }
        return connection;
    }

    private Binding binding() {
        if (binding == null) {
            throw new IllegalStateException("not started");
        }
        return binding;
    }

    private void onRead(ByteBuf received) {
        nextTickMillis = 0;
        try {
            byte[] scratch = loop.scratch();
            while (received.isReadable() && !closed) {
                int count = Math.min(received.readableBytes(), scratch.length);
                received.readBytes(scratch, 0, count);
                binding().receive(scratch, count, AmqpLoop.nowMillis());
            }
        } catch (RuntimeException defect) {
            fail(defect);
        } finally {
            received.release();
        }
    }

    /** An error of ours costs this connection, never the loop that others live on. */
    private void fail(RuntimeException defect) {
        log.error("connection of {} is closed because of a defect", socket.remoteAddress(), defect);
        try {
            connection()
                    .close(Optional.of(AmqpError.of(
                            ErrorCondition.INTERNAL_ERROR, "the broker ran into an error of its own; see its log")));
            wake();
        } catch (RuntimeException another) {
            log.error("the connection of {} is cut, closing it failed too", socket.remoteAddress(), another);
            socket.close();
        }
    }

    /** There is something to flush; any number of calls in a turn give one flush. */
    void wake() {
        if (!dirty && !closed) {
            dirty = true;
            loop.markDirty(this);
        }
    }

    void flushSafely() {
        try {
            flush();
        } catch (RuntimeException defect) {
            fail(defect);
        }
    }

    private void flush() {
        dirty = false;
        Binding current = binding();
        if (!closed && (unflushed || current.hasOutput()) && loop.holdsOutput()) {
            loop.tryAgain(this);
            regulateInput(current.wantsInput());
            return;
        }
        if (unflushed) {
            unflushed = false;
            socket.channelHandlerContext().flush();
        }
        while (!closed && current.hasOutput() && !socket.writeQueueFull()) {
            ByteBuf buffer = current.pull(socket.channelHandlerContext().alloc());
            if (!buffer.isReadable()) {
                buffer.release();
                break;
            }
            socket.writeMessage(buffer);
        }
        if (current.done() && !closed) {
            socket.close();
        } else {
            regulateInput(current.wantsInput());
        }
    }

    /** What waits from before our close is of no worth, and it can't be taken out alone. */
    void dropIfEnding() {
        if (!closed && connection().isEnding() && (unflushed || binding().hasOutput())) {
            cut();
        }
    }

    /**
     * Asks once more right before bytes leave the process, which may have been stopped since they were encoded. What is
     * between this and the system call can't be held back.
     */
    private final class LastCheck extends ChannelOutboundHandlerAdapter {
        @Override
        public void flush(ChannelHandlerContext context) {
            if (loop.holdsOutput()) {
                unflushed = true;
                loop.tryAgain(SocketConnection.this);
            } else {
                context.flush();
            }
        }
    }

    private void regulateInput(boolean wanted) {
        if (wanted == paused && !closed) {
            paused = !wanted;
            if (wanted) {
                socket.resume();
                wake(); // What was held back meanwhile comes without a read completion.
            } else {
                socket.pause();
            }
        }
    }

    void maybeTick(long nowMillis) {
        if (nowMillis >= nextTickMillis) {
            try {
                tick(nowMillis);
            } catch (RuntimeException defect) {
                fail(defect);
            }
        }
    }

    private void tick(long nowMillis) {
        Connection current = connection();
        nextTickMillis = nowMillis + Math.min(current.tick(nowMillis), MAX_TICK_MILLIS);
        if (current.finished()) {
            finishedMillis = Math.min(finishedMillis, nowMillis);
            if (nowMillis - finishedMillis >= LINGER_MILLIS) {
                cut();
            }
        }
        if (binding().hasOutput() || current.finished()) {
            wake();
        }
    }

    /** Closes the socket, and drops what waits in its buffers. */
    private void cut() {
        Channel channel = socket.channelHandlerContext().channel();
        channel.unsafe().close(channel.voidPromise());
    }

    private void onClosed() {
        closed = true;
        loop.onClosed(this);
        try {
            connection().onSocketClosed();
        } catch (RuntimeException defect) {
            log.error("a defect while closing the connection of {}", socket.remoteAddress(), defect);
        }
    }
}
