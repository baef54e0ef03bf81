package io.sterna.broker.forward;

/** Where an address is served. */
public sealed interface Route {

    /** This node owns it. */
    record Here() implements Route {
        /** The only value there is. */
        public static final Here INSTANCE = new Here();
    }

    /** Another node owns it. */
    record At(PeerAddress owner) implements Route {}

    /**
     * Nobody owns it at the moment, or nobody is known to; that will change.
     *
     * @param why for clients and operators
     */
    record Nowhere(String why) implements Route {}
}
