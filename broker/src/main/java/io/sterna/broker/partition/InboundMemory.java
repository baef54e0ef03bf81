package io.sterna.broker.partition;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What clients have sent and what is in no queue yet: parts of deliveries that have not come as a whole, and whole ones
 * that have no outcome yet. A part of the loop's memory. Owned by the loop of the clients' connections.
 *
 * <p>Whole deliveries wait for the store, and go by themselves: when they take too much, producers get no more credit,
 * and then those that go on have to wait in their sockets. Parts stay for as long as their sender likes: when they take
 * too much, some are given up, with their links. The largest one may be of any size, so that the largest message that
 * is allowed can come: {@code parts - the largest ≤ mostPartBytes}.
 */
public final class InboundMemory implements Brake {

    /** A connection. Called on its loop. */
    public interface Client {

        /** Reads nothing from the client's socket any more, or goes on with it. */
        void holdInput(boolean hold);
    }

    /** A link on which a delivery has not come as a whole; all that stand for the same link are equal. */
    public interface Part {

        /** Whose link it is. */
        Client client();

        /**
         * Gives the link up. On the loop.
         *
         * @param mostBytes what all parts but the largest may take, for the reason that is given
         */
        void giveUp(long mostBytes);
    }

    private final Loop loop;
    private final LoopMemory memory;
    private final long mostPartBytes;

    /** So much of whole deliveries is enough to keep the store busy; it takes twice as much to stop reading. */
    private final long crowdedBytes;

    private final InboundParts parts = new InboundParts();
    private final Set<Client> clientsHeld = new LinkedHashSet<>(0);
    private final Map<Producer, Client> halted = new LinkedHashMap<>(0);
    private long wholeBytes;
    private boolean crowded;

    /** Open transactions may take half of the memory: what is left by both lets queues go on. */
    InboundMemory(Loop loop, LoopMemory memory, long limitBytes) {
        this.loop = loop;
        this.memory = memory;
        mostPartBytes = limitBytes / 8 * 3;
        crowdedBytes = limitBytes / 4;
    }

    /** A part takes so many bytes now; 0 when it has come to an end. */
    public void onPart(Part part, long bytes) {
        long counted = countedPartBytes();
        long before = parts.bytesOf(part.client());
        long moreBytes = parts.set(part, bytes);
        loop.figures().addInboundBytes(moreBytes);
        memory.onInbound(countedPartBytes() - counted);
        if (moreBytes > 0) {
            giveUpExcess();
        } else if (sendsMuch(before) && !sendsMuch(before + moreBytes)) {
            goOn();
        }
    }

    /** What the largest part takes beyond the bound is not held against others. */
    private long countedPartBytes() {
        return Math.min(parts.bytes(), mostPartBytes);
    }

    private void giveUpExcess() {
        while (parts.bytes() > mostPartBytes && parts.bytesBesidesLargest() > mostPartBytes) {
            Part next = parts.next();
            onPart(next, 0);
            next.giveUp(mostPartBytes);
        }
    }

    /** A whole delivery of a client is on its way to where it belongs; {@link #onDone} follows. */
    public void onWhole(Client client, long bytes) {
        addWhole(bytes);
        crowded |= wholeBytes > crowdedBytes;
        if (wholeBytes > 2 * crowdedBytes && clientsHeld.add(client)) {
            client.holdInput(true);
        }
    }

    /** A whole delivery has its outcome. */
    public void onDone(long bytes) {
        addWhole(-bytes);
        if (crowded && wholeBytes <= crowdedBytes / 2) {
            crowded = false;
            List<Client> held = List.copyOf(clientsHeld);
            clientsHeld.clear();
            held.forEach(client -> client.holdInput(false));
            goOn();
        }
    }

    private void addWhole(long bytes) {
        wholeBytes += bytes;
        assert wholeBytes >= 0;
        loop.figures().addInboundBytes(bytes);
        memory.onInbound(bytes);
    }

    /** A client is gone, and has no parts any more. */
    public void forget(Client client) {
        clientsHeld.remove(client);
    }

    /** Halts a producer of a client until there is room, if it is to wait. */
    public void maybeHalt(Client client, Producer producer) {
        if (hasToWait(client) && halted.put(producer, client) == null) {
            producer.onTight(this);
        }
    }

    private boolean hasToWait(Client client) {
        return crowded || sendsMuch(parts.bytesOf(client));
    }

    /** Whoever has so much in parts gets no credit to begin more of them; others are not concerned. */
    private boolean sendsMuch(long clientsPartBytes) {
        return clientsPartBytes > mostPartBytes / 2;
    }

    private void goOn() {
        List<Producer> free = halted.entrySet().stream()
                .filter(entry -> !hasToWait(entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        free.forEach(halted::remove);
        free.forEach(producer -> producer.onRoom(this));
    }

    @Override
    public void release(Producer producer) {
        loop.run(() -> halted.remove(producer));
    }
}
