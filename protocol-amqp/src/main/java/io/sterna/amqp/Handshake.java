package io.sterna.amqp;

import io.sterna.amqp.codec.DecodeException;

/**
 * Protocol headers and SASL, up to the point where AMQP frames may flow (AMQP 1.0 §2.2, §5.3). Owned by the connection's
 * event loop.
 */
sealed interface Handshake permits ServerHandshake, ClientHandshake {
    /** The protocol ids of §2.2 and §5.3.1. */
    int AMQP = 0;

    int TLS = 2;
    int SASL = 3;

    /** Where a handshake says what came of it. */
    interface Outcome {
        /** AMQP frames may flow. */
        void onReady(String user);

        /** The socket is to be closed when what was written has gone out. */
        void onRefused(String reason);

        /** The next bytes are a protocol header. */
        void expectHeader();

        /** Frames are limited to so much from now on. */
        void maxFrameBytes(int bytes);

        /** Goes on with what came while the handshake could not. */
        void resume();

        /** The socket has something to take. */
        void wake();
    }

    /** Takes what the name says; returns whether to go on reading. */
    boolean onHeader(byte[] bytes, int offset);

    /** No header came where one was due. */
    void onNoHeader();

    /** Takes what the name says; returns whether to go on reading. */
    boolean onSaslFrame(byte[] bytes, int offset, int limit) throws DecodeException;

    /** Whether the peer's bytes have to wait. */
    boolean waiting();

    /** Whether AMQP frames may flow. */
    boolean done();

    /** Nothing more comes of it. */
    void abandon();

    /** Whether a header names a protocol that we speak, version 1.0.0. */
    static boolean isVersion1(byte[] bytes, int offset) {
        return bytes[offset + 5] == 1 && bytes[offset + 6] == 0 && bytes[offset + 7] == 0;
    }
}
