package io.sterna.broker.partition;

import io.sterna.broker.queue.DeadLetterReason;
import io.sterna.broker.queue.Entry;
import io.sterna.broker.queue.LoadLimits;
import io.sterna.broker.queue.QueueEffects;
import io.sterna.store.LogOperation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what a queue asks for. Owned by the partition's loop. */
final class QueueShell implements QueueEffects {
    private static final Logger log = LoggerFactory.getLogger(QueueShell.class);

    private final QueueNode node;
    private final PayloadLoader loader;
    private final Departures departures;
    private final Alarms.Alarm alarm;

    QueueShell(QueueNode node) {
        this.node = node;
        loader = new PayloadLoader(node);
        departures = new Departures(node, node.partition());
        alarm = node.loop().alarms().alarm(() -> node.command(node.queue()::onTime));
    }

    /** Appends what has left the queue so far; false when the partition does not serve. */
    boolean flushDepartures() {
        return node.partition().guard(departures::flush);
    }

    /** The queue asks for nothing more. */
    void end() {
        alarm.set(Long.MAX_VALUE);
    }

    @Override
    public void acknowledged(long sequence) {
        departures.acknowledged(sequence);
    }

    @Override
    public void spillUnneeded(long sequence) {
        node.spill().release(sequence);
    }

    @Override
    public void deadLetter(Entry entry, DeadLetterReason reason, String condition, String description) {
        departures.deadLetter(entry, reason, condition, description);
    }

    @Override
    public boolean takesDeadLetters() {
        return departures.takesDeadLetters();
    }

    @Override
    public void wakeAt(long atMillis) {
        alarm.set(atMillis);
    }

    @Override
    public void deliveryUpdated(Entry entry) {
        node.partition()
                .append(new LogOperation.DeliveryUpdated(
                        node.id(),
                        entry.sequence(),
                        entry.deliveryCount(),
                        TraitsCodec.encode(entry.traits()),
                        entry.annotations()));
    }

    @Override
    public void load(long fromSequence, LoadLimits limits) {
        loader.load(fromSequence, limits);
    }

    @Override
    public void continueLater() {
        node.loop().post(() -> node.command(node.queue()::goOn));
    }

    @Override
    public void missing(Entry entry) {
        log.error(
                "queue {}: message {} can't be had from the disk and is passed over", node.address(), entry.sequence());
        if (entry.spilled()) {
            node.spill().release(entry.sequence());
        }
    }
}
