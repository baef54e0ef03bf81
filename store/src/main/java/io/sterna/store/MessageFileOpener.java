package io.sterna.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;

/** Opens message files as they were saved, without what a crash has torn or a disk has damaged at their end. */
final class MessageFileOpener {
    /** How many saved versions are tried when the last ones are damaged. */
    private static final int MAX_ATTEMPTS = 16;
    /** Room for what the first opening saves; what is saved later comes behind it. */
    private static final long FIRST_BYTES = 16 * DiskFileStore.BLOCK_BYTES;

    private final Disk disk;
    private final StoreConfig config;
    private final Consumer<StoreException> damages;

    MessageFileOpener(Disk disk, StoreConfig config, Consumer<StoreException> damages) {
        this.disk = disk;
        this.config = config;
        this.damages = damages;
    }

    private MessageFile open(String name) throws IOException {
        return MessageFile.open(disk, config, name, damages);
    }

    /** Makes an empty file; one of the same name is left over from a crash and holds nothing that counts. */
    MessageFile create(int number) throws IOException {
        String name = MessageFile.name(number);
        disk.delete(name);
        disk.open(name).close();
        disk.forceDirectory();
        MessageFile created = open(name);
        created.markAsNew();
        return created;
    }

    /**
     * Opens a file as it was noted, or when that is damaged as it was saved before; then {@code damages} hears of it, and what
     * is cut off is put aside.
     *
     * @throws StoreException when another version of the format wrote it
     * @throws MVStoreException when it is damaged
     */
    MessageFile noted(String name, CheckpointNote note) throws IOException, StoreException {
        // Before anything looks at it: what lies behind may be torn.
        try (Disk.File stored = disk.open(name)) {
            long noted = MessageFormat.of(name).storedBytes(note.fileBytes());
            if (stored.size() > noted) {
                stored.truncate(noted);
            }
            stored.force();
        }
        MessageFile opened = newest(name);
        long version = opened.version();
        if (version > note.version()) {
            opened.close();
            throw new MVStoreException(
                    DataUtils.ERROR_FILE_CORRUPT,
                    "it holds version " + version + ", and held " + note.version() + " when it was saved");
        }
        if (version < note.version()) {
            damages.accept(new StoreException("The end of the message file " + opened.path()
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
    MessageFile newest(String name) throws IOException, StoreException {
        try (Disk.File file = MessageFormat.of(name).open(disk, name, damages)) {
            if (file.size() == 0) {
                throw new MVStoreException(DataUtils.ERROR_FILE_CORRUPT, "nothing in it is readable");
            }
        }
        MessageFile opened = open(name);
        for (int attempt = 1; !opened.isWhole(); attempt++) {
            long end = opened.isUsable() ? opened.end() : opened.beforeEnd();
            opened.close();
            if (attempt > MAX_ATTEMPTS || end == 0) {
                throw new MVStoreException(DataUtils.ERROR_FILE_CORRUPT, "what it begins with is unreadable");
            }
            MessageFormat format = MessageFormat.of(name);
            try (Disk.File stored = disk.open(name)) {
                Quarantine.copyEnd(disk, name, stored, format.storedBytes(end));
            }
            try (Disk.File file = format.open(disk, name, damages)) {
                file.truncate(end);
                file.force();
            }
            opened = open(name);
        }
        MessageFormat format = MessageFormat.of(name);
        int found = opened.formatVersion();
        if (found != format.version()) {
            opened.close();
            throw new StoreException("The message store " + disk.path(name) + " has format version " + found
                    + "; this broker reads and writes version " + format.version()
                    + ". Run the version of the broker that wrote it.");
        }
        return opened;
    }

    /** Whether a file holds nothing behind what a note tells of. */
    boolean endsWith(String name, CheckpointNote note) throws IOException {
        return MessageFile.number(name) == note.fileNumber()
                && disk.size(name) <= MessageFormat.of(name).storedBytes(note.fileBytes());
    }

    /**
     * What a file itself tells of the last whole checkpoint that was saved in it, or copy; empty when there is none, as in a
     * copy that was not finished. What was saved is forced before anything is added, so only the last of it may be torn: that
     * is read, and when it is unreadable, what was saved before counts. Changes nothing.
     *
     * @param whole whether the last must not even need to be restored: what a crash has torn is then not taken for damage
     */
    Optional<CheckpointNote> ownNote(String name, boolean whole) throws IOException, StoreException {
        if (MessageFormat.of(name) != MessageFormat.CHECKED) {
            return Optional.empty();
        }
        try (OverlayDisk overlay = new OverlayDisk(disk)) {
            for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
                long end;
                List<StoreException> restored = new ArrayList<>();
                MessageFile opened = MessageFile.open(overlay, config, name, restored::add);
                try {
                    Optional<CheckpointNote> own = opened.ownNote();
                    if (whole && !restored.isEmpty()) {
                        own = Optional.empty();
                    }
                    if (own.isPresent() && own.get().version() == opened.version()) {
                        return own;
                    }
                    end = own.map(CheckpointNote::fileBytes).orElseGet(opened::beforeEnd);
                } finally {
                    opened.close();
                }
                if (end == 0) {
                    return Optional.empty();
                }
                try (Disk.File file = MessageFormat.CHECKED.open(overlay, name, damage -> {})) {
                    file.truncate(end);
                }
            }
        } catch (MVStoreException e) {
            DiskFileStore.throwIfItMayPass(e);
            // Nothing in it is readable.
            return Optional.empty();
        }
        return Optional.empty();
    }

    /** Whether nothing was ever put into a file, or the first opening was cut short while it was made. Changes nothing. */
    boolean isOfFirstOpening(String name) throws IOException {
        if (disk.size(name) == 0) {
            return true;
        }
        try (OverlayDisk overlay = new OverlayDisk(disk)) {
            MessageFile opened = MessageFile.open(overlay, config, name, damage -> {});
            try {
                return opened.isWhole() && opened.isEmpty();
            } finally {
                opened.close();
            }
        } catch (MVStoreException e) {
            DiskFileStore.throwIfItMayPass(e);
            return disk.size(name) <= MessageFormat.of(name).storedBytes(FIRST_BYTES);
        }
    }
}
