package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each message once from a client that sends to one that processes, whatever happens to connections and to the broker
 * (AMQP 1.0 §2.6.13, receiver-settle-mode second): connections are cut and the power goes at any moment.
 */
class ExactlyOnceTest {
    private static final int MESSAGES = 150;
    private static final int MOST_LIVES = 500;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void shouldProcessEachMessageOnceWhateverIsLost(long seed) {
        Random random = new Random(seed);
        Simulation broker = new Simulation(seed);
        String address = broker.addressOn(random.nextInt(2), "q");
        ResumingSender sender = new ResumingSender(random, address, MESSAGES);
        ResumingReceiver receiver = new ResumingReceiver(random, address);
        for (int life = 0; life < MOST_LIVES && receiver.processed().size() < MESSAGES; life++) {
            Peer sending = connect(broker, "sending", random.nextInt(2));
            sending.listen(sender::onFrame);
            sender.attach(sending::say);
            lookAtOthers(broker, address, receiver, random);
            Peer receiving = connect(broker, "receiving", random.nextInt(2));
            receiving.listen(receiver::onFrame);
            receiver.attach(receiving::say);
            live(broker, sender, receiver, random.nextInt(random.nextInt(10) == 0 ? 3_000 : 300));
            if (random.nextBoolean()) {
                broker.crashAndRestart();
            } else {
                sending.cut();
                receiving.cut();
                sending.listen(unheard -> {});
                receiving.listen(unheard -> {});
                live(broker, sender, receiver, random.nextInt(20));
            }
        }

        assertThat(receiver.processed())
                .as("seed %d", seed)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, MESSAGES).boxed().toList());
    }

    private static Peer connect(Simulation broker, String containerId, int loop) {
        Peer peer = broker.connectSilently(loop);
        peer.open(containerId);
        peer.begin();
        return peer;
    }

    private static void live(Simulation broker, ResumingSender sender, ResumingReceiver receiver, int steps) {
        for (int step = 0; step < steps; step++) {
            if (!broker.step()) {
                sender.work();
                receiver.work();
                if (!broker.step()) {
                    return;
                }
            }
        }
    }

    /** Somebody else takes what nobody holds, and gives it back. */
    private static void lookAtOthers(Simulation broker, String address, ResumingReceiver receiver, Random random) {
        if (random.nextInt(3) > 0) {
            return;
        }
        Peer other = connect(broker, "other", random.nextInt(2));
        other.say(Peer.receiver("other", 0, Peer.source(address)));
        other.flow(0, 0, 100, false);
        broker.settle();
        assertThat(other.numbers()).noneMatch(receiver.processed()::contains);
        int count = other.heard(Transfer.class).size();
        if (count > 0) {
            other.dispose(0, count - 1, true, Released.getInstance());
        }
        other.close();
        broker.settle();
    }
}
