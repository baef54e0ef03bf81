package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;

/** What the consumers of a queue have been given and have not settled. Owned by the partition's event loop. */
public final class Holdings {
    private final Queue queue;
    private final QueueEffects effects;
    private final Roster roster;
    private final Backlog backlog;
    private final Payloads payloads;
    private final Lifecycle lifecycle;

    Holdings(Queue queue, QueueEffects effects, QueueParts parts) {
        this.queue = queue;
        this.effects = effects;
        roster = parts.roster;
        backlog = parts.backlog;
        payloads = parts.payloads;
        lifecycle = parts.lifecycle;
    }

    /**
     * As {@link Queue#restore}, of a message that a consumer had and has not settled: it has it again. Returns false
     * when it has not, since the message is scheduled.
     */
    public boolean restore(
            Consumer consumer,
            long sequence,
            int sizeBytes,
            int deliveryCount,
            MessageTraits traits,
            byte[] annotations) {
        Entry entry = queue.recovered(sequence, sizeBytes, deliveryCount, traits, annotations);
        queue.append(entry);
        boolean acquired = entry.waiting();
        if (acquired) {
            backlog.acquire(entry, consumer);
            lifecycle.onAcquired(entry);
            consumer.unsettled().put(entry);
        }
        queue.dispatch();
        return acquired;
    }

    /** What a consumer has not settled, in the order of sequences. */
    public List<Entry> of(Consumer consumer) {
        assert queue.mayCommand();
        return consumer.unsettled().all();
    }

    /** The first of what a consumer has not settled whose payload is not in memory. */
    public OptionalLong firstAbsent(Consumer consumer) {
        assert queue.mayCommand();
        return consumer.unsettled().all().stream()
                .filter(entry -> !entry.resident())
                .mapToLong(Entry::sequence)
                .findFirst();
    }

    /**
     * Puts payloads to what a consumer has not settled. Those of a range that have none and are not among what was
     * loaded can't be had: they leave the queue, and {@link QueueEffects#missing} is told.
     *
     * @param from the first sequence of the range
     * @param to the last one
     * @param messages those that could be loaded; others are passed over
     * @return those that have left
     */
    public List<Long> supply(Consumer consumer, long from, long to, List<LoadedMessage> messages) {
        assert queue.mayCommand();
        Map<Long, QueueMessage> loaded = new HashMap<>();
        messages.forEach(each -> loaded.put(each.sequence(), each.message()));
        List<Long> left = new ArrayList<>(0);
        for (Entry entry : consumer.unsettled().all()) {
            if (entry.resident() || entry.sequence() < from || entry.sequence() > to) {
                continue;
            }
            QueueMessage message = loaded.get(entry.sequence());
            if (message != null) {
                payloads.supply(entry, message);
            } else {
                consumer.unsettled().remove(entry.sequence());
                lifecycle.forget(entry);
                effects.missing(entry);
                left.add(entry.sequence());
            }
        }
        queue.dispatch();
        return left;
    }

    /**
     * Gives the consumer of an acquired message the whole lock duration again, from now on.
     *
     * @return until when, since 1970-01-01T00:00Z; empty when there is no such message, or no lock
     */
    public OptionalLong renewLock(long sequence) {
        assert queue.mayCommand();
        Consumer holder = roster.holderOf(sequence);
        Entry entry = holder == null ? null : holder.unsettled().find(sequence);
        if (entry == null) {
            return OptionalLong.empty();
        }
        long untilMillis = lifecycle.renewLock(entry);
        return untilMillis == Agenda.NEVER ? OptionalLong.empty() : OptionalLong.of(untilMillis);
    }

    /** Whether a consumer still has all of these deliveries: none was settled, or taken back when its lock was over. */
    public boolean holds(Consumer consumer, List<Acquisition> acquisitions) {
        return of(consumer, acquisitions).size() == acquisitions.size();
    }

    /** Which of these deliveries a consumer still has. */
    public List<Acquisition> of(Consumer consumer, List<Acquisition> acquisitions) {
        assert queue.mayCommand();
        return acquisitions.stream()
                .filter(each -> consumer.unsettled().find(each) != null)
                .toList();
    }

    /** The payloads of those deliveries that a consumer still has, bytes. */
    public long bytes(Consumer consumer, List<Acquisition> acquisitions) {
        assert queue.mayCommand();
        return acquisitions.stream()
                .map(each -> consumer.unsettled().find(each))
                .filter(Objects::nonNull)
                .mapToLong(Entry::sizeBytes)
                .sum();
    }

    /**
     * Sees to it that deliveries are not taken back, and stay when the consumer leaves; or may be taken back again, a whole
     * lock duration from now on.
     */
    public void keep(Consumer consumer, List<Acquisition> acquisitions, boolean kept) {
        assert queue.mayCommand();
        for (Acquisition acquisition : acquisitions) {
            Entry entry = consumer.unsettled().find(acquisition);
            if (entry != null) {
                lifecycle.keep(entry, kept);
                consumer.prepare(entry, kept);
            }
        }
        lifecycle.askToBeWoken();
    }
}
