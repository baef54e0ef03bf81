package io.sterna.broker.forward;

import java.util.List;

/** Which node owns an address. Any thread; answers at once. */
public interface Routing {
    /** Of a node that is alone. */
    Routing ALONE = new Routing() {
        @Override
        public Route of(String address) {
            return Route.Here.INSTANCE;
        }

        @Override
        public List<PeerAddress> owners() {
            return List.of();
        }

        @Override
        public boolean isFixed() {
            return true;
        }

        @Override
        public void onChange(Runnable listener) {
            // Nothing ever does.
        }
    };

    /** Where an address is served now. */
    Route of(String address);

    /** The other nodes that own something. */
    List<PeerAddress> owners();

    /** Whether an address never moves. */
    default boolean isFixed() {
        return false;
    }

    /**
     * Has somebody told, on any thread, each time after addresses have moved. Called once by a broker that starts.
     *
     * @param listener looks up itself what has changed; returns at once
     */
    void onChange(Runnable listener);
}
