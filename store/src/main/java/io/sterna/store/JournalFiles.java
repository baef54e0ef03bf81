package io.sterna.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The journal's files as they lie in the directory on opening. */
final class JournalFiles {
    private static final Logger log = LoggerFactory.getLogger(JournalFiles.class);

    private final List<JournalSegment> segments = new ArrayList<>();
    private final List<JournalSegment> guessed = new ArrayList<>();
    private final List<SegmentFile> unused = new ArrayList<>();
    private final List<StoreException> damages = new ArrayList<>();

    private JournalFiles() {}

    /** Opens all files and sorts them by their headers. */
    static JournalFiles open(Disk disk, SegmentScanner scanner) throws IOException, StoreException {
        JournalFiles files = new JournalFiles();
        List<SegmentFile> unreadable = new ArrayList<>();
        for (String name : disk.list()) {
            if (SegmentPool.isStray(name)) {
                log.warn("{} is no file of the journal, and is left alone.", disk.path(name));
            } else if (SegmentPool.isUnfinished(name)) {
                disk.delete(name);
            } else if (SegmentPool.isJournal(name)) {
                Disk.File file = disk.open(name);
                SegmentFile segmentFile =
                        new SegmentFile(name, file, file.size(), name.endsWith(SegmentPool.OVERSIZED_SUFFIX));
                JournalSegment.of(segmentFile, disk)
                        .ifPresentOrElse(files.segments::add, () -> unreadable.add(segmentFile));
            }
        }
        for (SegmentFile file : unreadable) {
            files.sortUnreadable(file, scanner);
        }
        files.segments.sort(Comparator.comparingInt(JournalSegment::number));
        files.refuseCopies(disk);
        return files;
    }

    /** Segments by rising number, among them those that were freed and not used again. */
    List<JournalSegment> segments() {
        return segments;
    }

    /** Files that hold nothing. */
    List<SegmentFile> unused() {
        return unused;
    }

    /** Headers that were lost; known when it was said what to leave out. */
    List<StoreException> damages() {
        return damages;
    }

    /** Its records tell which use of the file it is. */
    private void sortUnreadable(SegmentFile file, SegmentScanner scanner) throws IOException {
        scanner.guess(file)
                .ifPresentOrElse(
                        segment -> {
                            segments.add(segment);
                            guessed.add(segment);
                        },
                        () -> unused.add(file));
    }

    /** Each use of a file has a number of its own; which one of two files is the copy, and older, can't be told. */
    private void refuseCopies(Disk disk) throws StoreException {
        for (int i = 1; i < segments.size(); i++) {
            JournalSegment one = segments.get(i - 1);
            JournalSegment other = segments.get(i);
            if (one.number() == other.number()) {
                throw new StoreException(
                        "The journal files " + disk.path(one.file().name()) + " and "
                                + disk.path(other.file().name()) + " both hold segment " + one.number()
                                + ", so one is a copy of the other. Move the copy out of the directory, and start again.");
            }
        }
    }

    /**
     * Leaves out segments without a header that hold nothing from {@code replayFrom} on. A header is forced before the first
     * record is written: such a file is to be used again, and a crash has torn its new header. Any other has been damaged.
     */
    void leaveOut(long replayFrom, Disk disk) {
        for (JournalSegment segment : guessed) {
            boolean needed = segments.stream()
                    .filter(other -> other.number() > segment.number())
                    .allMatch(later -> later.firstRecord() > replayFrom);
            if (needed) {
                damages.add(new StoreException("The header of the journal file "
                        + disk.path(segment.file().name())
                        + " is damaged. Its readable records are kept; records before number " + segment.firstRecord()
                        + " may be missing."));
            } else {
                segments.remove(segment);
                unused.add(segment.file());
            }
        }
    }
}
