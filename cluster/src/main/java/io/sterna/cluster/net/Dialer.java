package io.sterna.cluster.net;

import io.sterna.cluster.net.Refusal.Code;
import io.vertx.core.Vertx;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetClient;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Calls one address until there is a link to the node there, and again when that has ended. Owned by the network's event loop. */
final class Dialer {
    private static final long LEAST_PAUSE_MILLIS = 50;
    private static final long MOST_PAUSE_MILLIS = 1_000;
    private static final long NO_TIMER = -1;

    /** What all dialers share. */
    record Shared(
            Vertx vertx,
            NetClient client,
            RandomGenerator random,
            ProblemLog problems,
            BiConsumer<Dialer, NetSocketInternal> onSocket,
            Predicate<String> isUp) {}

    private enum State {
        /** To CALLING when the time has come, or the node there wants to be called. */
        PAUSING,
        /** To RESTING when there is a link, to PAUSING when the call has come to nothing. */
        CALLING,
        /** There is a link. To PAUSING when it ends. */
        RESTING,
        /** From anywhere, for ever: not wanted any more, or the address is this node's own. */
        ENDED
    }

    private final Shared shared;
    private final PeerAddress address;
    private State state = State.PAUSING;
    private @Nullable String node;
    private long timer = NO_TIMER;
    private int failures;

    Dialer(Shared shared, PeerAddress address) {
        this.shared = shared;
        this.address = address;
    }

    PeerAddress address() {
        return address;
    }

    /** The node that is there, as far as is known. */
    Optional<String> node() {
        return Optional.ofNullable(node);
    }

    void onNode(String newNode) {
        node = newNode;
    }

    /** Calls at once, unless it does so already. */
    void call() {
        if (state == State.CALLING || state == State.ENDED) {
            return;
        }
        cancelTimer();
        if (node != null && shared.isUp().test(node)) {
            state = State.RESTING;
            return;
        }
        state = State.CALLING;
        shared.client()
                .connect(address.port(), address.host())
                .onComplete(socket -> onSocket((NetSocketInternal) socket), failure -> {
                    shared.problems().say(name(), "can't be reached: " + failure.getMessage());
                    pause();
                });
    }

    private void onSocket(NetSocketInternal socket) {
        if (state == State.ENDED) {
            socket.close();
        } else if (socket.localAddress().equals(socket.remoteAddress())) {
            // Nobody listens there, and the system has chosen the same port for this end: TCP ties the socket to
            // itself.
            socket.close();
            pause();
        } else {
            shared.onSocket().accept(this, socket);
        }
    }

    private String name() {
        return node == null ? address.toString() : node + " at " + address;
    }

    /** There is a link to the node that is called, whoever called. */
    void onUp() {
        failures = 0;
        shared.problems().solved(address.toString());
        shared.problems().solved(name());
        if (state != State.ENDED) {
            cancelTimer();
            state = State.RESTING;
        }
    }

    /** The call has come to nothing. */
    void onClosed(String reason, Optional<Code> code) {
        if (code.equals(Optional.of(Code.SELF))) {
            end();
        } else if (state == State.CALLING) {
            if (code.filter(Code::isOrdinary).isEmpty()) {
                shared.problems().say(name(), reason);
            }
            pause();
        }
    }

    /** The link to the node that is called has ended, whoever called. */
    void onDown() {
        if (state == State.RESTING) {
            pause();
        }
    }

    private void pause() {
        if (state == State.ENDED) {
            return;
        }
        state = State.PAUSING;
        long pause = Math.min(MOST_PAUSE_MILLIS, LEAST_PAUSE_MILLIS << Math.min(failures, 10));
        failures++;
        timer = shared.vertx().setTimer(pause / 2 + shared.random().nextLong(pause / 2) + 1, id -> {
            timer = NO_TIMER;
            call();
        });
    }

    /** Calls no more. */
    void end() {
        state = State.ENDED;
        cancelTimer();
    }

    private void cancelTimer() {
        if (timer != NO_TIMER) {
            shared.vertx().cancelTimer(timer);
            timer = NO_TIMER;
        }
    }
}
