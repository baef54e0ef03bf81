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
            files.sortUnreadable(file, numbers, disk, scanner);
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

    /** Headers that were lost. */
    List<StoreException> damages() {
        return damages;
    }

    /**
     * A header is forced before the first record is written. So a file without one is a new file, or its header was torn
     * when it was to be used again; only if it holds records of a use that no other file has is the header damaged.
     */
    private void sortUnreadable(SegmentFile file, Set<Integer> numbers, Disk disk, SegmentScanner scanner)
            throws IOException {
        int highest = numbers.stream().mapToInt(Integer::intValue).max().orElse(0);
        Optional<JournalSegment> guessed = scanner.guess(file);
        if (guessed.isEmpty()
                || guessed.get().number() < highest
                || numbers.contains(guessed.get().number())) {
            unused.add(file);
            return;
        }
        segments.add(guessed.get());
        damages.add(new StoreException("The header of the journal file " + disk.path(file.name())
                + " is damaged. Its readable records are kept; records before number "
                + guessed.get().firstRecord() + " may be missing."));
    }
}
