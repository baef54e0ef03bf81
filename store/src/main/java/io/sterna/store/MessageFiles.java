package io.sterna.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.h2.mvstore.MVStoreException;

/**
 * Chooses on opening which of the message files is the one, and how much of it.
 *
 * <p>That is what the journal's last note says, unless a file itself tells that more of it was saved, see {@link
 * MessageFileOpener#ownNote}: the journal's note may be damaged, and what it has set free is overwritten then. A file of which
 * nothing shows that it was superseded is put aside, not deleted.
 */
final class MessageFiles {
    private final Disk disk;
    private final MessageFileOpener opener;
    private final DamageLog damages;
    private final Optional<CheckpointNote> noted;

    /**
     * Will choose.
     *
     * @param noted the journal's last note, as far as it is readable
     */
    MessageFiles(Disk disk, StoreConfig config, DamageLog damages, Optional<CheckpointNote> noted) {
        this.disk = disk;
        this.opener = new MessageFileOpener(disk, config, damages::add);
        this.damages = damages;
        this.noted = noted;
    }

    /**
     * What was chosen.
     *
     * @param replayFrom number of the first journal record that it may lack
     */
    record Opened(MessageFile file, long replayFrom) {}

    /**
     * Opens the file.
     *
     * @param untouched whether the journal holds no record, and never held one as far as can be told
     */
    Opened open(boolean untouched) throws IOException, StoreException {
        List<String> names = names();
        int highest = names.stream().mapToInt(MessageFile::number).max().orElse(0);
        if (untouched && areOfFirstOpening(names)) {
            // It was cut short, before anything could be promised.
            for (String name : names) {
                disk.delete(name);
            }
            return new Opened(opener.create(1), 1);
        }
        if (noted.isPresent() && names.isEmpty()) {
            damages.add(new StoreException("The message store "
                    + disk.path(MessageFile.name(noted.get().fileNumber()))
                    + " is missing. Only what the journal still holds is kept."));
        }
        while (!names.isEmpty()) {
            Optional<CheckpointNote> chosen = choose(names);
            int number = chosen.map(CheckpointNote::fileNumber).orElseGet(() -> guess(names));
            String name = MessageFile.find(names, number).orElseThrow();
            // Tells missing rights from damage: a file that can't be opened at all is left where it is.
            disk.open(name).close();
            names.remove(name);
            try {
                MessageFile file = chosen.isPresent() ? openAt(name, chosen.get()) : openNewest(name);
                leave(names, number);
                return new Opened(
                        file,
                        chosen.or(() -> noted).map(CheckpointNote::replayFrom).orElse(1L));
            } catch (MVStoreException e) {
                DiskFileStore.throwIfItMayPass(e);
                damages.add(new StoreException(
                        "The message store " + disk.path(name) + " does not open (" + e.getMessage()
                                + "). It was moved to " + Quarantine.move(disk, name) + "; only what "
                                + (names.isEmpty() ? "" : "other files and ") + "the journal still holds is kept.",
                        e));
            }
        }
        int next = 1 + Math.max(highest, noted.map(CheckpointNote::fileNumber).orElse(0));
        return new Opened(
                opener.create(next), noted.map(CheckpointNote::replayFrom).orElse(1L));
    }

    private List<String> names() throws IOException {
        List<String> names = new ArrayList<>(
                disk.list().stream().filter(MessageFile::isMessageFile).toList());
        names.sort(Comparator.comparingInt(MessageFile::number));
        return names;
    }

    private boolean areOfFirstOpening(List<String> names) throws IOException {
        for (String name : names) {
            if (MessageFile.number(name) != 1 || !opener.isOfFirstOpening(name)) {
                return false;
            }
        }
        return true;
    }

    /** The note that needs the least of the journal; the journal's own among those that need the same. */
    private Optional<CheckpointNote> choose(List<String> names) throws IOException, StoreException {
        Optional<CheckpointNote> best =
                noted.filter(note -> MessageFile.find(names, note.fileNumber()).isPresent());
        for (String name : names) {
            if (best.isPresent() && opener.endsWith(name, best.get())) {
                continue;
            }
            Optional<CheckpointNote> own = opener.ownNote(name, best.isPresent());
            if (own.isPresent()
                    && (best.isEmpty() || own.get().replayFrom() > best.get().replayFrom())) {
                best = own;
            }
        }
        return best;
    }

    /** The file that took the place of the one that was noted; what lies behind it is a copy that was not finished. */
    private int guess(List<String> names) {
        int before = noted.map(CheckpointNote::fileNumber).orElse(Integer.MAX_VALUE);
        return names.stream()
                .mapToInt(MessageFile::number)
                .filter(number -> number > before)
                .findFirst()
                .orElse(MessageFile.number(names.get(names.size() - 1)));
    }

    /**
     * Gets rid of the files that were not chosen. When the journal's last note names the chosen one, lower ones have been
     * superseded by a note; and a higher one is a copy of it that was not finished, or not noted: the old file is deleted
     * as soon as the note is durable, and nothing is put into the copy before. Should a lost note have made it the one
     * and the old file be back because its deletion was never durable, then it needs less of the journal and was chosen
     * as soon as anything was saved in it. In all other cases nothing is certain.
     */
    private void leave(List<String> others, int chosen) throws IOException {
        for (String name : others) {
            if (noted.isPresent() && noted.get().fileNumber() == chosen) {
                disk.delete(name);
            } else {
                damages.add(new StoreException("The message store " + disk.path(name)
                        + " is not the one in use, as far as can be told. It was moved to "
                        + Quarantine.move(disk, name) + "."));
            }
        }
    }

    private MessageFile openAt(String name, CheckpointNote chosen) throws IOException, StoreException {
        if (noted.isEmpty() || noted.get().fileNumber() != chosen.fileNumber()) {
            damages.add(new StoreException("The journal in " + disk.path("")
                    + " has lost what it said of the message store " + disk.path(name)
                    + ", which is taken as it was saved last."));
        }
        return opener.noted(name, chosen);
    }

    private MessageFile openNewest(String name) throws IOException, StoreException {
        damages.add(new StoreException("The journal in " + disk.path("")
                + " does not say how much of the message store " + disk.path(name)
                + " is good. All of it is taken; messages may be missing."));
        return opener.newest(name);
    }
}
