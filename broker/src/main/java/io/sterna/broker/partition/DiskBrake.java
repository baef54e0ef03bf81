package io.sterna.broker.partition;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Holds all producers of a loop's clients back while the disk has too little room: of a message that is to come nobody
 * knows whether it will be durable. Owned by the loop of the clients' connections.
 */
public final class DiskBrake implements Brake {
    private final Loop loop;
    private final Set<Producer> producers = new LinkedHashSet<>(0);
    private boolean on;

    DiskBrake(Loop loop) {
        this.loop = loop;
    }

    /** A producer has come, before it gets credit; {@link #release} follows. */
    public void admit(Producer producer) {
        if (producers.add(producer) && on) {
            producer.onTight(this);
        }
    }

    /** Whether the disk has too little room. */
    boolean on() {
        return on;
    }

    void set(boolean tight) {
        if (tight == on) {
            return;
        }
        on = tight;
        if (!tight) {
            loop.memory().onSpillMayGoOn();
        }
        for (Producer producer : List.copyOf(producers)) {
            if (tight) {
                producer.onTight(this);
            } else {
                producer.onRoom(this);
            }
        }
    }

    @Override
    public void release(Producer producer) {
        loop.run(() -> producers.remove(producer));
    }
}
