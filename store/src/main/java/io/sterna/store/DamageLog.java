package io.sterna.store;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and logs what was found unreadable. Any thread. */
final class DamageLog {
    private static final Logger log = LoggerFactory.getLogger(DamageLog.class);

    private final List<StoreException> damages = new CopyOnWriteArrayList<>();

    void add(StoreException damage) {
        damages.add(damage);
        log.error("{}", damage.getMessage(), damage.getCause());
    }

    List<StoreException> all() {
        return damages;
    }
}
