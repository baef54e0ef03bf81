package io.sterna.amqp;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.sasl.SaslClientMechanism;
import io.sterna.amqp.sasl.SaslCredentials;
import java.security.SecureRandom;
import java.util.Optional;
import javax.security.sasl.SaslException;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.security.SaslChallenge;
import org.apache.qpid.proton.amqp.security.SaslCode;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.security.SaslMechanisms;
import org.apache.qpid.proton.amqp.security.SaslOutcome;
import org.apache.qpid.proton.amqp.security.SaslResponse;
import org.jspecify.annotations.Nullable;

/** The client's handshake: always SASL first, then AMQP. */
final class ClientHandshake implements Handshake {
    /** Where the handshake stands: {@code SASL_HEADER → MECHANISMS → OUTCOME → AMQP_HEADER → DONE}, or REFUSED. */
    private enum Phase {
        SASL_HEADER,
        MECHANISMS,
        OUTCOME,
        AMQP_HEADER,
        DONE,
        REFUSED
    }

    private final Optional<SaslCredentials> credentials;
    private final SecureRandom random;
    private final FrameWriter writer;
    private final PerformativeCodec codec;
    private final int maxFrameBytes;
    private final Outcome outcome;
    private Phase phase = Phase.SASL_HEADER;
    private @Nullable SaslClientMechanism mechanism;

    ClientHandshake(
            Optional<SaslCredentials> credentials,
            SecureRandom random,
            LoopResources resources,
            FrameWriter writer,
            int maxFrameBytes,
            Outcome outcome) {
        this.credentials = credentials;
        this.random = random;
        this.writer = writer;
        this.codec = resources.codec;
        this.maxFrameBytes = maxFrameBytes;
        this.outcome = outcome;
        writer.protocolHeader(SASL);
    }

    @Override
    public boolean onHeader(byte[] bytes, int offset) {
        int expected = phase == Phase.SASL_HEADER ? SASL : AMQP;
        if (bytes[offset + 4] != expected || !Handshake.isVersion1(bytes, offset)) {
            refuse("the server answers with protocol id " + bytes[offset + 4] + " where " + expected
                    + " was asked for");
        } else if (phase == Phase.SASL_HEADER) {
            phase = Phase.MECHANISMS;
            outcome.maxFrameBytes(ConnectionSettings.MIN_MAX_FRAME_BYTES);
        } else {
            phase = Phase.DONE;
            outcome.maxFrameBytes(maxFrameBytes);
            outcome.onReady(credentials.map(SaslCredentials::user).orElse("anonymous"));
        }
        return phase != Phase.REFUSED;
    }

    @Override
    public void onNoHeader() {
        refuse("the server does not speak AMQP");
    }

    @Override
    public boolean onSaslFrame(byte[] bytes, int offset, int limit) throws DecodeException {
        Object frame = codec.decode(bytes, offset, limit);
        try {
            if (phase == Phase.MECHANISMS && frame instanceof SaslMechanisms offered) {
                onMechanisms(offered);
            } else if (phase == Phase.OUTCOME && frame instanceof SaslChallenge challenge && mechanism != null) {
                SaslResponse response = new SaslResponse();
                response.setResponse(new Binary(mechanism.respond(Translate.bytes(challenge.getChallenge()))));
                writer.performative(FrameWriter.SASL, 0, response, Integer.MAX_VALUE);
            } else if (phase == Phase.OUTCOME && frame instanceof SaslOutcome result && mechanism != null) {
                onOutcome(result, mechanism);
            } else {
                refuse("the server's SASL frame is not the one that is due");
            }
        } catch (SaslException badChallenge) {
            refuse(badChallenge.getMessage());
        }
        return phase != Phase.REFUSED;
    }

    private void onMechanisms(SaslMechanisms offered) {
        Optional<SaslClientMechanism> chosen =
                SaslClientMechanism.choose(Translate.strings(offered.getSaslServerMechanisms()), credentials, random);
        if (chosen.isEmpty()) {
            refuse("the server offers no mechanism that we can use");
            return;
        }
        mechanism = chosen.get();
        SaslInit init = new SaslInit();
        init.setMechanism(Translate.symbol(mechanism.name()));
        init.setInitialResponse(new Binary(mechanism.initialResponse()));
        writer.performative(FrameWriter.SASL, 0, init, Integer.MAX_VALUE);
        phase = Phase.OUTCOME;
    }

    private void onOutcome(SaslOutcome result, SaslClientMechanism current) throws SaslException {
        if (result.getCode() != SaslCode.OK) {
            refuse("the server refuses the credentials: " + result.getCode());
            return;
        }
        Binary data = result.getAdditionalData();
        current.complete(data == null ? Optional.empty() : Optional.of(Translate.bytes(data)));
        phase = Phase.AMQP_HEADER;
        writer.protocolHeader(AMQP);
        outcome.expectHeader();
    }

    private void refuse(String reason) {
        phase = Phase.REFUSED;
        outcome.onRefused(reason);
    }

    @Override
    public boolean waiting() {
        return false;
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
