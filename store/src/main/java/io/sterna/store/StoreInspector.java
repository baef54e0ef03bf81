package io.sterna.store;

import io.sterna.store.StoreReport.FileKind;
import io.sterna.store.StoreReport.FileUse;
import io.sterna.store.StoreReport.NodeUse;
import io.sterna.store.StoreReport.Space;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.h2.mvstore.MVStoreException;

/**
 * Looks at a data directory that no broker uses, and changes nothing in it: recovers it as a start would, but on an
 * {@link OverlayDisk}. Needs as much memory as a broker that starts on it, however large its messages are.
 */
public final class StoreInspector {
    private final Path directory;
    private final StoreConfig config;
    private final Progress progress;

    /** Hears how far a long inspection is. Called on the inspecting thread. */
    public interface Progress {
        /** So many of so many bytes were read. */
        void onProgress(long bytes, long ofBytes);
    }

    /** Will look at a directory; nothing is read yet. */
    public StoreInspector(Path directory, StoreConfig config, Progress progress) {
        this.directory = directory;
        this.config = config;
        this.progress = progress;
    }

    /**
     * Reads everything, each message too, and compares all checksums. Blocks.
     *
     * @throws DirectoryInUseException when a broker runs on the directory
     * @throws StoreException when there is no store to look at, or one of another version of the format
     */
    public StoreReport verify() throws StoreException {
        return inspect(new DamageLog(), true, message -> 0);
    }

    /**
     * Counts, and reads no more than that needs. Blocks.
     *
     * @param madeAtMillis when a message was made, milliseconds since 1970, or 0; asked for the first one of each queue
     * @throws DirectoryInUseException when a broker runs on the directory
     * @throws StoreException when there is no store to look at, or one of another version of the format
     */
    public StoreReport count(ToLongFunction<byte[]> madeAtMillis) throws StoreException {
        return inspect(new DamageLog(), false, madeAtMillis);
    }

    private StoreReport inspect(DamageLog damages, boolean payloads, ToLongFunction<byte[]> madeAtMillis)
            throws StoreException {
        if (!Files.isDirectory(directory)) {
            throw new StoreException("There is no data directory " + directory.toAbsolutePath() + ".");
        }
        DirectoryLock lock = DirectoryLock.take(directory);
        try (lock) {
            return inspect(new FileDisk(directory), damages, payloads, madeAtMillis);
        }
    }

    /** As {@link #verify} and {@link #count}, of a disk that nobody uses. */
    StoreReport inspect(Disk disk, DamageLog damages, boolean payloads, ToLongFunction<byte[]> madeAtMillis)
            throws StoreException {
        try {
            List<FileUse> files = files(disk);
            if (files.stream().noneMatch(file -> file.kind() == FileKind.JOURNAL || file.kind() == FileKind.MESSAGES)) {
                throw new StoreException("There is no store in " + disk.path("") + ": it has no journal.");
            }
            try (OverlayDisk overlay = new OverlayDisk(disk)) {
                WorkerParts parts = new Recovery(overlay, config, damages).run().parts();
                long unreadable = 0;
                if (payloads) {
                    unreadable = new PayloadCheck(parts, progress).run(damages).size();
                    parts.blocks().scrub();
                }
                return new StoreReport(
                        files,
                        nodes(parts, madeAtMillis),
                        space(parts, files),
                        unreadable,
                        damages.all().stream().map(StoreException::getMessage).toList());
            }
        } catch (IOException | MVStoreException e) {
            throw new StoreException("Cannot read the data directory " + disk.path("") + ": " + e.getMessage(), e);
        }
    }

    private static List<FileUse> files(Disk disk) throws IOException {
        List<FileUse> files = new ArrayList<>();
        for (String name : disk.list()) {
            files.add(new FileUse(name, kind(name), disk.size(name)));
        }
        return files;
    }

    private static FileKind kind(String name) {
        if (SegmentPool.isJournal(name) || SegmentPool.isUnfinished(name)) {
            return FileKind.JOURNAL;
        }
        if (MessageFile.isMessageFile(name)) {
            return FileKind.MESSAGES;
        }
        if (Quarantine.isSetAside(name)) {
            return FileKind.SET_ASIDE;
        }
        if (name.equals(DiskId.NAME)) {
            return FileKind.DISK_ID;
        }
        return name.equals(DirectoryLock.NAME) ? FileKind.LOCK : FileKind.OTHER;
    }

    private static Space space(WorkerParts parts, List<FileUse> files) {
        long messages = 0;
        long messageBytes = 0;
        for (QueueState owner : parts.state().owners()) {
            Content content = content(owner);
            messages += content.messages;
            messageBytes += content.bytes;
        }
        long journalBytes = files.stream()
                .filter(file -> file.kind() == FileKind.JOURNAL)
                .mapToLong(FileUse::bytes)
                .sum();
        long inUseBytes = parts.segments().values().stream()
                .mapToLong(segment -> segment.file().bytes())
                .sum();
        return new Space(
                messages,
                messageBytes,
                journalBytes,
                inUseBytes,
                parts.blocks().fileBytes(),
                parts.blocks().neededBytes());
    }

    private static List<NodeUse> nodes(WorkerParts parts, ToLongFunction<byte[]> madeAtMillis) {
        StoreState state = parts.state();
        Map<Long, NodeUse> nodes = new TreeMap<>();
        state.nodes()
                .forEach((id, entry) -> nodes.put(
                        id, new NodeUse(entry.partition(), id, Optional.of(entry.node()), 0, 0, Optional.empty())));
        MessageFinder finder = new MessageFinder(parts, damage -> {});
        for (QueueState queue : state.queues()) {
            Content content = content(queue);
            content.addReferences(queue, state.references());
            long id = queue.ownerId();
            Optional<LogOperation.NodeCreated> node =
                    Optional.ofNullable(nodes.get(id)).flatMap(NodeUse::node);
            if (content.messages > 0 || node.isPresent()) {
                Optional<Long> oldest =
                        content.messages == 0 ? Optional.empty() : oldestMillis(finder, id, madeAtMillis);
                nodes.put(id, new NodeUse(queue.partition(), id, node, content.messages, content.bytes, oldest));
            }
        }
        return List.copyOf(nodes.values());
    }

    private static Optional<Long> oldestMillis(
            MessageFinder finder, long queueId, ToLongFunction<byte[]> madeAtMillis) {
        try {
            return finder.read(queueId, Long.MIN_VALUE, 1, 1).stream()
                    .map(message -> madeAtMillis.applyAsLong(message.message()))
                    .filter(millis -> millis > 0)
                    .findFirst();
        } catch (StoreException | MVStoreException e) {
            // Whether messages are readable is for verify() to say.
            return Optional.empty();
        }
    }

    private static Content content(QueueState owner) {
        Content content = new Content();
        for (Block block : owner.blocks().values()) {
            content.add(block.live(), block.averageBytes() * block.live());
        }
        owner.index().forEachSize(size -> content.add(1, size));
        return content;
    }

    /** Counts messages; those of a block that is partly settled have its average size. */
    private static final class Content {
        private long messages;
        private long bytes;

        void add(long moreMessages, long moreBytes) {
            messages += moreMessages;
            bytes += moreBytes;
        }

        void addReferences(QueueState queue, ReferenceTable references) {
            for (ReferenceSet set : queue.references()) {
                Content topic = references
                        .topicOf(set)
                        .map(found -> content(found.payloads()))
                        .orElseGet(Content::new);
                long count = set.count();
                add(count, topic.messages == 0 ? 0 : topic.bytes / topic.messages * count);
            }
        }
    }
}
