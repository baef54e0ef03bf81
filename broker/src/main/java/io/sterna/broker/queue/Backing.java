package io.sterna.broker.queue;

/**
 * Where else than in memory the payload of a message is. Legal transitions:
 *
 * <pre>
 *   NONE   → COMING  it was chosen to be spilled
 *   COMING → SPILL   it is on disk, for as long as the process lives
 *   COMING → NONE    it could not be written
 *   SPILL  → NONE    it is to be held in memory again, since its place on disk is given up
 * </pre>
 */
enum Backing {
    NONE(0),
    COMING(1),
    SPILL(2),
    STORE(3);

    private static final Backing[] BY_CODE = {NONE, COMING, SPILL, STORE};

    /** Stands for it where there are millions. */
    final byte code;

    Backing(int code) {
        this.code = (byte) code;
    }

    static Backing of(byte code) {
        return BY_CODE[code];
    }

    boolean mayBecome(Backing next) {
        return switch (this) {
            case NONE -> next == COMING;
            case COMING -> next == SPILL || next == NONE;
            case SPILL -> next == NONE;
            case STORE -> false;
        };
    }
}
