package io.sterna.cluster.net;

import io.sterna.cluster.net.Refusal.Code;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How two nodes get to know that they belong to the same cluster. Without IO. Owned by the link's event loop.
 *
 * <pre>
 * dialer                                    acceptor
 *   | hello, with a nonce            ----->   |
 *   |   &lt;-----             hello, with a nonce |
 *   | HMAC(secret, "dialer", both)   ----->   |  right? then is the dialer wanted?
 *   |   &lt;-----   HMAC(secret, "acceptor", both) |
 * </pre>
 *
 * <p>A proof is worth nothing in another handshake, since it is over both nonces, nor when it is sent back, since it is over
 * the role. The acceptor proves nothing to who has not proven anything. Instead of any of its answers, either side may send
 * a refusal.
 */
final class Handshake {
    private static final String DIALER = "sterna dialer";
    private static final String ACCEPTOR = "sterna acceptor";

    /** What the handshake wants done. */
    interface Actions {
        void send(FrameKind kind, byte[] body);

        /** Whether the dialer should go on; the other side has proven nothing yet. */
        Optional<Refusal> onHello(PeerIdentity other);

        /** The other side knows the secret: is it wanted? */
        Optional<Refusal> judge(PeerIdentity other);

        /** There is a link; this is the last call. */
        void onDone(PeerIdentity other);

        /** There will be no link, and the other side has been told; this is the last call. */
        void onRefusing(Refusal reason);

        /** There will be no link, as the other side says; this is the last call. */
        void onRefused(Refusal reason);
    }

    private enum State {
        /** To PROOF by the other side's hello. */
        HELLO,
        /** To ENDED by its proof. */
        PROOF,
        /** From anywhere by a refusal. */
        ENDED
    }

    private final boolean dialer;
    private final Hello own;
    private final byte[] ownHello;
    private final ClusterSecret secret;
    private final Actions actions;
    private State state = State.HELLO;
    private byte[] otherHello = {};
    private @Nullable PeerIdentity other;

    Handshake(boolean dialer, Hello own, ClusterSecret secret, Actions actions) {
        this.dialer = dialer;
        this.own = own;
        this.secret = secret;
        this.actions = actions;
        ownHello = own.toBytes();
    }

    /** Who the other side says it is. */
    Optional<PeerIdentity> other() {
        return Optional.ofNullable(other);
    }

    /** The dialer begins. */
    void start() {
        if (dialer) {
            actions.send(FrameKind.HELLO, ownHello);
        }
    }

    void onFrame(FrameKind kind, ByteBuffer body) throws MalformedFrameException {
        if (kind == FrameKind.REFUSAL) {
            state = State.ENDED;
            actions.onRefused(Refusal.read(body));
        } else if (kind == FrameKind.HELLO && state == State.HELLO) {
            onHello(body);
        } else if (kind == FrameKind.PROOF && state == State.PROOF) {
            onProof(body);
        } else {
            throw new MalformedFrameException("a frame of kind " + kind + " in a handshake that waits for " + state);
        }
    }

    private void onHello(ByteBuffer body) throws MalformedFrameException {
        otherHello = new byte[body.remaining()];
        body.duplicate().get(otherHello);
        Optional<Refusal> unfit = Hello.refusal(body);
        if (unfit.isPresent()) {
            refuse(unfit.get());
            return;
        }
        Hello hello = Hello.read(body);
        other = hello.identity();
        unfit = unfit(hello);
        if (unfit.isEmpty() && dialer) {
            unfit = actions.onHello(hello.identity());
        }
        if (unfit.isPresent()) {
            refuse(unfit.get());
            return;
        }
        state = State.PROOF;
        if (dialer) {
            actions.send(FrameKind.PROOF, proof(DIALER));
        } else {
            actions.send(FrameKind.HELLO, ownHello);
        }
    }

    private Optional<Refusal> unfit(Hello hello) {
        PeerIdentity self = own.identity();
        if (!hello.cluster().equals(own.cluster())) {
            return refusal(
                    Code.CLUSTER,
                    "this node is of the cluster '" + own.cluster() + "', and the other one, " + hello.identity()
                            + ", of '" + hello.cluster() + "'");
        } else if (hello.identity().boot().equals(self.boot())) {
            return refusal(Code.SELF, "this node has called itself");
        } else if (!hello.identity().founders().equals(self.founders())) {
            // What to do comes first: a long text is cut off.
            return refusal(
                    Code.FOUNDERS,
                    "cluster.members must name the same nodes at all nodes: " + self + " names " + founders(self)
                            + ", and " + hello.identity() + " names " + founders(hello.identity()));
        } else if (hello.identity().node().equals(self.node())) {
            return refusal(
                    Code.SAME_ID,
                    "two nodes have the id '" + self.node() + "', at " + self.address() + " and at "
                            + hello.identity().address()
                            + "; give one of them another cluster.node-id and an empty data"
                            + " directory");
        }
        return Optional.empty();
    }

    private static String founders(PeerIdentity node) {
        return node.founders().isEmpty() ? "none" : String.join(", ", node.founders());
    }

    private void onProof(ByteBuffer body) {
        byte[] proof = new byte[body.remaining()];
        body.get(proof);
        PeerIdentity identity = other().orElseThrow();
        Optional<Refusal> unfit = MessageDigest.isEqual(proof, proof(dialer ? ACCEPTOR : DIALER))
                ? actions.judge(identity)
                : refusal(
                        Code.SECRET,
                        own.identity().node() + " and " + identity.node() + " have different secrets (cluster.secret)");
        if (unfit.isPresent()) {
            refuse(unfit.get());
            return;
        }
        if (!dialer) {
            actions.send(FrameKind.PROOF, proof(ACCEPTOR));
        }
        state = State.ENDED;
        actions.onDone(identity);
    }

    private byte[] proof(String role) {
        return dialer ? secret.prove(role, ownHello, otherHello) : secret.prove(role, otherHello, ownHello);
    }

    /** Tells the other side why there is no link. */
    void refuse(Refusal reason) {
        state = State.ENDED;
        actions.send(FrameKind.REFUSAL, reason.toBytes());
        actions.onRefusing(reason);
    }

    private static Optional<Refusal> refusal(Code code, String text) {
        return Optional.of(new Refusal(code, Refusal.printable(text)));
    }
}
