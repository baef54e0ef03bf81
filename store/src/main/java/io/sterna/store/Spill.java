package io.sterna.store;

import java.util.List;

/**
 * Files for messages that need not outlive the process: nothing is forced, and nothing is left of them at the next start. Who
 * writes says where, and keeps in mind what is there. Any thread; calls return at once, and what they ask for is done in
 * their order. Answers come on a thread of the spill and must only hand over and return.
 */
public interface Spill {

    /** Takes the answer of {@link #write}. */
    interface WriteListener {
        void onWritten();

        /** Nothing of it can be read; the rest of the file is as it was. */
        void onFailed(StoreException cause);
    }

    /** A number that no other file has. */
    long newFile();

    /**
     * Writes messages.
     *
     * @param place of {@link SpillPlace#bytesOf} their bytes; the file is made when there is none
     * @param messages not changed afterwards
     */
    void write(SpillPlace place, List<StoredMessage> messages, WriteListener listener);

    /** Reads what was written to a place. Messages that are damaged are passed over; that is logged. */
    void read(SpillPlace place, MessageReader reader);

    /** Deletes a file, of which nothing is needed any more. */
    void delete(long file);
}
