package io.sterna.cluster.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/** What a node says that has shown who it is. Owned by the network's event loop. */
final class PeerInput {
    private final String node;
    private final PeerListener listener;
    private final PeerCounters counters;
    private final FrameAssembler stream;
    private final FrameAssembler.FrameHandler messages;

    /** @param wanted whether to go on, asked after each message */
    PeerInput(
            String node,
            PeerListener listener,
            PeerCounters counters,
            ByteBufAllocator allocator,
            int maxFrameBytes,
            BooleanSupplier wanted) {
        this.node = node;
        this.listener = listener;
        this.counters = counters;
        stream = new FrameAssembler(allocator, maxFrameBytes);
        messages = new FrameAssembler.FrameHandler() {
            @Override
            public boolean onFrame(FrameKind kind, ByteBuffer body) throws MalformedFrameException {
                onMessage(kind, body);
                return wanted.getAsBoolean();
            }

            @Override
            public boolean onStream(ByteBuf piece) throws MalformedFrameException {
                throw unexpected(FrameKind.STREAM);
            }
        };
    }

    /** A frame that is no piece of the stream, and no refusal. */
    void onFrame(FrameKind kind, ByteBuffer body) throws MalformedFrameException {
        switch (kind) {
            case HEARTBEAT -> {}
            case NODE_REPORT -> {
                counters.receivedMessages.increment();
                listener.onReport(node, ClusterFormat.readNodeReport(body));
            }
            case TABLE_MESSAGE -> {
                counters.receivedMessages.increment();
                listener.onTableMessage(node, TableMessageFormat.read(body));
            }
            case NOTE -> {
                counters.receivedMessages.increment();
                byte[] note = new byte[body.remaining()];
                body.get(note);
                listener.onNote(node, note);
            }
            case HELLO, PROOF, REFUSAL, STREAM, REPLICA_MESSAGE -> throw unexpected(kind);
        }
    }

    /** The next bytes of the stream; they stay the caller's. */
    void onStream(ByteBuf piece) throws MalformedFrameException {
        stream.feed(piece, messages);
    }

    private void onMessage(FrameKind kind, ByteBuffer body) throws MalformedFrameException {
        if (kind != FrameKind.REPLICA_MESSAGE) {
            throw unexpected(kind);
        } else if (body.remaining() < Long.BYTES) {
            throw new MalformedFrameException("a message of a replica is longer than its frame");
        }
        counters.receivedMessages.increment();
        long generation = body.getLong();
        listener.onMessage(node, generation, ReplicaMessageFormat.read(body));
    }

    private static MalformedFrameException unexpected(FrameKind kind) {
        return new MalformedFrameException("a frame of kind " + kind + " where there must be none");
    }

    /** Forgets what has begun. */
    void release() {
        stream.release();
    }
}
