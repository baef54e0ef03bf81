package io.sterna.broker.amqp;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The container ids that are promised to one connection alone ({@code sole-connection-for-container}). Any thread. */
public final class ContainerIds {
    private final Set<String> taken = ConcurrentHashMap.newKeySet();

    /** Takes an id for one connection; false when another one has it. */
    boolean take(String containerId) {
        return taken.add(containerId);
    }

    void release(String containerId) {
        taken.remove(containerId);
    }
}
