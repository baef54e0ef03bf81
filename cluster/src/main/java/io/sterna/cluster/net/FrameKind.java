package io.sterna.cluster.net;

/** What a frame is. The numbers are on the wire: none changes, and a new kind means a new version of the protocol. */
enum FrameKind {
    /** Who calls, or is called; the first frame of either side. */
    HELLO(1),
    /** That its sender knows the secret. */
    PROOF(2),
    /** That there will be no link, and why; the last frame. */
    REFUSAL(3),
    /** That its sender lives; empty. */
    HEARTBEAT(4),
    /** A part of the stream of messages between replicas: frames of their own, cut anywhere, so that others go between. */
    STREAM(9),
    /** See {@link ReplicaMessageFormat}; in the stream only. */
    REPLICA_MESSAGE(5),
    /** See {@link ClusterFormat}. */
    NODE_REPORT(6),
    /** See {@link TableMessageFormat}. */
    TABLE_MESSAGE(7),
    /** What only those know who use the network. */
    NOTE(8);

    private static final FrameKind[] BY_CODE = new FrameKind[16];

    private final int code;

    static {
        for (FrameKind kind : values()) {
            BY_CODE[kind.code] = kind;
        }
    }

    FrameKind(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static FrameKind of(int code) throws MalformedFrameException {
        if (code < 0 || code >= BY_CODE.length || BY_CODE[code] == null) {
            throw new MalformedFrameException("a frame of unknown kind " + code);
        }
        return BY_CODE[code];
    }
}
