package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections, AMQP 1.0 §2.4 and §2.7.1, against a scripted client. */
class PeerConnectionTest extends PeerTest {

    // AMQP 1.0 §2.7.1
    @Test
    void shouldSayItsLimitsWhenItOpens() throws Exception {
        headers(behaviour -> {});
        peer.expectOpen()
                .withContainerId("echo")
                .withMaxFrameSize(64 * 1024)
                .withChannelMax(255)
                .withIdleTimeOut(org.hamcrest.Matchers.nullValue());
        peer.remoteOpen().withContainerId("peer").now();
        sync();
    }

    // AMQP 1.0 §2.4.5
    @Test
    void shouldAskForHalfOfItsIdleTimeOutWhenItOpens() throws Exception {
        headers(behaviour ->
                behaviour.settings = new ConnectionSettings("echo", 1024, 255, 255, 2048, 30_000, 10_000, 10_000));
        peer.expectOpen().withIdleTimeOut(15_000);
        peer.remoteOpen().withContainerId("peer").now();
        sync();
    }

    // AMQP 1.0 §2.4.3
    @Test
    void shouldAnswerWithACloseWhenThePeerCloses() throws Exception {
        open(behaviour -> {});
        peer.expectClose().withError(org.hamcrest.Matchers.nullValue());
        peer.remoteClose().now();
        sync();
        await().until(() -> node.closed.size() == 1);
        assertThat(node.closed.get(0)).isEmpty();
    }

    // AMQP 1.0 §2.7.9
    @Test
    void shouldTellTheApplicationWhenThePeerClosesWithAnError() throws Exception {
        open(behaviour -> {});
        peer.expectClose();
        peer.remoteClose()
                .withErrorCondition("amqp:internal-error", "ran out of ink")
                .now();
        sync();
        await().until(() -> node.closed.size() == 1);
        assertThat(node.closed.get(0)).contains(AmqpError.of("amqp:internal-error", "ran out of ink"));
    }

    // AMQP 1.0 §2.4.1
    @Test
    void shouldCloseWithNotAllowedWhenASecondOpenComes() throws Exception {
        open(behaviour -> {});
        peer.expectClose().withError("amqp:not-allowed", text());
        peer.remoteOpen().withContainerId("peer").now();
        sync();
    }

    // AMQP 1.0 §2.7.1: "A peer that receives a channel number outside the supported range MUST close the Connection
    // with the framing-error error-code."
    @ParameterizedTest
    @ValueSource(ints = {256, 65535})
    void shouldCloseWithFramingErrorWhenAChannelIsAboveChannelMax(int channel) throws Exception {
        open(behaviour -> {});
        peer.expectClose().withError("amqp:connection:framing-error", text());
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(1)
                .withOutgoingWindow(1)
                .onChannel(channel)
                .now();
        sync();
    }

    @Test
    void shouldTakeASessionWhenItsChannelIsChannelMax() throws Exception {
        open(behaviour -> {});
        peer.expectBegin().withRemoteChannel(255);
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(1)
                .withOutgoingWindow(1)
                .onChannel(255)
                .now();
        sync();
    }

    // AMQP 1.0 §2.4.6, DISCARDING: "any incoming frames on the connection MUST be silently discarded until the peer's
    // close frame is received".
    @Test
    void shouldDiscardWhatComesWhenItHasClosedWithAnError() throws Exception {
        open(behaviour -> {});
        peer.expectClose().withError("amqp:not-allowed", text());
        peer.remoteOpen().withContainerId("peer").now();
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(1)
                .withOutgoingWindow(1)
                .onChannel(0)
                .now();
        peer.remoteEnd().onChannel(77).now();
        peer.remoteClose().now();
        sync();
        await().until(() -> node.closed.size() == 1);
        assertThat(node.closed.get(0)).map(AmqpError::condition).contains("amqp:not-allowed");
    }

    // AMQP 1.0 §2.4.4
    @Test
    void shouldFinishWhenBothCloseAtOnce() throws Exception {
        open(behaviour -> {});
        peer.expectClose().withError("amqp:connection:forced", "bye");
        peer.remoteClose().queue();
        node.run(() ->
                node.connections.get(0).close(Optional.of(AmqpError.of(ErrorCondition.CONNECTION_FORCED, "bye"))));
        sync();
        await().until(() -> node.closed.size() == 1);
    }

    // AMQP 1.0 §2.4.3: "A close frame may be received on any channel up to the maximum channel number".
    @Test
    void shouldCloseWhenTheCloseComesOnAnotherChannel() throws Exception {
        open(behaviour -> {});
        peer.expectClose().onChannel(0);
        peer.remoteClose().onChannel(3).now();
        sync();
    }

    // AMQP 1.0 §2.4.1: "The open frame can only be sent on channel 0".
    @Test
    void shouldCloseWithNotAllowedWhenTheOpenComesOnAnotherChannel() throws Exception {
        headers(behaviour -> {});
        peer.expectOpen();
        peer.expectClose().withError("amqp:not-allowed", text());
        peer.remoteOpen().withContainerId("peer").onChannel(1).now();
        sync();
        assertThat(node.connections).isEmpty();
    }

    // AMQP 1.0 §2.4.1: "each peer must send an open frame before sending any other Frames".
    @Test
    void shouldCloseWithNotAllowedWhenABeginComesBeforeTheOpen() throws Exception {
        headers(behaviour -> {});
        peer.expectOpen();
        peer.expectClose().withError("amqp:not-allowed", text());
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(1)
                .withOutgoingWindow(1)
                .onChannel(0)
                .now();
        sync();
    }

    @Test
    void shouldCloseWithNotAllowedWhenATransferComesBeforeTheOpen() throws Exception {
        headers(behaviour -> {});
        peer.expectOpen();
        peer.expectClose().withError("amqp:not-allowed", text());
        transfer(0).now();
        sync();
    }

    // AMQP 1.0 §2.4.5: "Empty frames can only be sent after the open frame is sent."
    @Test
    void shouldCloseWithNotAllowedWhenAnEmptyFrameComesBeforeTheOpen() throws Exception {
        headers(behaviour -> {});
        peer.expectOpen();
        peer.expectClose().withError("amqp:not-allowed", text());
        peer.remoteEmptyFrame().now();
        sync();
    }

    // AMQP 1.0 §2.4.5: "Apart from this use, empty frames have no meaning."
    @Test
    void shouldPassOverEmptyFramesWhenOpen() throws Exception {
        open(behaviour -> {});
        for (int i = 0; i < 5; i++) {
            peer.remoteEmptyFrame().now();
        }
        connectionLives();
    }

    // AMQP 1.0 §2.4.5
    @Test
    void shouldSendEmptyFramesWhenThePeerHasAnIdleTimeOut() throws Exception {
        headers(behaviour -> {});
        peer.expectOpen();
        peer.expectEmptyFrame();
        peer.expectEmptyFrame();
        peer.remoteOpen().withContainerId("peer").withIdleTimeOut(250).now();
        sync();
    }

    // AMQP 1.0 §2.4.5: "a peer should try to gracefully close the connection using a close frame with an error".
    @Test
    void shouldCloseWithAnErrorWhenThePeerIsSilentForTooLong() throws Exception {
        open(behaviour ->
                behaviour.settings = new ConnectionSettings("echo", 1024, 255, 255, 2048, 600, 10_000, 10_000));
        peer.expectClose().withError("amqp:resource-limit-exceeded", text());
        sync();
    }

    // AMQP 1.0 §2.4.5: "If a peer can not, for any reason support a proposed idle time-out, then it should close the
    // connection using a close frame with an error explaining why."
    @Test
    void shouldCloseWithAnErrorWhenThePeersIdleTimeOutIsTooShort() throws Exception {
        headers(behaviour -> {});
        peer.expectOpen();
        peer.expectClose().withError("amqp:invalid-field", text());
        peer.remoteOpen().withContainerId("peer").withIdleTimeOut(5).now();
        sync();
    }

    @Test
    void shouldCloseWhenNoOpenComesInTime() throws Exception {
        headers(behaviour -> behaviour.settings = new ConnectionSettings("echo", 1024, 255, 255, 2048, 0, 500, 10_000));
        peer.expectOpen();
        peer.expectClose().withError("amqp:resource-limit-exceeded", text());
        sync();
    }

    // AMQP 1.0 §2.7.1: "Both peers MUST accept frames of up to 512 octets", so that no peer may say less.
    @Test
    void shouldCloseWithInvalidFieldWhenMaxFrameSizeIsBelow512() throws Exception {
        headers(behaviour -> {});
        peer.expectOpen();
        peer.expectClose().withError("amqp:invalid-field", text());
        peer.remoteOpen().withContainerId("peer").withMaxFrameSize(511).now();
        sync();
    }

    @Test
    void shouldLetTheApplicationAnswerLaterWhenTheOpenHasCome() throws Exception {
        headers(behaviour -> behaviour.answerOpens = false);
        peer.remoteOpen().withContainerId("peer").now();
        await().until(() -> node.connections.size() == 1);
        // What the peer pipelines behind its open waits for our open; AMQP 1.0 §2.4.2.
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(1)
                .withOutgoingWindow(1)
                .onChannel(0)
                .now();
        sync();
        peer.expectOpen();
        peer.expectBegin().withRemoteChannel(0);
        node.run(() -> node.connections.get(0).open(OpenTerms.PLAIN));
        sync();
    }

    // AMQP 1.0 §2.4.3: nothing goes before the open, not even a close.
    @Test
    void shouldOpenBeforeItClosesWhenTheApplicationRefusesTheConnection() throws Exception {
        headers(behaviour -> behaviour.answerOpens = false);
        peer.remoteOpen().withContainerId("peer").now();
        await().until(() -> node.connections.size() == 1);
        peer.expectOpen();
        peer.expectClose().withError("amqp:not-allowed", "no entry");
        node.run(
                () -> node.connections.get(0).close(Optional.of(AmqpError.of(ErrorCondition.NOT_ALLOWED, "no entry"))));
        sync();
    }

    // AMQP 1.0 §2.7.1, max-frame-size, and §2.8.14: an error is cut down to what the peer can take.
    @Test
    void shouldShortenADescriptionWhenItDoesNotFitIntoThePeersFrame() throws Exception {
        headers(behaviour -> {});
        peer.expectOpen();
        peer.remoteOpen().withContainerId("peer").withMaxFrameSize(512).now();
        sync();
        peer.expectClose().withError("amqp:internal-error", org.hamcrest.Matchers.startsWith("\u00e4\u00e4"));
        node.run(() -> node.connections
                .get(0)
                .close(Optional.of(AmqpError.of(ErrorCondition.INTERNAL_ERROR, "\u00e4".repeat(5000)))));
        sync();
    }

    @Test
    void shouldLoseItsLinksWhenTheSocketBreaks() throws Exception {
        producer();
        peer.dropConnection();
        await().until(() -> node.events.contains("lost in") && node.closed.size() == 1);
    }

    @Test
    void shouldLoseItsLinksWhenThePeerCloses() throws Exception {
        producer();
        peer.expectClose();
        peer.remoteClose().now();
        sync();
        await().until(() -> node.closed.size() == 1);
        assertThat(node.events).containsExactly("lost in");
    }
}
