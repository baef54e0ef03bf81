package io.sterna.amqp.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.sterna.amqp.AmqpError;
import io.sterna.amqp.Connection;
import io.sterna.amqp.ErrorCondition;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * AMQP in the binary messages of a WebSocket (AMQP WebSocket Binding 1.0). The octets of the messages, one after the
 * other, are those of the AMQP connection; where a message begins means nothing. The AMQP connection is there from the
 * socket's opening on, so that its handshake time-out counts for the WebSocket's handshake too.
 */
final class WebSocketBinding implements Binding, WebSocketReader.Sink {
    private static final byte[] NONE = new byte[0];

    private final Connection connection;
    private final WebSocketReader reader = new WebSocketReader(this);

    /** There until the WebSocket is open. */
    private @Nullable WebSocketHandshake handshake;

    /** An answer to the handshake. */
    private byte[] answer = NONE;

    private boolean refused;

    /** The payload of the latest ping that was not answered; RFC 6455 §5.5.3 lets go of those before. */
    private Optional<byte[]> ping = Optional.empty();

    private int closeCode = WebSocketReader.NORMAL;
    private String closeReason = "";
    private boolean peerClosed;
    private boolean closeSent;
    private long nowMillis;

    WebSocketBinding(Connection connection, List<String> origins) {
        this.connection = connection;
        handshake = new WebSocketHandshake(origins);
    }

    @Override
    public void receive(byte[] bytes, int length, long newNowMillis) {
        nowMillis = newNowMillis;
        int offset = 0;
        if (handshake != null) {
            offset = handshake.receive(bytes, 0, length);
            handshake.answered().ifPresent(this::onAnswer);
        }
        if (handshake == null && !refused) {
            reader.receive(bytes, offset, length);
        }
    }

    private void onAnswer(WebSocketHandshake.Answer given) {
        answer = given.bytes();
        handshake = null;
        given.refusal().ifPresent(reason -> {
            refused = true;
            connection.close(Optional.of(AmqpError.of(ErrorCondition.NOT_ALLOWED, reason)));
        });
    }

    @Override
    public void onData(byte[] bytes, int offset, int length) {
        connection.receive(bytes, offset, length, nowMillis);
    }

    @Override
    public void onPing(byte[] payload) {
        ping = Optional.of(payload);
    }

    /** Without a close of AMQP before, this is what a lost socket is. */
    @Override
    public void onClose(int code) {
        peerClosed = true;
        closeCode = code;
        connection.onSocketClosed();
    }

    @Override
    public void onViolation(int code, String reason) {
        closeCode = code;
        closeReason = reason;
        connection.onSocketClosed();
    }

    @Override
    public boolean hasOutput() {
        boolean frames = ping.isPresent() || connection.hasOutput() || connection.finished();
        return answer.length > 0 || (frames && open() && !closeSent);
    }

    private boolean open() {
        return handshake == null && !refused;
    }

    @Override
    public ByteBuf pull(ByteBufAllocator allocator) {
        if (answer.length > 0) {
            byte[] head = answer;
            answer = NONE;
            return Unpooled.wrappedBuffer(head);
        }
        if (!open() || closeSent) {
            return Unpooled.EMPTY_BUFFER;
        }
        connection.pull(MAX_FLUSH_BYTES);
        int count = peerClosed ? 0 : connection.outputBytes();
        ByteBuf out =
                allocator.directBuffer(WebSocketFrames.binaryBytes(count) + 2 * WebSocketFrames.MAX_CONTROL_BYTES);
        ping.ifPresent(payload -> WebSocketFrames.write(out, WebSocketFrames.PONG, payload, 0, payload.length));
        ping = Optional.empty();
        WebSocketFrames.writeBinary(out, connection.outputArray(), count);
        connection.outputTaken();
        if (connection.finished()) {
            writeClose(out);
        }
        return out;
    }

    private void writeClose(ByteBuf out) {
        byte[] reason = closeReason.getBytes(StandardCharsets.US_ASCII);
        byte[] payload = ByteBuffer.allocate(2 + reason.length)
                .putShort((short) closeCode)
                .put(reason)
                .array();
        WebSocketFrames.write(out, WebSocketFrames.CLOSE, payload, 0, payload.length);
        closeSent = true;
    }

    @Override
    public boolean wantsInput() {
        return connection.wantsInput();
    }

    /** RFC 6455 §7.1.1: the server closes the socket, when it has sent and received a close frame. */
    @Override
    public boolean done() {
        boolean closed = open() ? closeSent && reader.ended() : answer.length == 0;
        return closed && connection.finished();
    }
}
