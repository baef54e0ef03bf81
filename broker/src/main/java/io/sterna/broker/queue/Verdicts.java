package io.sterna.broker.queue;

import io.sterna.broker.config.Redelivery;

/**
 * What becomes of messages by what their consumers say of them: AMQP 1.0 §3.4.2 to §3.4.5. Owned by the partition's
 * event loop.
 */
final class Verdicts {
    private final QueueEffects effects;
    private final AnnotationMerger annotationMerger;
    private final Backlog backlog;
    private final Roster roster;
    private final Lifecycle lifecycle;
    private long acceptedTotal;

    Verdicts(
            QueueEffects effects,
            AnnotationMerger annotationMerger,
            Backlog backlog,
            Roster roster,
            Lifecycle lifecycle) {
        this.effects = effects;
        this.annotationMerger = annotationMerger;
        this.backlog = backlog;
        this.roster = roster;
        this.lifecycle = lifecycle;
    }

    long acceptedTotal() {
        return acceptedTotal;
    }

    /** Settles an acquired message. */
    void apply(Consumer consumer, Entry entry, Outcome outcome) {
        if (outcome instanceof Outcome.Accepted) {
            acceptedTotal++;
            lifecycle.acknowledge(entry);
        } else if (outcome instanceof Outcome.Rejected rejected) {
            entry.countFailedDelivery();
            lifecycle.deadLetter(entry, DeadLetterReason.REJECTED, rejected.condition(), rejected.description());
        } else if (outcome instanceof Outcome.Modified modified) {
            modify(consumer, entry, modified);
        } else {
            assert outcome instanceof Outcome.Released;
            lifecycle.giveBack(entry);
        }
    }

    private void modify(Consumer consumer, Entry entry, Outcome.Modified modified) {
        if (modified.deliveryFailed()) {
            entry.countFailedDelivery();
        }
        boolean annotated = modified.annotations().length > 0;
        if (annotated) {
            entry.replaceAnnotations(annotationMerger.merge(entry.annotations(), modified.annotations()));
        }
        if (modified.undeliverableHere() && consumer.attached()) {
            backlog.exclude(entry, consumer);
        }
        Redelivery redelivery = lifecycle.rules().redelivery();
        if (modified.deliveryFailed() && redelivery.exhaustedBy(entry.deliveryCount())) {
            String description = entry.deliveryCount() + " deliveries have failed";
            lifecycle.deadLetter(entry, DeadLetterReason.MAX_DELIVERIES, "", description);
            return;
        }
        if (modified.undeliverableHere() && redelivery.declinedToDeadLetters() && roster.allExcludedBy(entry)) {
            lifecycle.deadLetter(entry, DeadLetterReason.UNDELIVERABLE, "", "no consumer can process it");
            return;
        }
        boolean delayed = maybeDelay(entry, modified);
        lifecycle.giveBack(entry);
        if (entry.durable()
                && entry.state() != EntryState.GONE
                && (modified.deliveryFailed() || annotated || delayed)) {
            effects.deliveryUpdated(entry);
        }
    }

    /** Whether the message is to wait: for the time that the consumer has named, else for as long as the rules say. */
    private boolean maybeDelay(Entry entry, Outcome.Modified modified) {
        long nowMillis = lifecycle.nowMillis();
        Redelivery redelivery = lifecycle.rules().redelivery();
        long delayMillis = modified.deliveryFailed() ? redelivery.delayMillis(entry.deliveryCount()) : 0;
        long atMillis = modified.deliverAtMillis() != 0 ? modified.deliverAtMillis() : nowMillis + delayMillis;
        if (atMillis <= nowMillis) {
            return false;
        }
        entry.replaceTraits(entry.traits().withDeliverAtMillis(atMillis));
        return true;
    }
}
