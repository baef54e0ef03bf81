package io.sterna.store;

import java.io.IOException;
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
 * <p>Owned by the worker, and by the opening thread before.
 */
final class MessageFile {
    static final String HEADERS = "headers";
    static final String BODIES = "bodies";
    static final String NODES = "nodes";
    static final String PARTITIONS = "partitions";
    static final String VALUES = "values";
    static final String REFERENCES = "references";

    private static final int FORMAT_VERSION = 2;
    private static final String PREFIX = "messages-";
    private static final String SUFFIX = ".mv";
    /** Never: what is free is not used again, the file is replaced instead. */
    private static final int RETENTION_MILLIS = Integer.MAX_VALUE;

    private static final int VERSIONS_TO_KEEP = 5;

    private final int number;
    private final String path;
    private final MVStore store;
    private long unsavedBytes;

    private MessageFile(int number, String path, MVStore store) {
        this.number = number;
        this.path = path;
        this.store = store;
    }

    /**
     * What is on stable storage.
     *
     * @param version MVStore's version
     * @param bytes the file's length
     */
    record Saved(int fileNumber, long version, long bytes) {}

    static String name(int number) {
        return PREFIX + "%06d".formatted(number) + SUFFIX;
    }

    static boolean isMessageFile(String name) {
        return name.matches(PREFIX + "\\d+" + SUFFIX);
    }

    static int number(String name) {
        return Integer.parseInt(name.substring(PREFIX.length(), name.length() - SUFFIX.length()));
    }

    /** Makes an empty file; one of the same name is left over from a crash and holds nothing that counts. */
    static MessageFile create(Disk disk, StoreConfig config, int number) throws IOException {
        disk.delete(name(number));
        disk.open(name(number)).close();
        disk.forceDirectory();
        MVStore store = openStore(disk, config, number);
        store.setStoreVersion(FORMAT_VERSION);
        return new MessageFile(number, disk.path(name(number)), store);
    }

    /**
     * Opens a file as it was noted.
     *
     * @throws StoreException when another version of the format wrote it
     * @throws MVStoreException when it is damaged
     */
    static MessageFile openNoted(Disk disk, StoreConfig config, CheckpointNote note)
            throws IOException, StoreException {
        String name = name(note.fileNumber());
        try (Disk.File file = disk.open(name)) {
            if (file.size() < note.fileBytes()) {
                throw new MVStoreException(
                        DataUtils.ERROR_FILE_CORRUPT,
                        "it has " + file.size() + " bytes, and had " + note.fileBytes() + " when it was saved");
            }
            file.truncate(note.fileBytes());
            file.force();
        }
        MessageFile opened = openNewest(disk, config, note.fileNumber());
        long version = opened.store.getCurrentVersion();
        if (version != note.version()) {
            opened.close();
            throw new MVStoreException(
                    DataUtils.ERROR_FILE_CORRUPT,
                    "it holds version " + version + ", and held " + note.version() + " when it was saved");
        }
        return opened;
    }

    /** Opens a file as it is, for want of a note. */
    static MessageFile openNewest(Disk disk, StoreConfig config, int number) throws IOException, StoreException {
        MVStore store = openStore(disk, config, number);
        if (store.getStoreVersion() != FORMAT_VERSION) {
            int found = store.getStoreVersion();
            store.closeImmediately();
            throw new StoreException("The message store " + disk.path(name(number)) + " has format version " + found
                    + "; this broker reads and writes version " + FORMAT_VERSION
                    + ". Run the version of the broker that wrote it.");
        }
        return new MessageFile(number, disk.path(name(number)), store);
    }

    private static MVStore openStore(Disk disk, StoreConfig config, int number) throws IOException {
        String name = name(number);
        DiskFileStore file = DiskFileStore.open(disk.open(name), disk.path(name), config.cacheMebibytes());
        MVStore store;
        try {
            store = new MVStore.Builder()
                    .adoptFileStore(file)
                    .autoCommitDisabled()
                    // Otherwise a commit still happens by itself when 1 MB is unsaved.
                    .autoCommitBufferSize(0)
                    .open();
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
        store.setRetentionTime(RETENTION_MILLIS);
        store.setVersionsToKeep(VERSIONS_TO_KEEP);
        store.setReuseSpace(false);
        return store;
    }

    int number() {
        return number;
    }

    String name() {
        return name(number);
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

    /** Puts everything on stable storage. */
    Saved save() {
        store.commit();
        store.sync();
        unsavedBytes = 0;
        return new Saved(number, store.getCurrentVersion(), bytes());
    }

    long bytes() {
        return store.getFileStore().size();
    }

    /** Leaves the file as it was saved last. */
    void close() {
        store.closeImmediately();
    }
}
