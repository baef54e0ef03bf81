package io.sterna.cluster.net;

import io.sterna.cluster.net.Refusal.Code;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetClient;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which links there are and which there may be. Between two nodes there is one at most; the node with the lower id has made
 * it. Who calls and has the higher id is called back. Owned by the network's event loop, but for what says so.
 */
final class Links implements Link.Owner {
    private static final Logger log = LoggerFactory.getLogger(Links.class);

    /** So many may have connected without having shown who they are. */
    private static final int MAX_STRANGERS = 64;

    private final Context context;
    private final PeerSettings settings;
    private final PeerListener listener;
    private final LongSupplier clockMillis;
    private final SecureRandom random = new SecureRandom();
    private final ProblemLog problems = new ProblemLog();
    private final Dialer.Shared dialing;
    private final Map<PeerAddress, Dialer> dialers = new LinkedHashMap<>();
    private final Set<Link> links = new LinkedHashSet<>();
    private PeerIdentity self;
    private long tickedMillis;
    private boolean stopped;

    // The event loop writes, any thread reads.
    private final Map<String, Link> up = new ConcurrentHashMap<>();

    // Any thread
    private final Map<String, PeerCounters> counters = new ConcurrentHashMap<>();

    /** @param self what this node says of itself until it knows its address */
    Links(
            Vertx vertx,
            NetClient client,
            PeerSettings settings,
            PeerIdentity self,
            PeerListener listener,
            LongSupplier clockMillis) {
        context = vertx.getOrCreateContext();
        this.settings = settings;
        this.self = self;
        this.listener = listener;
        this.clockMillis = clockMillis;
        dialing = new Dialer.Shared(
                vertx,
                client,
                random,
                problems,
                (dialer, socket) -> open(socket, Optional.of(dialer)),
                up::containsKey);
    }

    /** Calls the other nodes, and tells them this address. */
    void start(PeerAddress address) {
        self = new PeerIdentity(
                self.node(), self.disk(), self.boot(), address, self.clientPort(), self.witness(), self.founders());
        tickedMillis = nowMillis();
        settings.members().forEach(member -> dialer(member).call());
    }

    /** Ends all links, and those that are yet to come. */
    void stop() {
        stopped = true;
        dialers.values().forEach(Dialer::end);
        List.copyOf(links).forEach(link -> link.abort("this node stops"));
    }

    /** Somebody has connected. */
    void onCalled(NetSocketInternal socket) {
        long strangers = links.stream().filter(link -> !link.isUp()).count();
        if (strangers >= MAX_STRANGERS) {
            socket.close();
        } else {
            open(socket, Optional.empty());
        }
    }

    private void open(NetSocketInternal socket, Optional<Dialer> dialer) {
        byte[] nonce = new byte[Hello.NONCE_BYTES];
        random.nextBytes(nonce);
        Link link =
                new Link(this, context, socket, dialer, Hello.of(settings.cluster(), self, nonce), settings.secret());
        links.add(link);
        link.start();
        if (stopped) {
            link.abort("this node stops");
        }
    }

    /** Has nothing to do with a node any more, until it calls. */
    void forget(String other) {
        endDialers(dialer -> dialer.node().equals(Optional.of(other)));
        Optional.ofNullable(up.get(other)).ifPresent(link -> link.abort("it is not a member any more"));
        counters.remove(other);
    }

    private void endDialers(Predicate<Dialer> which) {
        dialers.values().removeIf(dialer -> {
            boolean ended = which.test(dialer);
            if (ended) {
                dialer.end();
            }
            return ended;
        });
    }

    private Dialer dialer(PeerAddress to) {
        return dialers.computeIfAbsent(to, missing -> new Dialer(dialing, missing));
    }

    // ---- Any thread

    /** The nodes that there is a connection to. Any thread. */
    Set<String> connected() {
        return up.keySet();
    }

    /** Sends to a node if there is a connection to it. Any thread. */
    void send(String to, Outgoing entry) {
        Link link = up.get(to);
        if (link == null || !link.offer(entry)) {
            counters(to).droppedMessages.increment();
        }
    }

    /** See {@link PeerNetwork#figures}. Any thread. */
    List<PeerFigures> figures() {
        List<PeerFigures> figures = new ArrayList<>();
        counters.forEach((other, counts) -> {
            Optional<Link> link = Optional.ofNullable(up.get(other));
            figures.add(counts.figures(
                    other, link.isPresent(), link.map(Link::queuedBytes).orElse(0L)));
        });
        return figures;
    }

    private PeerCounters counters(String other) {
        return counters.computeIfAbsent(other, name -> new PeerCounters());
    }

    // ---- What links ask and tell

    @Override
    public long nowMillis() {
        return clockMillis.getAsLong();
    }

    @Override
    public PeerLimits limits() {
        return settings.limits();
    }

    @Override
    public PeerListener listener() {
        return listener;
    }

    @Override
    public Optional<Refusal> onHello(Link link, PeerIdentity other) {
        link.dialer().ifPresent(dialer -> dialer.onNode(other.node()));
        boolean known = links.stream()
                .filter(another ->
                        another != link && (another.isUp() || another.dialer().isPresent()))
                .flatMap(another -> another.other().stream())
                .anyMatch(another -> another.boot().equals(other.boot()));
        return known ? refusal(Code.ALREADY, "there is a connection already") : Optional.empty();
    }

    @Override
    public Optional<Refusal> judge(Link link, PeerIdentity other) {
        Optional<Refusal> objection =
                listener.objection(other).map(reason -> new Refusal(Code.NOT_ADMITTED, Refusal.printable(reason)));
        if (objection.isPresent()) {
            return objection;
        }
        Optional<Link> present = Optional.ofNullable(up.get(other.node()));
        Optional<PeerIdentity> before = present.flatMap(Link::other);
        if (before.filter(same -> !same.boot().equals(other.boot())).isPresent()) {
            return refusal(
                    Code.SAME_ID,
                    "another process with the id '" + other.node() + "' is connected to " + self.node() + ", from "
                            + before.get().address());
        } else if (link.dialer().isPresent()) {
            return Optional.empty();
        } else if (other.node().compareTo(self.node()) > 0) {
            return callBack(other, present.isPresent());
        }
        present.ifPresent(former -> former.abort("it has connected anew"));
        return Optional.empty();
    }

    private Optional<Refusal> callBack(PeerIdentity other, boolean connected) {
        if (connected) {
            return refusal(Code.ALREADY, "there is a connection already");
        }
        Dialer dialer = dialer(other.address());
        dialer.onNode(other.node());
        dialer.call();
        return refusal(Code.CALLED_BACK, self.node() + " calls back, at " + other.address());
    }

    private static Optional<Refusal> refusal(Code code, String text) {
        return Optional.of(new Refusal(code, text));
    }

    @Override
    public PeerCounters onUp(Link link, PeerIdentity other) {
        PeerCounters counts = counters(other.node());
        counts.connections.increment();
        problems.solved(nameOf(link));
        forgetOldAddresses(other);
        Dialer own = dialer(other.address());
        own.onNode(other.node());
        own.onUp();
        link.dialer().ifPresent(Dialer::onUp);
        log.info("connected to {}", other);
        up.put(other.node(), link);
        listener.onPeerUp(other);
        return counts;
    }

    /** Where the node was called before it had this address; who is in the configuration may come back there. */
    private void forgetOldAddresses(PeerIdentity other) {
        endDialers(dialer -> dialer.node().equals(Optional.of(other.node()))
                && !dialer.address().equals(other.address())
                && !settings.members().contains(dialer.address()));
    }

    @Override
    public void onClosed(Link link, boolean wasUp, String reason, Optional<Code> code) {
        links.remove(link);
        if (wasUp) {
            onDown(link, reason);
        } else if (link.dialer().isEmpty() && code.filter(Code::isOrdinary).isEmpty()) {
            problems.say(nameOf(link), "has called in vain: " + reason);
        }
        link.dialer().ifPresent(dialer -> dialer.onClosed(reason, code));
    }

    private void onDown(Link link, String reason) {
        PeerIdentity other = link.other().orElseThrow();
        up.remove(other.node(), link);
        log.info("the connection to {} has ended: {}", other, reason);
        listener.onPeerDown(other, reason);
        for (Dialer dialer : List.copyOf(dialers.values())) {
            if (dialer.node().equals(Optional.of(other.node()))) {
                dialer.onDown();
            }
        }
    }

    /** Who the other side may be; in words that are the same when it calls again. */
    private static String nameOf(Link link) {
        return link.other().map(PeerIdentity::node).orElse("somebody") + " from " + link.remoteHost();
    }

    /** Looks after what time does. To be called several times for each heartbeat. */
    void tick() {
        long now = nowMillis();
        boolean slept = now - tickedMillis >= settings.limits().silenceMillis() / 2;
        tickedMillis = now;
        for (Link link : List.copyOf(links)) {
            if (slept) {
                link.forgive(now);
            }
            link.tick(now);
        }
    }
}
