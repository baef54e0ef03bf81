package io.sterna.broker.forward;

import java.util.List;

/** Which node owns an address. Any thread; answers at once. */
public interface Routing {
    /** Of a node that is alone. */
    Routing ALONE = new Routing() {
        @Override
        public String self() {
            return "";
        }

        @Override
        public Route of(String address) {
            return Route.Here.INSTANCE;
        }

        @Override
        public List<PeerAddress> owners() {
            return List.of();
        }

        @Override
        public List<PeerAddress> servers() {
            return List.of();
        }

        @Override
        public boolean isFixed() {
            return true;
        }

        @Override
        public void listen(Listener listener) {
            // Nothing ever does.
        }
    };

    /** This node, as the others know it. */
    String self();

    /** Where an address is served now. */
    Route of(String address);

    /** The other nodes that own something. */
    List<PeerAddress> owners();

    /** The other nodes that a client may go to which loses this one; none when not all of them are known. */
    List<PeerAddress> servers();

    /** Whether an address never moves. */
    default boolean isFixed() {
        return false;
    }

    /** Has somebody told of changes. Called once by a broker that starts. */
    void listen(Listener listener);

    /** Hears of changes. Called on any thread; returns at once. */
    interface Listener {
        /** Addresses have moved; where to is to be looked up. */
        void onMoved();

        /** Another node is not reached any more. */
        void onNodeGone(String node);
    }
}
