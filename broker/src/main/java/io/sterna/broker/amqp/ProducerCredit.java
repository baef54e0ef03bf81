package io.sterna.broker.amqp;

import io.sterna.amqp.ReceiverLink;
import io.sterna.broker.partition.Brake;
import io.sterna.broker.partition.Producer;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.IntSupplier;

/**
 * The credit of a producer's link: as much as its window allows, and none while a brake is on. Owned by the connection's
 * loop.
 */
final class ProducerCredit {
    private final ReceiverLink link;
    private final IntSupplier mostUnderWay;
    private final ProducerWindow window = new ProducerWindow();
    private final Set<Brake> tight = new LinkedHashSet<>(2);
    private boolean ended;

    /** @param mostUnderWay how many deliveries may be under way at most, since they all may have to find room */
    ProducerCredit(ReceiverLink link, IntSupplier mostUnderWay) {
        this.link = link;
        this.mostUnderWay = mostUnderWay;
    }

    /** A message of this size has come. */
    void onMessage(long sizeBytes) {
        if (window.onMessage(sizeBytes)) {
            maybeOpen();
        }
    }

    /** Sets the window anew, as large as may be now; a link that has just come gets its first credit. */
    void maybeOpen() {
        if (tight.isEmpty()) {
            link.window(Math.min(window.deliveries(), mostUnderWay.getAsInt()));
        }
    }

    /** Credit for one message, which a brake that is on, or comes, does not take back. */
    void openForOne() {
        link.window(1);
    }

    void onTight(Brake brake, Producer producer) {
        if (ended) {
            brake.release(producer);
            return;
        }
        tight.add(brake);
        link.window(0);
    }

    void onRoom(Brake brake) {
        if (tight.remove(brake)) {
            maybeOpen();
        }
    }

    /** The link is gone: the brakes need not tell this producer any more. */
    void end(Producer producer) {
        ended = true;
        tight.forEach(brake -> brake.release(producer));
        tight.clear();
    }
}
