package io.sterna.store;

import io.sterna.store.SegmentScanner.FoundNote;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.h2.mvstore.MVStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds what is alive from MVStore and the journal behind it. Runs on the opening thread, once. */
final class Recovery {
    private static final Logger log = LoggerFactory.getLogger(Recovery.class);

    private final Disk disk;
    private final StoreConfig config;
    private final DamageLog damages;
    private final SegmentScanner scanner = new SegmentScanner();
    private final StoreState state;
    private final SegmentPool pool;
    private final TreeMap<Integer, JournalSegment> inUse = new TreeMap<>();
    private boolean journalDamaged;

    Recovery(Disk disk, StoreConfig config, DamageLog damages) {
        this.disk = disk;
        this.config = config;
        this.damages = damages;
        this.state = new StoreState(damages);
        this.pool = new SegmentPool(disk, config);
    }

    /**
     * What was found.
     *
     * @param freshNote to be written before anything else
     */
    record Result(WorkerParts parts, JournalEnd end, CheckpointNote freshNote) {}

    Result run() throws IOException, StoreException {
        JournalFiles files = JournalFiles.open(disk, scanner);
        List<JournalSegment> segments = files.segments();
        Optional<FoundNote> found = lastNote(segments);
        long replayFrom = found.map(note -> note.note().replayFrom()).orElse(1L);
        files.leaveOut(replayFrom, disk);
        files.damages().forEach(damages::add);
        journalDamaged = !files.damages().isEmpty();
        segments.forEach(segment -> pool.adopt(segment.file()));
        files.unused().forEach(file -> pool.adopt(file));

        boolean untouched = found.isEmpty() && holdsNothing(segments);
        if (untouched && !segments.isEmpty()) {
            // The very first opening was cut short, before anything could be promised.
            deleteMessageFiles(-1);
        }
        BlockStore blocks = new BlockStore(disk, config, openMessages(found.map(FoundNote::note)), damages::add);
        loadBlocks(blocks);
        JournalEnd end = segments.isEmpty() ? firstSegment() : replay(segments, replayFrom);
        state.references().reconcile(state.queues()).forEach(this::onLost);
        for (SegmentFile file : files.unused()) {
            pool.release(file);
        }
        if (journalDamaged) {
            end = nextSegment(end);
        }
        CheckpointNote freshNote = new CheckpointNote(blocks.save(), replayFrom);
        WorkerParts parts = new WorkerParts(disk, config, state, blocks, new JournalReader(), pool, inUse);
        log.info(
                "Recovered {} queues and {} partitions from {}; {} journal segments are in use.",
                state.nodes().size(),
                state.partitions().size(),
                disk.path(""),
                inUse.size());
        return new Result(parts, end, freshNote);
    }

    private Optional<FoundNote> lastNote(List<JournalSegment> segments) throws IOException {
        for (int i = segments.size() - 1; i >= 0; i--) {
            Optional<FoundNote> note = scanner.lastNote(segments.get(i));
            if (note.isPresent()) {
                return note;
            }
        }
        return Optional.empty();
    }

    private boolean holdsNothing(List<JournalSegment> segments) throws IOException {
        if (segments.isEmpty()) {
            return false;
        }
        JournalSegment only = segments.get(0);
        return segments.size() == 1
                && only.number() == 1
                && scanner.nextGood(scanner.load(only.file()), JournalSegment.HEADER_BYTES, 1, 0)
                        .isEmpty();
    }

    private MessageFile openMessages(Optional<CheckpointNote> note) throws IOException, StoreException {
        List<String> names =
                disk.list().stream().filter(MessageFile::isMessageFile).toList();
        int highest = names.stream().mapToInt(MessageFile::number).max().orElse(0);
        if (note.isEmpty() && names.isEmpty()) {
            return MessageFile.create(disk, config, 1, damages::add);
        }
        int number = note.map(CheckpointNote::fileNumber).orElse(highest);
        String name = MessageFile.find(names, number).orElseGet(() -> MessageFile.name(number));
        if (!names.contains(name)) {
            damages.add(new StoreException("The message store " + disk.path(name)
                    + " is missing. Only what the journal still holds is kept."));
            return MessageFile.create(disk, config, Math.max(highest, number) + 1, damages::add);
        }
        // Tells missing rights from damage: a file that can't be opened at all is left where it is.
        disk.open(name).close();
        try {
            if (note.isPresent()) {
                deleteMessageFiles(number);
                return MessageFile.openNoted(disk, config, name, note.get(), damages::add);
            }
            damages.add(new StoreException("The journal in " + disk.path("")
                    + " does not say how much of the message store " + disk.path(name)
                    + " is good. All of it is taken; messages may be missing."));
            return MessageFile.openNewest(disk, config, name, damages::add);
        } catch (MVStoreException e) {
            if (DiskFileStore.mayPass(e)) {
                throw e;
            }
            String moved = Quarantine.move(disk, name);
            damages.add(new StoreException(
                    "The message store " + disk.path(name) + " does not open (" + e.getMessage() + "). It was moved to "
                            + moved + "; only what the journal still holds is kept.",
                    e));
            return MessageFile.create(disk, config, number + 1, damages::add);
        }
    }

    /** Files of a copy that was not finished, or that was finished just before a crash. */
    private void deleteMessageFiles(int but) throws IOException {
        for (String name : disk.list()) {
            if (MessageFile.isMessageFile(name) && MessageFile.number(name) != but) {
                disk.delete(name);
            }
        }
    }

    private void loadBlocks(BlockStore blocks) {
        try {
            blocks.nodes().read(state, blocks::onDamage);
            blocks.forEachHeader((number, header) -> {
                Block block = new Block(number, header.sequences(), header.bodyBytes(), header.settled());
                state.addBlock(header, block);
                blocks.adopt(block);
            });
            blocks.nodes().readReferences(state::addReferences, blocks::onDamage);
            state.markUnchanged();
        } catch (MVStoreException e) {
            if (DiskFileStore.mayPass(e)) {
                throw e;
            }
            blocks.onDamage(new StoreException(
                    "The message store in " + disk.path("") + " is damaged (" + e.getMessage()
                            + "). What could be read is kept.",
                    e));
        }
    }

    private void onLost(long topicId, int count) {
        damages.add(new StoreException(count + " messages of topic " + topicId
                + " are lost for the queues that have not acknowledged them; what was damaged in " + disk.path("")
                + " was reported before."));
    }

    private JournalEnd firstSegment() throws IOException {
        pool.maybeAllocate();
        JournalSegment segment = new JournalSegment(pool.poll().orElseThrow(), 1, 1);
        segment.writeHeader();
        inUse.put(1, segment);
        return new JournalEnd(segment, JournalSegment.HEADER_BYTES, 0);
    }

    /** Goes on in another segment, so that the damaged ones are soon left, and not reported again at the next start. */
    private JournalEnd nextSegment(JournalEnd end) throws IOException {
        pool.allocateForNote();
        JournalSegment segment =
                new JournalSegment(pool.poll().orElseThrow(), end.segment().number() + 1, end.lastRecord() + 1);
        segment.writeHeader();
        inUse.put(segment.number(), segment);
        return new JournalEnd(segment, JournalSegment.HEADER_BYTES, end.lastRecord());
    }

    private JournalEnd replay(List<JournalSegment> segments, long replayFrom) throws IOException {
        int start = segments.size() - 1;
        while (start > 0 && segments.get(start).firstRecord() > replayFrom) {
            start--;
        }
        List<JournalSegment> needed = segments.subList(start, segments.size());
        JournalWalk walk = new JournalWalk(disk, scanner, state);
        JournalEnd end = walk.replay(needed, replayFrom);
        walk.damages().forEach(damages::add);
        journalDamaged |= !walk.damages().isEmpty();
        needed.forEach(segment -> inUse.put(segment.number(), segment));
        for (JournalSegment segment : segments.subList(0, start)) {
            pool.release(segment.file());
        }
        return end;
    }
}
