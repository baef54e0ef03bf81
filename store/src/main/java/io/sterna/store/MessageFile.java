package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
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
        return PREFIX + "%06d".formatted(number) + MessageFormat.CHECKED.suffix();
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

    /** The note in it, when it is about this version, and that is readable, or about one before. */
    Optional<CheckpointNote> ownNote() throws IOException, StoreException {
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
            DiskFileStore.throwIfItMayPass(e);
            return Optional.empty();
        }
    }

    /** Whether nothing was ever put into it. */
    boolean isEmpty() {
        return formatVersion() == MessageFormat.of(name).version() && maps().allMatch(MVMap::isEmpty);
    }

    private Stream<MVMap<?, byte[]>> maps() {
        return Stream.concat(
                Stream.of(HEADERS, BODIES, NODES, PARTITIONS).map(map -> map(map, new ValueTypes.Key())),
                Stream.of(VALUES, REFERENCES).map(map -> map(map, new ValueTypes.Entry())));
    }

    /** Opens a file as it is, without a look at what it holds. */
    static MessageFile open(Disk disk, StoreConfig config, String name, Consumer<StoreException> damages)
            throws IOException {
        Disk.File on = MessageFormat.of(name).open(disk, name, damages);
        DiskFileStore file;
        MVStore store;
        try {
            file = DiskFileStore.open(on, disk.path(name), config.cacheMebibytes());
            store = new MVStore.Builder()
                    .adoptFileStore(file)
                    .autoCommitDisabled()
                    // Otherwise a commit still happens by itself when 1 MB is unsaved.
                    .autoCommitBufferSize(0)
                    .open();
        } catch (IOException | RuntimeException e) {
            on.close();
            throw e;
        }
        store.setRetentionTime(RETENTION_MILLIS);
        store.setVersionsToKeep(VERSIONS_TO_KEEP);
        store.setReuseSpace(false);
        return new MessageFile(disk, name, file, store);
    }

    /** It is new, and will be of the newest format. */
    void markAsNew() {
        store.setStoreVersion(MessageFormat.CHECKED.version());
    }

    /** Whether what ends last in it was saved last, and all maps can be opened. */
    boolean isWhole() {
        return file.end() == file.size() && isUsable();
    }

    /** Whether all maps can be opened. */
    boolean isUsable() {
        try {
            maps().forEach(map -> {});
            return true;
        } catch (MVStoreException e) {
            DiskFileStore.throwIfItMayPass(e);
            return false;
        }
    }

    /** Where what was saved last ends, and what was saved before that; 0 when there is nothing. */
    long end() {
        return file.end();
    }

    long beforeEnd() {
        return file.beforeEnd();
    }

    /** MVStore's version of what was saved last. */
    long version() {
        return store.getCurrentVersion();
    }

    /** Which version of the format wrote it, as it says itself. */
    int formatVersion() {
        return store.getStoreVersion();
    }

    /** Reads the whole file, and tells what is damaged, in parts that nobody needs too. */
    void scrub(Consumer<StoreException> unrestored) throws IOException {
        file.scrub(unrestored);
    }

    /** Whether a copy would be of a newer format. */
    boolean isOfOldFormat() {
        return MessageFormat.of(name) != MessageFormat.CHECKED;
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
        long version = version() + 1;
        byte[] value = new byte[2 * Long.BYTES + CheckedMap.CRC_BYTES];
        ByteBuffer.wrap(value).putLong(version).putLong(replayFrom);
        CheckedMap.numbered(this, NOTES).put(NOTE_KEY, value);
        save();
        if (version() != version) {
            throw new IllegalStateException("saved version " + version() + " instead of " + version);
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
