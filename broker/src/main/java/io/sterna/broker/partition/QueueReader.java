package io.sterna.broker.partition;

import io.sterna.broker.queue.LoadLimits;
import io.sterna.store.MessageReader;
import io.sterna.store.StoreException;
import io.sterna.store.StoredMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Reads messages of a queue back, from the store and from where they were spilled. Owned by the partition's loop. */
final class QueueReader {
    private final QueueNode node;

    /** Takes the answer, on the loop. */
    interface Answer {
        /**
         * As {@link MessageReader#onMessages}: of what the store has, or was spilled when it was asked, nothing is left
         * out up to the last one.
         */
        void onMessages(List<StoredMessage> messages);

        void onFailed(StoreException cause);
    }

    QueueReader(QueueNode node) {
        this.node = node;
    }

    void read(long from, LoadLimits limits, Answer answer) {
        new Reading(from, limits, answer).start();
    }

    private final class Reading {
        private final long from;
        private final LoadLimits limits;
        private final Answer answer;
        private final QueueSpill.Plan plan;
        private final NavigableMap<Long, StoredMessage> found = new TreeMap<>();
        private List<StoredMessage> stored = List.of();
        private Optional<StoreException> failure = Optional.empty();
        private int awaited;

        Reading(long from, LoadLimits limits, Answer answer) {
            this.from = from;
            this.limits = limits;
            this.answer = answer;
            plan = node.spill().plan(from, limits);
        }

        void start() {
            awaited = 1 + plan.chunks().size();
            node.loop().store().store().read(node.id(), from, limits.maxMessages(), limits.maxBytes(), reader(true));
            plan.chunks().forEach(chunk -> node.loop().store().store().spill().read(chunk.place(), reader(false)));
        }

        private MessageReader reader(boolean ofStore) {
            return new MessageReader() {
                @Override
                public void onMessages(List<StoredMessage> messages) {
                    node.loop().post(() -> {
                        if (ofStore) {
                            stored = messages;
                        } else {
                            messages.forEach(message -> found.put(message.sequence(), message));
                        }
                        onAnswered();
                    });
                }

                @Override
                public void onFailed(StoreException cause) {
                    node.loop().post(() -> {
                        failure = Optional.of(cause);
                        onAnswered();
                    });
                }
            };
        }

        private void onAnswered() {
            if (--awaited > 0) {
                return;
            }
            if (failure.isPresent()) {
                answer.onFailed(failure.get());
                return;
            }
            NavigableMap<Long, StoredMessage> all = merged();
            long last = all.isEmpty() ? from : all.lastKey();
            // What was let go meanwhile is in none of the answers.
            Optional<Long> later = node.spill().firstAfter(plan, from, last);
            if (later.isEmpty()) {
                answer.onMessages(upToLimits(all));
            } else if (later.get() > from) {
                answer.onMessages(upToLimits(all.headMap(later.get(), false)));
            } else if (all.containsKey(from)) {
                answer.onMessages(List.of(all.get(from)));
            } else {
                read(from, limits, answer);
            }
        }

        /** As far as both answers go. */
        private NavigableMap<Long, StoredMessage> merged() {
            long end = plan.end();
            if (!stored.isEmpty() && !plan.chunks().isEmpty()) {
                // Where the store has stopped, there may be more behind.
                end = Math.min(end, stored.get(stored.size() - 1).sequence() + 1);
            }
            stored.forEach(message -> found.put(message.sequence(), message));
            return found.subMap(from, true, Math.max(from + 1, end), false);
        }

        private List<StoredMessage> upToLimits(NavigableMap<Long, StoredMessage> messages) {
            List<StoredMessage> taken = new ArrayList<>(Math.min(messages.size(), limits.maxMessages()));
            long bytes = 0;
            for (StoredMessage message : messages.values()) {
                if (taken.size() == limits.maxMessages() || bytes >= limits.maxBytes()) {
                    break;
                }
                taken.add(message);
                bytes += message.message().length;
            }
            return taken;
        }
    }
}
