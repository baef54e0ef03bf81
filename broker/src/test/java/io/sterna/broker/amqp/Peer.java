package io.sterna.broker.amqp;

import io.sterna.amqp.Connection;
import io.sterna.amqp.ConnectionSettings;
import io.sterna.amqp.LoopResources;
import io.sterna.broker.forward.PeerConnector;
import io.sterna.broker.partition.Loop;
import io.sterna.broker.testing.Frames;
import io.sterna.broker.testing.Frames.Frame;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;

/** A client that says frames and keeps what it hears. What it says arrives with a later turn of the broker's loop. */
final class Peer {
    private static final UnsignedInteger WINDOW = UnsignedInteger.valueOf(Integer.MAX_VALUE);

    private final SimulatedLoop turns;
    private final Connection server;
    private final Frames codec = new Frames();
    private final List<Frame> heard = new ArrayList<>();
    private final ArrayDeque<byte[]> unread = new ArrayDeque<>();
    private ByteBuffer input = ByteBuffer.allocate(0);
    private boolean headerHeard;
    private boolean cut;
    private Consumer<Frame> listener = frame -> {};

    Peer(Simulation simulation, Loop loop, SimulatedLoop turns, LoopResources resources) {
        this.turns = turns;
        BrokerServices services = simulation.services();
        server = Connection.server(
                new ConnectionSettings("sterna", 65536, 100, 100, 2048, 0, 10_000, 2_000),
                services.config().auth().authenticator(turns::execute, new SecureRandom()),
                resources,
                new ClientConnection(services, loop, new LinkedHashSet<>(), PeerConnector.NONE, List::of),
                () -> turns.execute(() -> {}),
                0);
        say(Frames.HEADER);
    }

    /** Hears each frame when it comes. */
    void listen(Consumer<Frame> newListener) {
        listener = newListener;
    }

    private void say(byte[] bytes) {
        turns.execute(() -> {
            unread.add(bytes);
            read();
        });
    }

    /** As the socket does: what the broker does not want yet waits. */
    private void read() {
        while (!cut && !unread.isEmpty() && server.wantsInput()) {
            byte[] bytes = unread.remove();
            server.receive(bytes, 0, bytes.length, 0);
        }
    }

    /** Whether the broker lets it wait in its socket. */
    boolean held() {
        return !server.wantsInput();
    }

    void say(Object performative) {
        say(performative, new byte[0]);
    }

    void say(Object performative, byte[] payload) {
        say(codec.encode(performative, payload));
    }

    /** On another channel than the first. */
    void sayOn(int channel, Object performative) {
        sayOn(channel, performative, new byte[0]);
    }

    void sayOn(int channel, Object performative, byte[] payload) {
        say(codec.encode(channel, performative, payload));
    }

    /** The network fails; the broker notices with a later turn. */
    void cut() {
        turns.execute(() -> {
            cut = true;
            server.onSocketClosed();
        });
    }

    /** Takes what the broker has to say. */
    void pump() {
        while (!cut && server.hasOutput()) {
            server.pull(64 * 1024);
            int count = server.outputBytes();
            if (count == 0) {
                break;
            }
            byte[] bytes = Arrays.copyOf(server.outputArray(), count);
            server.outputTaken();
            onBytes(bytes);
        }
        if (!cut && !unread.isEmpty() && server.wantsInput()) {
            turns.execute(this::read);
        }
    }

    private void onBytes(byte[] bytes) {
        ByteBuffer all = ByteBuffer.allocate(input.remaining() + bytes.length);
        input = all.put(input).put(bytes).flip();
        if (!headerHeard && input.remaining() >= Frames.HEADER.length) {
            headerHeard = true;
            input.position(Frames.HEADER.length);
        }
        for (Frame frame = codec.decode(input); frame != null; frame = codec.decode(input)) {
            heard.add(frame);
            listener.accept(frame);
        }
    }

    // ---- What is said

    void open(String containerId, String... desired) {
        Open open = new Open();
        open.setContainerId(containerId);
        open.setDesiredCapabilities(Arrays.stream(desired).map(Symbol::valueOf).toArray(Symbol[]::new));
        say(open);
    }

    void begin() {
        begin(0);
    }

    void begin(int channel) {
        Begin begin = new Begin();
        begin.setNextOutgoingId(UnsignedInteger.ZERO);
        begin.setIncomingWindow(WINDOW);
        begin.setOutgoingWindow(WINDOW);
        sayOn(channel, begin);
    }

    static Source source(String address) {
        Source source = new Source();
        source.setAddress(address);
        return source;
    }

    /** The attach of a link on which this peer receives, to be changed and said. */
    static Attach receiver(String name, int handle, Source source) {
        Attach attach = new Attach();
        attach.setName(name);
        attach.setHandle(UnsignedInteger.valueOf(handle));
        attach.setRole(Role.RECEIVER);
        attach.setSource(source);
        attach.setTarget(new Target());
        return attach;
    }

    /** The attach of a link on which this peer sends, to be changed and said. */
    static Attach sender(String name, int handle, String address) {
        Target target = new Target();
        target.setAddress(address.isEmpty() ? null : address);
        Attach attach = new Attach();
        attach.setName(name);
        attach.setHandle(UnsignedInteger.valueOf(handle));
        attach.setRole(Role.SENDER);
        attach.setSource(new Source());
        attach.setTarget(target);
        attach.setInitialDeliveryCount(UnsignedInteger.ZERO);
        return attach;
    }

    void receive(String address, int handle) {
        say(receiver("receiver-" + handle, handle, source(address)));
    }

    void send(String address, int handle) {
        say(sender("sender-" + handle, handle, address));
    }

    /** Credit for a link on which this peer receives, after so many deliveries. */
    void flow(int handle, int deliveryCount, int credit, boolean drain) {
        Flow flow = new Flow();
        flow.setNextIncomingId(UnsignedInteger.ZERO);
        flow.setIncomingWindow(WINDOW);
        flow.setNextOutgoingId(UnsignedInteger.ZERO);
        flow.setOutgoingWindow(WINDOW);
        flow.setHandle(UnsignedInteger.valueOf(handle));
        flow.setDeliveryCount(UnsignedInteger.valueOf(deliveryCount));
        flow.setLinkCredit(UnsignedInteger.valueOf(credit));
        flow.setDrain(drain);
        say(flow);
    }

    static Transfer transfer(int handle, int deliveryId, boolean settled) {
        Transfer transfer = new Transfer();
        transfer.setHandle(UnsignedInteger.valueOf(handle));
        transfer.setDeliveryId(UnsignedInteger.valueOf(deliveryId));
        transfer.setDeliveryTag(
                new Binary(ByteBuffer.allocate(Integer.BYTES).putInt(deliveryId).array()));
        transfer.setMessageFormat(UnsignedInteger.ZERO);
        transfer.setSettled(settled);
        return transfer;
    }

    void transfer(int handle, int deliveryId, byte[] message) {
        say(transfer(handle, deliveryId, false), message);
    }

    /** A transfer that begins a delivery, or goes on with it, and is not its last. */
    void part(int handle, int deliveryId, byte[] bytes) {
        Transfer transfer = transfer(handle, deliveryId, false);
        transfer.setMore(true);
        say(transfer, bytes);
    }

    void dispose(int first, int last, boolean settled, DeliveryState state) {
        Disposition disposition = new Disposition();
        disposition.setRole(Role.RECEIVER);
        disposition.setFirst(UnsignedInteger.valueOf(first));
        disposition.setLast(UnsignedInteger.valueOf(last));
        disposition.setSettled(settled);
        disposition.setState(state);
        say(disposition);
    }

    void detach(int handle, boolean closed) {
        Detach detach = new Detach();
        detach.setHandle(UnsignedInteger.valueOf(handle));
        detach.setClosed(closed);
        say(detach);
    }

    void close() {
        say(new Close());
    }

    // ---- What was heard

    <T> List<T> heard(Class<T> performative) {
        return heard.stream()
                .map(Frame::performative)
                .filter(performative::isInstance)
                .map(performative::cast)
                .toList();
    }

    <T> T last(Class<T> performative) {
        List<T> all = heard(performative);
        if (all.isEmpty()) {
            throw new AssertionError("no " + performative.getSimpleName() + " was heard, only " + heard);
        }
        return all.get(all.size() - 1);
    }

    /** The credit that it was told last for a link on which it sends; 0 when it was told of none. */
    int credit(int handle) {
        return heard(Flow.class).stream()
                .filter(flow -> flow.getHandle() != null && flow.getHandle().intValue() == handle)
                .reduce((before, last) -> last)
                .map(flow -> flow.getLinkCredit().intValue())
                .orElse(0);
    }

    /** How many deliveries it may send in all on a link (AMQP 1.0 §2.6.7); 0 when it was told of no credit. */
    long limit(int handle) {
        return heard(Flow.class).stream()
                .filter(flow -> flow.getHandle() != null && flow.getHandle().intValue() == handle)
                .reduce((before, last) -> last)
                .map(flow -> flow.getDeliveryCount().longValue()
                        + flow.getLinkCredit().longValue())
                .orElse(0L);
    }

    /** The messages that came, in their order; each came in one frame. */
    List<byte[]> messages() {
        return heard.stream()
                .filter(frame -> frame.performative() instanceof Transfer)
                .map(Frame::payload)
                .toList();
    }

    List<Integer> numbers() {
        return messages().stream().map(TestMessages::number).toList();
    }

    /** The ids of deliveries that the broker has accepted and settled. */
    List<Integer> accepted() {
        List<Integer> ids = new ArrayList<>();
        for (Disposition disposition : heard(Disposition.class)) {
            if (disposition.getState() instanceof org.apache.qpid.proton.amqp.messaging.Accepted
                    && disposition.getSettled()) {
                int last = disposition.getLast() == null
                        ? disposition.getFirst().intValue()
                        : disposition.getLast().intValue();
                for (int id = disposition.getFirst().intValue(); id <= last; id++) {
                    ids.add(id);
                }
            }
        }
        return ids;
    }
}
