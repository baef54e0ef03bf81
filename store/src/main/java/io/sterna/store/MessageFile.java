package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.type.DataType;

/**
 * A file of MVStore that is only ever added to. After a crash it is cut off where it ended when it was noted, before
 * MVStore sees it, so that what it finds is exactly what was synced.
 *
 * <p>Not {@code rollbackTo}: a torn chunk is not detected by MVStore; going back reads the file's header again, and when a
 * chunk that was already dead in the old version has been overwritten since, MVStore settles on another version without a
 * word; and version numbers are given again afterwards while abandoned chunks with the same numbers are still in the file.
 *
 * <p>It lies in a {@link CheckedFile}, so that damage is found and, where it is small, mended. Files of the format before
 * lie on the disk as MVStore writes them; they are still opened, and the next copy is of the new format.
 *
 * <p>Owned by the worker, and by the opening thread before.
 */
final class MessageFile {
    static final String HEADERS = "headers";
    static final String BODIES = "bodies";
    static final String NODES = "nodes";
    static final String PARTITIONS = "partitions";
    static final String VALUES = "values";
    static final String REFERENCES = "references";
    /** Holds one value, {@code | version long | replay from long |}: the note of the last whole checkpoint or copy. */
    private static final String NOTES = "notes";

    private static final long NOTE_KEY = 0;

    private static final String PREFIX = "messages-";
    /** Never: what is free is not used again, the file is replaced instead. */
    private static final int RETENTION_MILLIS = Integer.MAX_VALUE;

    private static final int VERSIONS_TO_KEEP = 5;
    /** How many saved versions are tried when the last ones are damaged. */
    private static final int MAX_ATTEMPTS = 16;
    /** Room for what the first opening saves; what is saved later comes behind it. */
    private static final long FIRST_BYTES = 16 * DiskFileStore.BLOCK_BYTES;

    /** How the file lies on the disk: its name tells, and MVStore's version of its contents. */
    private enum Format {
        PLAIN(".mv", 2),
        CHECKED(".mvc", 3);

        private final String suffix;
        private final int version;

        Format(String suffix, int version) {
            this.suffix = suffix;
            this.version = version;
        }

        static Format of(String name) {
            return name.endsWith(CHECKED.suffix) ? CHECKED : PLAIN;
        }

        /** Where in the stored file the first so many bytes end. */
        long storedBytes(long bytes) {
            return this == CHECKED ? CheckedFile.storedBytes(bytes) : bytes;
        }

        Disk.File open(Disk disk, String name, Consumer<StoreException> damages) throws IOException {
            Disk.File file = disk.open(name);
            return this == CHECKED ? CheckedFile.open(file, disk.path(name), damages) : file;
        }
    }

    private final String name;
    private final String path;
    private final MVStore store;
    private final DiskFileStore file;
    private long unsavedBytes;

    private MessageFile(Disk disk, String name, DiskFileStore file, MVStore store) {
        this.name = name;
        this.path = disk.path(name);
        this.file = file;
        this.store = store;
    }

    /** What a new file is called. */
    static String name(int number) {
        return PREFIX + "%06d".formatted(number) + Format.CHECKED.suffix;
    }

    /** The file of that number among others, of either format. */
    static Optional<String> find(List<String> names, int number) {
        return names.stream()
                .filter(name -> isMessageFile(name) && number(name) == number)
                .findFirst();
    }

    static boolean isMessageFile(String name) {
        return name.matches(PREFIX + "\\d+\\.mvc?");
    }

    static int number(String name) {
        return Integer.parseInt(name.substring(PREFIX.length(), name.lastIndexOf('.')));
    }

    /** Makes an empty file; one of the same name is left over from a crash and holds nothing that counts. */
    static MessageFile create(Disk disk, StoreConfig config, int number, Consumer<StoreException> damages)
            throws IOException {
        String name = name(number);
        disk.delete(name);
        disk.open(name).close();
        disk.forceDirectory();
        MessageFile created = open(disk, config, name, damages);
        created.store.setStoreVersion(Format.CHECKED.version);
        return created;
    }

    /**
     * Opens a file as it was noted, or when that is damaged as it was saved before; then {@code damages} hears of it, and what
     * is cut off is put aside.
     *
     * @throws StoreException when another version of the format wrote it
     * @throws MVStoreException when it is damaged
     */
    static MessageFile openNoted(
            Disk disk, StoreConfig config, String name, CheckpointNote note, Consumer<StoreException> damages)
            throws IOException, StoreException {
        // Before anything looks at it: what lies behind may be torn.
        try (Disk.File stored = disk.open(name)) {
            long noted = Format.of(name).storedBytes(note.fileBytes());
            if (stored.size() > noted) {
                stored.truncate(noted);
            }
            stored.force();
        }
        MessageFile opened = openNewest(disk, config, name, damages);
        long version = opened.store.getCurrentVersion();
        if (version > note.version()) {
            opened.close();
            throw new MVStoreException(
                    DataUtils.ERROR_FILE_CORRUPT,
                    "it holds version " + version + ", and held " + note.version() + " when it was saved");
        }
        if (version < note.version()) {
            damages.accept(new StoreException("The end of the message file " + opened.path
                    + " is damaged. What was moved to it last is lost (its versions " + (version + 1) + " to "
                    + note.version() + "), and messages that were settled then may be there again."));
        }
        return opened;
    }

    /**
     * Opens a file as it is, for want of a note; without its end when that is damaged.
     *
     * @throws StoreException when another version of the format wrote it
     * @throws MVStoreException when it is damaged
     */
    static MessageFile openNewest(Disk disk, StoreConfig config, String name, Consumer<StoreException> damages)
            throws IOException, StoreException {
        try (Disk.File file = Format.of(name).open(disk, name, damages)) {
            if (file.size() == 0) {
                throw new MVStoreException(DataUtils.ERROR_FILE_CORRUPT, "nothing in it is readable");
            }
        }
        MessageFile opened = open(disk, config, name, damages);
        for (int attempt = 1; !opened.isWhole(); attempt++) {
            long end = opened.isUsable() ? opened.file.end() : opened.file.beforeEnd();
            opened.close();
            if (attempt > MAX_ATTEMPTS || end == 0) {
                throw new MVStoreException(DataUtils.ERROR_FILE_CORRUPT, "what it begins with is unreadable");
            }
            Format format = Format.of(name);
            try (Disk.File stored = disk.open(name)) {
                Quarantine.copyEnd(disk, name, stored, format.storedBytes(end));
            }
            try (Disk.File file = format.open(disk, name, damages)) {
                file.truncate(end);
                file.force();
            }
            opened = open(disk, config, name, damages);
        }
        Format format = Format.of(name);
        int found = opened.store.getStoreVersion();
        if (found != format.version) {
            opened.close();
            throw new StoreException("The message store " + disk.path(name) + " has format version " + found
                    + "; this broker reads and writes version " + format.version
                    + ". Run the version of the broker that wrote it.");
        }
        return opened;
    }

    /** Whether a file holds nothing behind what a note tells of. */
    static boolean endsWith(Disk disk, String name, CheckpointNote note) throws IOException {
        return number(name) == note.fileNumber()
                && disk.size(name) <= Format.of(name).storedBytes(note.fileBytes());
    }

    /**
     * What a file itself tells of the last whole checkpoint that was saved in it, or copy; empty when there is none, as in a
     * copy that was not finished. What was saved is forced before anything is added, so only the last of it may be torn: that
     * is read, and when it is unreadable, what was saved before counts. Changes nothing.
     *
     * @param whole whether the last must not even need to be restored: what a crash has torn is then not taken for damage
     */
    static Optional<CheckpointNote> ownNote(Disk disk, StoreConfig config, String name, boolean whole)
            throws IOException, StoreException {
        if (Format.of(name) != Format.CHECKED) {
            return Optional.empty();
        }
        try (OverlayDisk overlay = new OverlayDisk(disk)) {
            for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
                long end;
                List<StoreException> restored = new ArrayList<>();
                MessageFile opened = open(overlay, config, name, restored::add);
                try {
                    Optional<CheckpointNote> own = opened.ownNote();
                    if (whole && !restored.isEmpty()) {
                        own = Optional.empty();
                    }
                    if (own.isPresent() && own.get().version() == opened.store.getCurrentVersion()) {
                        return own;
                    }
                    end = own.map(CheckpointNote::fileBytes).orElseGet(opened.file::beforeEnd);
                } finally {
                    opened.close();
                }
                if (end == 0) {
                    return Optional.empty();
                }
                try (Disk.File file = Format.CHECKED.open(overlay, name, damage -> {})) {
                    file.truncate(end);
                }
            }
        } catch (MVStoreException e) {
            if (DiskFileStore.mayPass(e)) {
                throw e;
            }
            // Nothing in it is readable.
            return Optional.empty();
        }
        return Optional.empty();
    }

    /** The note in it, when it is about this version, and that is readable, or about one before. */
    private Optional<CheckpointNote> ownNote() throws IOException, StoreException {
        try {
            Optional<byte[]> value = file.isLastReadable()
                    ? CheckedMap.numbered(this, NOTES).find(NOTE_KEY, "its note")
                    : Optional.empty();
            return value.map(ByteBuffer::wrap)
                    .map(note -> new CheckpointNote(
                            number(), note.getLong(0), file.endOf(note.getLong(0)), note.getLong(Long.BYTES)))
                    .filter(note -> note.fileBytes() > 0);
        } catch (DamageException e) {
            return Optional.empty();
        } catch (MVStoreException e) {
            if (DiskFileStore.mayPass(e)) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** Whether nothing was ever put into a file, or the first opening was cut short while it was made. Changes nothing. */
    static boolean isOfFirstOpening(Disk disk, StoreConfig config, String name) throws IOException {
        if (disk.size(name) == 0) {
            return true;
        }
        try (OverlayDisk overlay = new OverlayDisk(disk)) {
            MessageFile opened = open(overlay, config, name, damage -> {});
            try {
                return opened.isWhole() && opened.isEmpty();
            } finally {
                opened.close();
            }
        } catch (MVStoreException e) {
            if (DiskFileStore.mayPass(e)) {
                throw e;
            }
            return disk.size(name) <= Format.of(name).storedBytes(FIRST_BYTES);
        }
    }

    private boolean isEmpty() {
        return store.getStoreVersion() == Format.of(name).version
                && Stream.of(HEADERS, BODIES, NODES, PARTITIONS)
                        .allMatch(map -> map(map, new ValueTypes.Key()).isEmpty())
                && Stream.of(VALUES, REFERENCES)
                        .allMatch(map -> map(map, new ValueTypes.Entry()).isEmpty());
    }

    private static MessageFile open(Disk disk, StoreConfig config, String name, Consumer<StoreException> damages)
            throws IOException {
        Disk.File on = Format.of(name).open(disk, name, damages);
        DiskFileStore file = DiskFileStore.open(on, disk.path(name), config.cacheMebibytes());
        MVStore store;
        try {
            store = new MVStore.Builder()
                    .adoptFileStore(file)
                    .autoCommitDisabled()
                    // Otherwise a commit still happens by itself when 1 MB is unsaved.
                    .autoCommitBufferSize(0)
                    .open();
        } catch (RuntimeException e) {
            on.close();
            throw e;
        }
        store.setRetentionTime(RETENTION_MILLIS);
        store.setVersionsToKeep(VERSIONS_TO_KEEP);
        store.setReuseSpace(false);
        return new MessageFile(disk, name, file, store);
    }

    /** Whether what ends last in it was saved last, and all maps can be opened. */
    private boolean isWhole() {
        return file.end() == file.size() && isUsable();
    }

    private boolean isUsable() {
        try {
            for (String map : List.of(HEADERS, BODIES, NODES, PARTITIONS)) {
                map(map, new ValueTypes.Key());
            }
            for (String map : List.of(VALUES, REFERENCES)) {
                map(map, new ValueTypes.Entry());
            }
            return true;
        } catch (MVStoreException e) {
            if (DiskFileStore.mayPass(e)) {
                throw e;
            }
            return false;
        }
    }

    /** Reads the whole file, and tells what is damaged, in parts that nobody needs too. */
    void scrub(Consumer<StoreException> unrestored) throws IOException {
        file.scrub(unrestored);
    }

    /** Whether a copy would be of a newer format. */
    boolean isOfOldFormat() {
        return Format.of(name) != Format.CHECKED;
    }

    int number() {
        return number(name);
    }

    String name() {
        return name;
    }

    String path() {
        return path;
    }

    <K> MVMap<K, byte[]> map(String name, DataType<K> keys) {
        return store.openMap(name, new MVMap.Builder<K, byte[]>().keyType(keys).valueType(new ValueTypes.Bytes()));
    }

    /** Counts what was put into a map. */
    void onPut(long bytes) {
        unsavedBytes += bytes;
    }

    /** Puts what is unsaved on the disk when it is so much. */
    void maybeCommit(long sliceBytes) {
        if (unsavedBytes >= sliceBytes) {
            save();
        }
    }

    /**
     * Puts everything on stable storage: all that comes of the records before {@code replayFrom}. This is noted in the file,
     * too, since the journal's note may be damaged later.
     */
    CheckpointNote save(long replayFrom) {
        long version = store.getCurrentVersion() + 1;
        byte[] value = new byte[2 * Long.BYTES + CheckedMap.CRC_BYTES];
        ByteBuffer.wrap(value).putLong(version).putLong(replayFrom);
        CheckedMap.numbered(this, NOTES).put(NOTE_KEY, value);
        save();
        if (store.getCurrentVersion() != version) {
            throw new IllegalStateException("saved version " + store.getCurrentVersion() + " instead of " + version);
        }
        return new CheckpointNote(number(), version, bytes(), replayFrom);
    }

    private void save() {
        store.commit();
        store.sync();
        unsavedBytes = 0;
    }

    long bytes() {
        return store.getFileStore().size();
    }

    /** Leaves the file as it was saved last. */
    void close() {
        store.closeImmediately();
    }
}
