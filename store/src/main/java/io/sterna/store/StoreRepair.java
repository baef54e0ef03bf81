package io.sterna.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Brings a damaged data directory that no broker uses to one without damage: what is intact is kept, what can't be read is
 * given up, and each damaged file is put aside as it was, for people to look at.
 */
public final class StoreRepair {
    private final Path directory;
    private final StoreConfig config;
    private final StoreInspector.Progress progress;

    /** Will repair a directory; nothing is read yet. {@link StoreInspector#verify} says beforehand what will be lost. */
    public StoreRepair(Path directory, StoreConfig config, StoreInspector.Progress progress) {
        this.directory = directory;
        this.config = config;
        this.progress = progress;
    }

    /**
     * Repairs. Blocks. Cut short, it can be done again.
     *
     * @return what is there afterwards, read once more
     * @throws DirectoryInUseException when a broker runs on the directory
     * @throws StoreException when there is no store, it can't be written to, or one of another version of the format
     */
    public StoreReport run() throws StoreException {
        StoreInspector inspector = new StoreInspector(directory, config, progress);
        if (!Files.isDirectory(directory)) {
            throw new StoreException("There is no data directory " + directory.toAbsolutePath() + ".");
        }
        try (DurableStore store = DurableStore.open(directory, config)) {
            store.repair(progress);
        }
        return inspector.verify();
    }

    /** As {@link #run}, on a disk that nobody uses. */
    StoreReport run(Disk disk) throws StoreException {
        try (DurableStore store = DurableStore.open(disk, config)) {
            store.repair(progress);
        }
        return new StoreInspector(directory, config, progress).inspect(disk, new DamageLog(), true, message -> 0);
    }

    /** Names of the files that were put aside, by this or by a start. */
    public List<String> setAside() throws StoreException {
        try {
            return new FileDisk(directory)
                    .list().stream().filter(Quarantine::isSetAside).toList();
        } catch (IOException e) {
            throw new StoreException(
                    "Cannot read the data directory " + directory.toAbsolutePath() + ": " + e.getMessage(), e);
        }
    }
}
