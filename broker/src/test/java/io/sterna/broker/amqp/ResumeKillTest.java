package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each message once from a client that sends to one that processes (AMQP 1.0 §2.6.13, receiver-settle-mode second), while
 * the broker's process is killed, and connections are broken, under load. The seed of a failing run is in the assertion's
 * message.
 */
class ResumeKillTest {
    private static final String ADDRESS = "once";

    @TempDir
    Path directory;

    @Test
    @Timeout(180)
    void shouldProcessEachMessageOnceWhenTheBrokerIsKilled() throws IOException {
        killAndResume(3, 1_000, new Random().nextLong());
    }

    @Test
    @Tag("long")
    @Timeout(1_200)
    void shouldProcessEachMessageOnceWhenTheBrokerIsKilledTwentyTimes() throws IOException {
        killAndResume(20, 20_000, new Random().nextLong());
    }

    private void killAndResume(int kills, int messages, long seed) throws IOException {
        Random random = new Random(seed);
        ResumingSender sender = new ResumingSender(random, ADDRESS, messages);
        ResumingReceiver receiver = new ResumingReceiver(random, ADDRESS);
        Path data = directory.resolve("data");
        int port = 0;
        for (int life = 1; life <= kills; life++) {
            try (BrokerProcess broker = BrokerProcess.start(data, port, List.of())) {
                port = broker.port();
                // Most connections break before the broker is killed.
                int enough = life * messages / (kills + 1);
                for (int part = 1; part <= 3; part++) {
                    int before = receiver.processed().size();
                    int until = before + random.nextInt(Math.max(1, enough - before)) / (4 - part);
                    connect(broker, sender, receiver, part < 3 ? until : enough, part < 3);
                }
            }
        }
        try (BrokerProcess broker = BrokerProcess.start(data, port, List.of())) {
            connect(broker, sender, receiver, messages, true);
        }
        assertThat(receiver.processed())
                .as("seed %s", seed)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, messages).boxed().toList());
    }

    /** One life of both links: until so many messages have been processed, when the connections or the broker die. */
    private static void connect(
            BrokerProcess broker, ResumingSender sender, ResumingReceiver receiver, int enough, boolean brokerLives)
            throws IOException {
        try (SocketPeer sending = SocketPeer.connect(broker.host(), broker.port(), "sending");
                SocketPeer receiving = SocketPeer.connect(broker.host(), broker.port(), "receiving")) {
            sender.attach(sending::say);
            receiver.attach(receiving::say);
            while (receiver.processed().size() < enough) {
                sending.poll(sender::onFrame);
                receiving.poll(receiver::onFrame);
                sender.work();
                receiver.work();
                assertThat(sending.lost() || receiving.lost()).isFalse();
            }
            if (!brokerLives) {
                broker.kill();
            }
        }
    }
}
