package io.sterna.broker.cluster;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the notes of other nodes to those who read them, by their first byte. The numbers are on the wire: none changes. Owned
 * by the first event loop.
 */
final class Notes {
    static final byte QUESTION = 1;
    static final byte ANSWER = 2;
    static final byte FORCE_OPEN = 3;
    static final byte DRAIN = 4;

    private static final Logger log = LoggerFactory.getLogger(Notes.class);

    private final Map<Byte, BiConsumer<String, byte[]>> readers = new HashMap<>();

    /** @param reader told the node that sent it, and the whole note */
    void read(byte kind, BiConsumer<String, byte[]> reader) {
        readers.put(kind, reader);
    }

    void onNote(String node, byte[] note) {
        byte kind = note.length == 0 ? 0 : note[0];
        readers.getOrDefault(kind, Notes::passOver).accept(node, note);
    }

    /** One of another version. */
    static void passOver(String node, byte[] note) {
        log.warn("{} has sent a note of {} bytes that this version does not know", node, note.length);
    }
}
