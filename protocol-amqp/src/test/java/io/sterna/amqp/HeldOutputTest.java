package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Open;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a node says to nobody since it may not, although it began to say it when it might. */
@Timeout(60)
class HeldOutputTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Output is held from this question on. */
    private final AtomicInteger free = new AtomicInteger(Integer.MAX_VALUE);

    private final AtomicInteger asked = new AtomicInteger();
    private EchoNode node;
    private RawPeer peer;

    @BeforeEach
    void open() throws Exception {
        node = EchoNode.start(behaviour -> behaviour.holding = () -> asked.incrementAndGet() > free.get());
        peer = new RawPeer(node.port());
        peer.send(RawPeer.header(RawPeer.AMQP), peer.amqp(0, RawHeaderTest.open()));
        peer.readBytes(8);
        peer.read(Open.class);
    }

    @AfterEach
    void end() throws Exception {
        peer.close();
        node.close();
    }

    /** Writes a begin, which is held after so many questions, and waits until it was asked about again and again. */
    private void beginHeldAfter(int questions) throws Exception {
        node.run(() -> {
            free.set(asked.get() + questions);
            node.connections.get(0).begin();
        });
        int enough = asked.get() + questions + 5;
        await().atMost(PATIENCE).until(() -> asked.get() >= enough);
        assertThat(peer.hasMore()).isFalse();
    }

    private void release() {
        free.set(Integer.MAX_VALUE);
    }

    @Test
    void shouldWriteWhatWasHeldBackBeforeItWasEncoded() throws Exception {
        beginHeldAfter(0);
        release();
        assertThat(peer.read(Begin.class)).isNotNull();
    }

    @Test
    void shouldWriteWhatWasHeldBackWhenItWasEncodedAlready() throws Exception {
        beginHeldAfter(1);
        release();
        assertThat(peer.read(Begin.class)).isNotNull();
    }

    @Test
    void shouldDropWhatWasHeldBackBeforeItWasEncodedWhenTheConnectionIsClosed() throws Exception {
        beginHeldAfter(0);
        node.run(() -> node.connections.get(0).close(Optional.empty()));
        dropAndRelease();
        peer.expectEnd();
    }

    @Test
    void shouldDropWhatWasHeldBackWhenItWasEncodedAlreadyAndTheConnectionIsClosed() throws Exception {
        beginHeldAfter(1);
        node.run(() -> node.connections.get(0).close(Optional.empty()));
        dropAndRelease();
        peer.expectEnd();
    }

    @Test
    void shouldDropWhatWasNeverTriedToBeWrittenWhenTheConnectionIsClosed() throws Exception {
        node.run(() -> {
            node.connections.get(0).begin();
            node.connections.get(0).close(Optional.empty());
            node.loop().dropOutputOfEnding();
        });
        peer.expectEnd();
    }

    @Test
    void shouldGoOnWithConnectionsThatAreOpenWhenWhatWaitsForOthersIsDropped() throws Exception {
        beginHeldAfter(1);
        dropAndRelease();
        assertThat(peer.read(Begin.class)).isNotNull();
    }

    private void dropAndRelease() {
        node.run(() -> {
            node.loop().dropOutputOfEnding();
            release();
        });
    }
}
