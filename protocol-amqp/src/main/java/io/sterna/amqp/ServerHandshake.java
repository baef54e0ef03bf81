package io.sterna.amqp;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.sasl.SaslAuthenticator;
import io.sterna.amqp.sasl.SaslExchange;
import io.sterna.amqp.sasl.SaslFailure;
import io.sterna.amqp.sasl.SaslStep;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.security.SaslChallenge;
import org.apache.qpid.proton.amqp.security.SaslCode;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.security.SaslMechanisms;
import org.apache.qpid.proton.amqp.security.SaslOutcome;
import org.apache.qpid.proton.amqp.security.SaslResponse;
import org.jspecify.annotations.Nullable;

/**
 * The server's handshake. Credentials are checked elsewhere and take their time; what the peer has sent ahead meanwhile
 * waits unread.
 */
final class ServerHandshake implements Handshake {
    private static final String ANONYMOUS = "ANONYMOUS";

    /** Where the handshake stands: {@code HEADER → (INIT → CHECKING ⇄ RESPONSE → SECOND_HEADER →)? DONE}, or REFUSED. */
    private enum Phase {
        HEADER,
        INIT,
        CHECKING,
        RESPONSE,
        SECOND_HEADER,
        DONE,
        REFUSED
    }

    private final SaslAuthenticator authenticator;
    private final Executor loop;
    private final FrameWriter writer;
    private final PerformativeCodec codec;
    private final int maxFrameBytes;
    private final Outcome outcome;
    private Phase phase = Phase.HEADER;
    private @Nullable SaslExchange exchange;
    private String user = "anonymous";

    ServerHandshake(
            SaslAuthenticator authenticator,
            LoopResources resources,
            FrameWriter writer,
            int maxFrameBytes,
            Outcome outcome) {
        this.authenticator = authenticator;
        this.loop = resources.loop();
        this.codec = resources.codec;
        this.writer = writer;
        this.maxFrameBytes = maxFrameBytes;
        this.outcome = outcome;
    }

    @Override
    public boolean onHeader(byte[] bytes, int offset) {
        int protocol = bytes[offset + 4];
        if (!Handshake.isVersion1(bytes, offset)) {
            refuseHeader("AMQP version " + bytes[offset + 5] + "." + bytes[offset + 6] + "." + bytes[offset + 7]
                    + " is not spoken here, only 1.0.0");
        } else if (protocol == SASL && phase == Phase.HEADER) {
            startSasl();
        } else if (protocol == AMQP && (phase == Phase.SECOND_HEADER || bareAllowed())) {
            writer.protocolHeader(AMQP);
            phase = Phase.DONE;
            outcome.maxFrameBytes(maxFrameBytes);
            outcome.onReady(user);
        } else {
            refuseHeader(
                    switch (protocol) {
                        case AMQP -> "authentication is required, begin with the SASL header";
                        case TLS -> "TLS is not offered on this port";
                        case SASL -> "a second SASL header";
                        default -> "protocol id " + protocol + " is not known";
                    });
        }
        return phase != Phase.REFUSED;
    }

    private boolean bareAllowed() {
        return phase == Phase.HEADER && authenticator.mechanisms().contains(ANONYMOUS);
    }

    @Override
    public void onNoHeader() {
        refuseHeader("the peer does not speak AMQP");
    }

    /** §2.2: the answer is a header of what we speak, and nothing more. */
    private void refuseHeader(String reason) {
        boolean wantsAmqp = phase == Phase.SECOND_HEADER;
        phase = Phase.REFUSED;
        writer.protocolHeader(wantsAmqp ? AMQP : SASL);
        outcome.onRefused(reason);
    }

    private void startSasl() {
        writer.protocolHeader(SASL);
        outcome.maxFrameBytes(ConnectionSettings.MIN_MAX_FRAME_BYTES); // §5.3.1
        SaslMechanisms mechanisms = new SaslMechanisms();
        mechanisms.setSaslServerMechanisms(Translate.symbols(authenticator.mechanisms()));
        write(mechanisms);
        phase = Phase.INIT;
    }

    @Override
    public boolean onSaslFrame(byte[] bytes, int offset, int limit) throws DecodeException {
        Object frame = codec.decode(bytes, offset, limit);
        if (phase == Phase.INIT && frame instanceof SaslInit init) {
            onInit(init);
        } else if (phase == Phase.RESPONSE && frame instanceof SaslResponse response && exchange != null) {
            step(exchange, Optional.of(Translate.bytes(response.getResponse())));
        } else {
            refuse(SaslFailure.SYS_PERM, "the SASL frame is not the one that is due");
        }
        return phase != Phase.REFUSED && phase != Phase.CHECKING;
    }

    private void onInit(SaslInit init) {
        String mechanism = init.getMechanism().toString();
        Optional<SaslExchange> begun = authenticator.begin(mechanism);
        if (begun.isEmpty()) {
            refuse(SaslFailure.AUTH, "mechanism " + printable(mechanism) + " is not offered");
            return;
        }
        exchange = begun.get();
        Binary initial = init.getInitialResponse();
        step(begun.get(), initial == null ? Optional.empty() : Optional.of(Translate.bytes(initial)));
    }

    private static String printable(String text) {
        return text.length() > 40 ? text.substring(0, 40) + "…" : text;
    }

    private void step(SaslExchange current, Optional<byte[]> response) {
        phase = Phase.CHECKING;
        CompletableFuture<SaslStep> stage = current.step(response).toCompletableFuture();
        if (stage.isDone()) {
            onStep(stage.join());
        } else {
            CompletableFuture<Void> unused = stage.thenAccept(step -> loop.execute(() -> onChecked(step)));
        }
    }

    private void onChecked(SaslStep step) {
        if (phase == Phase.CHECKING) {
            onStep(step);
            outcome.resume();
            outcome.wake();
        }
    }

    private void onStep(SaslStep step) {
        if (step instanceof SaslStep.Challenge challenge) {
            SaslChallenge frame = new SaslChallenge();
            frame.setChallenge(new Binary(challenge.data()));
            write(frame);
            phase = Phase.RESPONSE;
        } else if (step instanceof SaslStep.Success success) {
            user = success.user();
            SaslOutcome frame = new SaslOutcome();
            frame.setCode(SaslCode.OK);
            if (success.additionalData().length > 0) {
                frame.setAdditionalData(new Binary(success.additionalData()));
            }
            write(frame);
            phase = Phase.SECOND_HEADER;
            outcome.expectHeader();
        } else {
            SaslStep.Failure failure = (SaslStep.Failure) step;
            refuse(failure.code(), failure.reason());
        }
    }

    private void refuse(SaslFailure code, String reason) {
        phase = Phase.REFUSED;
        SaslOutcome frame = new SaslOutcome();
        frame.setCode(SaslCode.valueOf(UnsignedByte.valueOf((byte) code.code())));
        write(frame);
        outcome.onRefused("authentication failed: " + reason);
    }

    private void write(Object frame) {
        // §5.3.1 allows SASL frames 512 bytes; ours are all far below, but a challenge is what a mechanism made of it.
        writer.performative(FrameWriter.SASL, 0, frame, Integer.MAX_VALUE);
    }

    @Override
    public boolean waiting() {
        return phase == Phase.CHECKING;
    }

    @Override
    public boolean done() {
        return phase == Phase.DONE;
    }

    @Override
    public void abandon() {
        if (phase != Phase.DONE) {
            phase = Phase.REFUSED;
        }
    }
}
