package io.sterna.cluster.net;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/**
 * Why there is no link. The same in all versions of the protocol.
 *
 * <pre>
 * | code byte | text UTF-8, to the end of the frame |
 * </pre>
 *
 * @param text for who operates the other node
 */
record Refusal(Code code, String text) {
    private static final int MAX_TEXT_BYTES = 1024;

    /** What a node has to know of the reason; the numbers are on the wire. */
    enum Code {
        /** What was sent is not what this protocol says, or nothing was sent in time. */
        PROTOCOL(1),
        VERSION(2),
        CLUSTER(3),
        SECRET(4),
        /** The node has called itself. */
        SELF(5),
        /** Another process has the same id. */
        SAME_ID(6),
        /** The other node is not to be a part of the cluster. */
        NOT_ADMITTED(7),
        /** The one that was called calls back: its id is the lower one. */
        CALLED_BACK(8),
        /** There is a link already. */
        ALREADY(9),
        /** The two begin the cluster with other nodes. */
        FOUNDERS(10);

        private final int number;

        Code(int number) {
            this.number = number;
        }

        private static Code of(int number) {
            for (Code code : values()) {
                if (code.number == number) {
                    return code;
                }
            }
            return PROTOCOL;
        }

        /** Whether nobody has to hear of it. */
        boolean isOrdinary() {
            return this == SELF || this == CALLED_BACK || this == ALREADY;
        }
    }

    byte[] toBytes() {
        byte[] utf8 = text.getBytes(UTF_8);
        int length = Math.min(utf8.length, MAX_TEXT_BYTES);
        return ByteBuffer.allocate(1 + length)
                .put((byte) code.number)
                .put(utf8, 0, length)
                .array();
    }

    /** Reads one; from a node whose codes are newer, some are not known. Who has sent it may be anybody. */
    static Refusal read(ByteBuffer body) throws MalformedFrameException {
        if (!body.hasRemaining()) {
            throw new MalformedFrameException("a refusal without a reason");
        }
        Code code = Code.of(body.get());
        byte[] utf8 = new byte[Math.min(body.remaining(), MAX_TEXT_BYTES)];
        body.get(utf8);
        return new Refusal(code, printable(new String(utf8, UTF_8)));
    }

    /** Nobody writes lines of his own into our log. */
    static String printable(String text) {
        int[] characters = text.codePoints()
                .map(character -> Character.isISOControl(character) ? '?' : character)
                .toArray();
        return new String(characters, 0, characters.length);
    }

    /** Of what could not be read. */
    static Refusal of(MalformedFrameException malformed) {
        return new Refusal(Code.PROTOCOL, printable(String.valueOf(malformed.getMessage())));
    }
}
