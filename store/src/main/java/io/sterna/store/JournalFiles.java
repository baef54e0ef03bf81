package io.sterna.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The journal's files as they lie in the directory on opening. */
final class JournalFiles {
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
            if (SegmentPool.isUnfinished(name)) {
                disk.delete(name);
            } else if (SegmentPool.isJournal(name)) {
                Disk.File file = disk.open(name);
                SegmentFile segmentFile =
                        new SegmentFile(name, file, file.size(), name.endsWith(SegmentPool.OVERSIZED_SUFFIX));
                JournalSegment.of(segmentFile, disk)
                        .ifPresentOrElse(files.segments::add, () -> unreadable.add(segmentFile));
            }
        }
        Set<Integer> numbers = new HashSet<>();
        files.segments.forEach(segment -> numbers.add(segment.number()));
        for (SegmentFile file : unreadable) {
            files.sortUnreadable(file, numbers, scanner);
        }
        files.segments.sort(Comparator.comparingInt(JournalSegment::number));
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

    /** Its records tell which use of the file it is, if no other file has the same. */
    private void sortUnreadable(SegmentFile file, Set<Integer> numbers, SegmentScanner scanner) throws IOException {
        Optional<JournalSegment> guess = scanner.guess(file);
        if (guess.isEmpty() || numbers.contains(guess.get().number())) {
            unused.add(file);
            return;
        }
        segments.add(guess.get());
        guessed.add(guess.get());
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
