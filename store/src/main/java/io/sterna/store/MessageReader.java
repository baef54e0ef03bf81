package io.sterna.store;

import java.util.List;

/** Takes the answer of {@link Store#read}. Called on a thread of the store; must only hand over and return. */
public interface MessageReader {

    /**
     * The messages found, rising by sequence; fewer than asked for only where a limit or the end was reached. Those that are
     * damaged are passed over; the store has told of them in its log.
     */
    void onMessages(List<StoredMessage> messages);

    /** The messages could not be read, now at least; names the file and the range. */
    void onFailed(StoreException cause);
}
