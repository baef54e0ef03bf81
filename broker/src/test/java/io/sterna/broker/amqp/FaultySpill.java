package io.sterna.broker.amqp;

import io.sterna.store.InMemoryStore;
import io.sterna.store.MessageReader;
import io.sterna.store.Spill;
import io.sterna.store.SpillPlace;
import io.sterna.store.StoreException;
import io.sterna.store.StoredMessage;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** A spill in memory that fails at random, and may lose messages as damage does. */
final class FaultySpill implements Spill {
    private final Random random;
    private final InMemoryStore store;
    private final Map<Long, Map<SpillPlace, List<StoredMessage>>> files = new HashMap<>();
    private final Set<Integer> damaged = new HashSet<>();
    private long lastFile;

    /** Of so many one fails; 0 for none. */
    int failingWrites;

    int failingReads;
    int damagedMessages;
    int writes;
    private final ArrayDeque<Runnable> heldBack = new ArrayDeque<>();
    private boolean holdingBack;

    FaultySpill(long seed, InMemoryStore store) {
        random = new Random(seed);
        this.store = store;
    }

    /** The numbers of those that can't be read any more. */
    Set<Integer> damaged() {
        return damaged;
    }

    int files() {
        return files.size();
    }

    private boolean occurs(int ofSoMany) {
        return ofSoMany != 0 && random.nextInt(ofSoMany) == 0;
    }

    @Override
    public long newFile() {
        return ++lastFile;
    }

    /** From now on nothing is written, until {@link #release}. */
    void holdBack() {
        holdingBack = true;
    }

    /** Writes what was held back, and goes on. */
    void release() {
        holdingBack = false;
        heldBack.forEach(store::execute);
        heldBack.clear();
    }

    @Override
    public void write(SpillPlace place, List<StoredMessage> messages, WriteListener listener) {
        Runnable write = () -> {
            writes++;
            if (occurs(failingWrites)) {
                listener.onFailed(new StoreException("no room"));
            } else {
                files.computeIfAbsent(place.file(), any -> new HashMap<>()).put(place, intact(messages));
                listener.onWritten();
            }
        };
        if (holdingBack) {
            heldBack.add(write);
        } else {
            store.execute(write);
        }
    }

    private List<StoredMessage> intact(List<StoredMessage> messages) {
        return messages.stream()
                .filter(message -> {
                    boolean lost = occurs(damagedMessages);
                    if (lost) {
                        damaged.add(TestMessages.number(message.message()));
                    }
                    return !lost;
                })
                .toList();
    }

    @Override
    public void read(SpillPlace place, MessageReader reader) {
        store.execute(() -> {
            if (occurs(failingReads)) {
                reader.onFailed(new StoreException("bad sector"));
            } else {
                reader.onMessages(files.get(place.file()).get(place));
            }
        });
    }

    @Override
    public void delete(long file) {
        store.execute(() -> files.remove(file));
    }
}
