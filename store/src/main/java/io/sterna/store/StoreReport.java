package io.sterna.store;

import java.util.List;
import java.util.Optional;

/**
 * What {@link StoreInspector} found in a data directory.
 *
 * @param files all files, by name
 * @param queues queues, subscriptions and topics by rising id, also those that are empty
 * @param space how the bytes on disk are used
 * @param unreadable how many messages are among those in the queues and can't be delivered; only known when verified
 * @param damages one sentence each: which file and where, what is affected, what becomes of it; empty when all is intact
 */
public record StoreReport(
        List<FileUse> files, List<NodeUse> queues, Space space, long unreadable, List<String> damages) {
    public StoreReport {
        files = List.copyOf(files);
        queues = List.copyOf(queues);
        damages = List.copyOf(damages);
    }

    /** Whether everything that counts could be read and has the right checksum. */
    public boolean isIntact() {
        return damages.isEmpty();
    }

    /** What a file is for. */
    public enum FileKind {
        /** Records that were forced one after the other. */
        JOURNAL,
        /** Messages and nodes that were moved out of the journal. */
        MESSAGES,
        /** A damaged file that was put aside for people to look at; nobody else reads it. */
        SET_ASIDE,
        /** Keeps other processes out. */
        LOCK,
        /** The number that tells this data directory from others. */
        DISK_ID,
        /** Nothing that the store knows. */
        OTHER
    }

    /**
     * A file.
     *
     * @param bytes its size
     */
    public record FileUse(String name, FileKind kind, long bytes) {}

    /**
     * A queue, a subscription or a topic.
     *
     * @param node what it is; empty when its entry is lost and only its messages are left
     * @param messages in it, each of those it shares with others too; of a topic none, since its subscriptions have them
     * @param bytes of these messages
     * @param oldestMillis when its first message was made, milliseconds since 1970; empty when nothing says so
     */
    public record NodeUse(
            int partition,
            long id,
            Optional<LogOperation.NodeCreated> node,
            long messages,
            long bytes,
            Optional<Long> oldestMillis) {}

    /**
     * How the bytes on disk are used.
     *
     * @param messages in all queues, one that several have counted once
     * @param messageBytes of these messages
     * @param journalBytes size of all journal files
     * @param journalInUseBytes of them, files with records that are still needed; the others are kept to be used again
     * @param messageFileBytes size of the file of messages
     * @param messageFileLiveBytes about what is needed of it; the rest comes back when a smaller copy takes its place
     */
    public record Space(
            long messages,
            long messageBytes,
            long journalBytes,
            long journalInUseBytes,
            long messageFileBytes,
            long messageFileLiveBytes) {}
}
