package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.amqp.sasl.SaslAuthenticator;
import io.sterna.amqp.sasl.SaslFailure;
import io.sterna.amqp.sasl.SaslStep;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.security.SaslChallenge;
import org.apache.qpid.proton.amqp.security.SaslCode;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.security.SaslMechanisms;
import org.apache.qpid.proton.amqp.security.SaslOutcome;
import org.apache.qpid.proton.amqp.security.SaslResponse;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Open;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SASL, AMQP 1.0 §5.3, frame by frame. */
class RawSaslTest {
    private EchoNode node;
    private RawPeer peer;

    private void connect(SaslAuthenticator authenticator) throws Exception {
        node = EchoNode.start(behaviour -> behaviour.authenticator = authenticator);
        peer = new RawPeer(node.port());
    }

    @AfterEach
    void close() throws Exception {
        peer.close();
        node.close();
    }

    private void mechanisms(String... expected) throws Exception {
        peer.send(RawPeer.header(RawPeer.SASL));
        assertThat(peer.readBytes(8)).isEqualTo(RawPeer.header(RawPeer.SASL));
        assertThat(peer.read(SaslMechanisms.class).getSaslServerMechanisms())
                .extracting(Symbol::toString)
                .containsExactly(expected);
    }

    private static SaslInit init(String mechanism, String response) {
        SaslInit init = new SaslInit();
        init.setMechanism(Symbol.valueOf(mechanism));
        init.setInitialResponse(binary(response));
        return init;
    }

    private static Binary binary(String text) {
        return new Binary(text.getBytes(StandardCharsets.UTF_8));
    }

    private static SaslResponse response(String text) {
        SaslResponse response = new SaslResponse();
        response.setResponse(binary(text));
        return response;
    }

    private void openAfterSuccess() throws Exception {
        peer.send(RawPeer.header(RawPeer.AMQP), peer.amqp(0, RawHeaderTest.open()));
        assertThat(peer.readBytes(8)).isEqualTo(RawPeer.header(RawPeer.AMQP));
        peer.read(Open.class);
    }

    // AMQP 1.0 §5.3.2
    @Test
    void shouldOpenWhenTheCredentialsAreRight() throws Exception {
        connect(TestUsers.required());
        mechanisms("PLAIN");
        peer.send(peer.sasl(init("PLAIN", "\0user\0secret")));
        assertThat(peer.read(SaslOutcome.class).getCode()).isEqualTo(SaslCode.OK);
        openAfterSuccess();
        assertThat(node.connections.get(0).user()).isEqualTo("user");
    }

    // AMQP 1.0 §5.3.3.1: "If the sending peer does not require its partner to authenticate with it, then it should send
    // a
    // list of one element with its value as the SASL mechanism ANONYMOUS."
    @Test
    void shouldOfferAnonymousWhenNobodyHasToAuthenticate() throws Exception {
        connect(new EchoNode.Behaviour().authenticator);
        mechanisms("ANONYMOUS");
        peer.send(peer.sasl(init("ANONYMOUS", "")));
        assertThat(peer.read(SaslOutcome.class).getCode()).isEqualTo(SaslCode.OK);
        openAfterSuccess();
        assertThat(node.connections.get(0).user()).isEqualTo("anonymous");
    }

    // AMQP 1.0 §5.3.3.5: nothing is accepted after a failed outcome.
    @Test
    void shouldCloseTheSocketWhenTheCredentialsAreWrong() throws Exception {
        connect(TestUsers.required());
        mechanisms("PLAIN");
        peer.send(
                peer.sasl(init("PLAIN", "\0user\0guess")),
                RawPeer.header(RawPeer.AMQP),
                peer.amqp(0, RawHeaderTest.open()));
        SaslOutcome outcome = peer.read(SaslOutcome.class);
        assertThat(outcome.getCode()).isEqualTo(SaslCode.AUTH);
        assertThat(outcome.getAdditionalData()).isNull();
        peer.expectEnd();
        assertThat(node.connections).isEmpty();
    }

    @Test
    void shouldNotTakeASecondAttemptWhenTheFirstHasFailed() throws Exception {
        connect(TestUsers.required());
        mechanisms("PLAIN");
        peer.send(peer.sasl(init("PLAIN", "\0user\0guess")), peer.sasl(init("PLAIN", "\0user\0secret")));
        assertThat(peer.read(SaslOutcome.class).getCode()).isEqualTo(SaslCode.AUTH);
        peer.expectEnd();
    }

    // AMQP 1.0 §5.3.3.6
    @ParameterizedTest
    @EnumSource(SaslFailure.class)
    void shouldSayTheCodeWhenTheExchangeFails(SaslFailure failure) throws Exception {
        connect(TestUsers.failing(failure));
        mechanisms("PLAIN");
        peer.send(peer.sasl(init("PLAIN", "x")));
        assertThat(peer.read(SaslOutcome.class).getCode().getValue().intValue()).isEqualTo(failure.code());
        peer.expectEnd();
    }

    // AMQP 1.0 §5.3.3.2: "If the selected mechanism is not supported by the receiving peer, it MUST close the
    // Connection
    // with the authentication-failure close-code."
    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-1", "plain", "ANONYMOUS", "EXTERNAL", "X"})
    void shouldFailWhenTheMechanismIsNotOffered(String mechanism) throws Exception {
        connect(TestUsers.required());
        mechanisms("PLAIN");
        peer.send(peer.sasl(init(mechanism, "\0user\0secret")));
        assertThat(peer.read(SaslOutcome.class).getCode()).isEqualTo(SaslCode.AUTH);
        peer.expectEnd();
    }

    // AMQP 1.0 §5.3.2: challenge and response may be repeated zero or more times.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 7})
    void shouldGoOnWhenAMechanismTakesSeveralSteps(int challenges) throws Exception {
        connect(TestUsers.steps(challenges));
        mechanisms("STEPS");
        peer.send(peer.sasl(init("STEPS", "begin")));
        for (int i = 1; i <= challenges; i++) {
            Binary challenge = peer.read(SaslChallenge.class).getChallenge();
            assertThat(challenge).isEqualTo(binary("challenge " + i));
            peer.send(peer.sasl(response("challenge " + i)));
        }
        SaslOutcome outcome = peer.read(SaslOutcome.class);
        assertThat(outcome.getCode()).isEqualTo(SaslCode.OK);
        assertThat(outcome.getAdditionalData()).isEqualTo(binary("done"));
        openAfterSuccess();
        assertThat(node.connections.get(0).user()).isEqualTo("stepper");
    }

    @Test
    void shouldFailWhenALaterStepIsWrong() throws Exception {
        connect(TestUsers.steps(3));
        mechanisms("STEPS");
        peer.send(peer.sasl(init("STEPS", "begin")));
        peer.read(SaslChallenge.class);
        peer.send(peer.sasl(response("no")));
        assertThat(peer.read(SaslOutcome.class).getCode()).isEqualTo(SaslCode.AUTH);
        peer.expectEnd();
    }

    // AMQP 1.0 §5.3.2: each frame has its turn.
    @Test
    void shouldFailWhenAResponseComesWithoutAChallenge() throws Exception {
        connect(TestUsers.required());
        mechanisms("PLAIN");
        peer.send(peer.sasl(response("early")));
        assertThat(peer.read(SaslOutcome.class).getCode()).isNotEqualTo(SaslCode.OK);
        peer.expectEnd();
    }

    @Test
    void shouldFailWhenASecondInitComes() throws Exception {
        connect(TestUsers.steps(1));
        mechanisms("STEPS");
        peer.send(peer.sasl(init("STEPS", "begin")));
        peer.read(SaslChallenge.class);
        peer.send(peer.sasl(init("STEPS", "begin")));
        assertThat(peer.read(SaslOutcome.class).getCode()).isNotEqualTo(SaslCode.OK);
        peer.expectEnd();
    }

    @Test
    void shouldFailWhenThePeerActsAsTheServer() throws Exception {
        connect(TestUsers.required());
        mechanisms("PLAIN");
        SaslOutcome outcome = new SaslOutcome();
        outcome.setCode(SaslCode.OK);
        peer.send(peer.sasl(outcome));
        assertThat(peer.read(SaslOutcome.class).getCode()).isNotEqualTo(SaslCode.OK);
        peer.expectEnd();
    }

    // AMQP 1.0 §5.3.1: "Receipt of an empty frame is an irrecoverable error."
    @Test
    void shouldCloseTheSocketWhenASaslFrameIsEmpty() throws Exception {
        connect(TestUsers.required());
        mechanisms("PLAIN");
        peer.send(RawPeer.frame(1, 0, new byte[0]));
        peer.expectEnd();
    }

    // AMQP 1.0 §5.3.1: the frames of SASL have type 1, and no others come before it is done.
    @Test
    void shouldCloseTheSocketWhenAnAmqpFrameComesBeforeSaslIsDone() throws Exception {
        connect(TestUsers.required());
        mechanisms("PLAIN");
        peer.send(peer.amqp(0, RawHeaderTest.open()));
        peer.expectEnd();
        assertThat(node.connections).isEmpty();
    }

    @Test
    void shouldRefuseTheHeaderWhenAmqpBeginsBeforeSaslIsDone() throws Exception {
        connect(TestUsers.required());
        mechanisms("PLAIN");
        peer.send(RawPeer.header(RawPeer.AMQP), peer.amqp(0, RawHeaderTest.open()));
        peer.expectEnd();
        assertThat(node.connections).isEmpty();
    }

    // AMQP 1.0 §5.3.1: "The maximum size of a SASL frame is defined by MIN-MAX-FRAME-SIZE."
    @Test
    void shouldCloseTheSocketWhenASaslFrameIsTooLarge() throws Exception {
        connect(TestUsers.required());
        mechanisms("PLAIN");
        peer.send(peer.sasl(init("PLAIN", "\0user\0" + "x".repeat(600))));
        peer.expectEnd();
    }

    // AMQP 1.0 §5.3.1: "Bytes 6 and 7 of the header are ignored", and "The extended header is ignored."
    @Test
    void shouldIgnoreTheChannelAndTheExtendedHeaderWhenASaslFrameHasThem() throws Exception {
        connect(TestUsers.required());
        mechanisms("PLAIN");
        byte[] body = peer.encode(init("PLAIN", "\0user\0secret"));
        int size = 8 + 4 + body.length;
        peer.send(new byte[] {0, 0, 0, (byte) size, 3, 1, 0x12, 0x34, 9, 9, 9, 9}, body);
        assertThat(peer.read(SaslOutcome.class).getCode()).isEqualTo(SaslCode.OK);
    }

    @Test
    void shouldCloseTheSocketWhenASaslFrameIsFollowedByAPayload() throws Exception {
        connect(TestUsers.required());
        mechanisms("PLAIN");
        peer.send(RawPeer.frame(1, 0, RawPeer.join(peer.encode(init("PLAIN", "\0user\0secret")), new byte[] {1, 2})));
        peer.expectEnd();
    }

    // AMQP 1.0 §5.3.2: "the peers must exchange protocol headers to either start a nested Security Layer, or to
    // establish
    // the AMQP Connection".
    @Test
    void shouldAnswerWithTheAmqpHeaderWhenSaslIsAskedForAgain() throws Exception {
        connect(TestUsers.required());
        mechanisms("PLAIN");
        peer.send(peer.sasl(init("PLAIN", "\0user\0secret")));
        peer.read(SaslOutcome.class);
        peer.send(RawPeer.header(RawPeer.SASL));
        assertThat(peer.readBytes(8)).isEqualTo(RawPeer.header(RawPeer.AMQP));
        peer.expectEnd();
    }

    @Test
    void shouldRefuseAFrameWhenAHeaderIsDueAfterSasl() throws Exception {
        connect(TestUsers.required());
        mechanisms("PLAIN");
        peer.send(peer.sasl(init("PLAIN", "\0user\0secret")), peer.amqp(0, RawHeaderTest.open()));
        peer.read(SaslOutcome.class);
        assertThat(peer.readBytes(8)).isEqualTo(RawPeer.header(RawPeer.AMQP));
        peer.expectEnd();
        assertThat(node.connections).isEmpty();
    }

    // AMQP 1.0 §2.4.2: "The use of pipelined frames by a peer cannot be distinguished by the peer's partner".
    @Test
    void shouldTakeEverythingWhenItComesInOneWrite() throws Exception {
        connect(TestUsers.required());
        peer.send(pipeline("PLAIN"));
        readPipeline();
    }

    @Test
    void shouldTakeEverythingWhenItComesInOneWriteAndTheCheckTakesTime() throws Exception {
        CopyOnWriteArrayList<CompletableFuture<SaslStep>> pending = new CopyOnWriteArrayList<>();
        connect(TestUsers.slow(pending));
        peer.send(pipeline("SLOW"));
        assertThat(peer.readBytes(8)).isEqualTo(RawPeer.header(RawPeer.SASL));
        peer.read(SaslMechanisms.class);
        await().until(() -> pending.size() == 1);
        assertThat(node.connections).isEmpty();
        pending.get(0).complete(new SaslStep.Success("late", new byte[0]));
        assertThat(peer.read(SaslOutcome.class).getCode()).isEqualTo(SaslCode.OK);
        assertThat(peer.readBytes(8)).isEqualTo(RawPeer.header(RawPeer.AMQP));
        peer.read(Open.class);
        peer.read(Begin.class);
        assertThat(node.connections.get(0).user()).isEqualTo("late");
    }

    @Test
    void shouldTakeWhatComesInPiecesWhileTheCheckTakesTime() throws Exception {
        CopyOnWriteArrayList<CompletableFuture<SaslStep>> pending = new CopyOnWriteArrayList<>();
        connect(TestUsers.slow(pending));
        mechanisms("SLOW");
        peer.send(peer.sasl(init("SLOW", "")));
        await().until(() -> pending.size() == 1);
        byte[] rest =
                RawPeer.join(RawPeer.header(RawPeer.AMQP), peer.amqp(0, RawHeaderTest.open()), peer.amqp(0, begin()));
        for (byte octet : rest) {
            peer.send(new byte[] {octet});
        }
        pending.get(0).complete(new SaslStep.Success("late", new byte[0]));
        assertThat(peer.read(SaslOutcome.class).getCode()).isEqualTo(SaslCode.OK);
        assertThat(peer.readBytes(8)).isEqualTo(RawPeer.header(RawPeer.AMQP));
        peer.read(Open.class);
        peer.read(Begin.class);
    }

    @Test
    void shouldRefuseEverythingWhenTheCheckFailsLate() throws Exception {
        CopyOnWriteArrayList<CompletableFuture<SaslStep>> pending = new CopyOnWriteArrayList<>();
        connect(TestUsers.slow(pending));
        peer.send(pipeline("SLOW"));
        peer.readBytes(8);
        peer.read(SaslMechanisms.class);
        await().until(() -> pending.size() == 1);
        pending.get(0).complete(new SaslStep.Failure(SaslFailure.AUTH, "no"));
        assertThat(peer.read(SaslOutcome.class).getCode()).isEqualTo(SaslCode.AUTH);
        peer.expectEnd();
        assertThat(node.connections).isEmpty();
    }

    @Test
    void shouldForgetTheCheckWhenThePeerLeavesMeanwhile() throws Exception {
        CopyOnWriteArrayList<CompletableFuture<SaslStep>> pending = new CopyOnWriteArrayList<>();
        connect(TestUsers.slow(pending));
        mechanisms("SLOW");
        peer.send(peer.sasl(init("SLOW", "")));
        await().until(() -> pending.size() == 1);
        peer.close();
        await().until(() -> node.closed.size() == 1);
        pending.get(0).complete(new SaslStep.Success("late", new byte[0]));
        node.run(() -> assertThat(node.connections).isEmpty());
    }

    private byte[] pipeline(String mechanism) {
        return RawPeer.join(
                RawPeer.header(RawPeer.SASL),
                peer.sasl(init(mechanism, "\0user\0secret")),
                RawPeer.header(RawPeer.AMQP),
                peer.amqp(0, RawHeaderTest.open()),
                peer.amqp(0, begin()));
    }

    private void readPipeline() throws Exception {
        assertThat(peer.readBytes(8)).isEqualTo(RawPeer.header(RawPeer.SASL));
        peer.read(SaslMechanisms.class);
        assertThat(peer.read(SaslOutcome.class).getCode()).isEqualTo(SaslCode.OK);
        assertThat(peer.readBytes(8)).isEqualTo(RawPeer.header(RawPeer.AMQP));
        peer.read(Open.class);
        assertThat(peer.read(Begin.class).getRemoteChannel().intValue()).isZero();
    }

    static Begin begin() {
        Begin begin = new Begin();
        begin.setNextOutgoingId(UnsignedInteger.ZERO);
        begin.setIncomingWindow(UnsignedInteger.valueOf(2048));
        begin.setOutgoingWindow(UnsignedInteger.valueOf(2048));
        return begin;
    }
}
