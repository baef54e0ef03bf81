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
        MessageFiles.Opened opened = new MessageFiles(disk, config, damages, found.map(FoundNote::note))
                .open(found.isEmpty() && holdsNothing(segments));
        long replayFrom = opened.replayFrom();
        // What the journal's note needs is kept until there is another one: this opening may be cut short, too.
        long keepFrom = found.map(note -> Math.min(replayFrom, note.note().replayFrom()))
                .orElse(replayFrom);
        files.leaveOut(replayFrom, disk);
        files.damages().forEach(damages::add);
        journalDamaged = !files.damages().isEmpty();
        segments.forEach(segment -> pool.adopt(segment.file()));
        files.unused().forEach(file -> pool.adopt(file));

        BlockStore blocks = new BlockStore(disk, config, opened.file(), damages::add);
        loadBlocks(blocks);
        JournalEnd end = segments.isEmpty() ? firstSegment(replayFrom) : replay(segments, replayFrom, keepFrom);
        if (end.lastRecord() < replayFrom - 1) {
            damages.add(new StoreException("The journal in " + disk.path("") + " ends with record " + end.lastRecord()
                    + ", though the message store holds what came of all before " + replayFrom
                    + ". If there were more, they are lost."));
            // Numbers that were given must not be given again: a replay would pass over them.
            end = new JournalEnd(end.segment(), end.position(), replayFrom - 1);
            journalDamaged = true;
        }
        state.references().reconcile(state.queues()).forEach(this::onLost);
        for (SegmentFile file : files.unused()) {
            pool.release(file);
        }
        if (journalDamaged) {
            end = nextSegment(end);
        }
        CheckpointNote freshNote = blocks.save(replayFrom);
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
            return true;
        }
        JournalSegment only = segments.get(0);
        return segments.size() == 1
                && only.number() == 1
                && scanner.nextGood(scanner.load(only.file()), JournalSegment.HEADER_BYTES, 1, 0)
                        .isEmpty();
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
            DiskFileStore.throwIfItMayPass(e);
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

    private JournalEnd firstSegment(long replayFrom) throws IOException {
        JournalSegment segment = new JournalSegment(anyFile(), 1, replayFrom);
        segment.writeHeader();
        inUse.put(1, segment);
        return new JournalEnd(segment, JournalSegment.HEADER_BYTES, replayFrom - 1);
    }

    /** Goes on in another segment, so that the damaged ones are soon left, and not reported again at the next start. */
    private JournalEnd nextSegment(JournalEnd end) throws IOException {
        JournalSegment segment = new JournalSegment(anyFile(), end.segment().number() + 1, end.lastRecord() + 1);
        segment.writeHeader();
        inUse.put(segment.number(), segment);
        return new JournalEnd(segment, JournalSegment.HEADER_BYTES, end.lastRecord());
    }

    private SegmentFile anyFile() throws IOException {
        if (pool.hasNone()) {
            pool.allocate();
        }
        return pool.poll().orElseThrow();
    }

    private JournalEnd replay(List<JournalSegment> segments, long replayFrom, long keepFrom) throws IOException {
        List<JournalSegment> needed = segments.subList(indexOf(replayFrom, segments), segments.size());
        JournalWalk walk = new JournalWalk(disk, scanner, state);
        JournalEnd end = walk.replay(needed, replayFrom);
        walk.damages().forEach(damages::add);
        journalDamaged |= !walk.damages().isEmpty();
        int kept = indexOf(keepFrom, segments);
        segments.subList(kept, segments.size()).forEach(segment -> inUse.put(segment.number(), segment));
        for (JournalSegment segment : segments.subList(0, kept)) {
            pool.release(segment.file());
        }
        return end;
    }

    /** Which of the segments holds a record. */
    private static int indexOf(long record, List<JournalSegment> segments) {
        int index = segments.size() - 1;
        while (index > 0 && segments.get(index).firstRecord() > record) {
            index--;
        }
        return index;
    }
}
