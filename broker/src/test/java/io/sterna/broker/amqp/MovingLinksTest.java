package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.partition.Partition;
import io.sterna.broker.partition.PartitionLog;
import io.sterna.broker.partition.PartitionOpening;
import io.sterna.broker.partition.Partitions;
import io.sterna.store.LogOperation;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Random;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.junit.jupiter.api.Test;

/**
 * One client that attaches the same link over and over, on other connections, while the partition moves away and back;
 * in virtual time, in an order that a seed decides.
 */
class MovingLinksTest {
    private static final int SEEDS = 300;
    private static final int ACTIONS = 40;

    /** A partition and the client. */
    private static final class World {
        private final Random random;
        private final Simulation broker;
        private final String address;
        private final int partition;
        private SlowLog log = new SlowLog(1, false);
        private boolean open;
        private Optional<Peer> client = Optional.empty();

        World(long seed) {
            random = new Random(seed);
            broker = new Simulation(seed);
            address = broker.addressOn(0, "moving");
            partition = Partitions.numberOf(address);
            Partition first = broker.partitions().get(partition);
            first.loop().run(() -> first.close("it has moved"));
            broker.settle();
            open();
        }

        /** Of which others have what was appended later, or never. */
        private static final class SlowLog implements PartitionLog {
            private final long epoch;
            private final ArrayDeque<Runnable[]> waiting = new ArrayDeque<>();
            private boolean prompt;

            SlowLog(long epoch, boolean prompt) {
                this.epoch = epoch;
                this.prompt = prompt;
            }

            @Override
            public long epoch() {
                return epoch;
            }

            @Override
            public void append(LogOperation operation) {
                // Nothing of it outlives this node's time as the owner.
            }

            @Override
            public void afterAppended(Runnable whenSafe, Runnable orGone) {
                if (prompt && waiting.isEmpty()) {
                    whenSafe.run();
                } else {
                    waiting.add(new Runnable[] {whenSafe, orGone});
                }
            }

            @Override
            public void giveUp() {
                while (!waiting.isEmpty()) {
                    waiting.remove()[1].run();
                }
            }

            void keepUp() {
                while (!waiting.isEmpty()) {
                    waiting.remove()[0].run();
                }
            }
        }

        void open() {
            open = true;
            SlowLog next = new SlowLog(log.epoch() + 1, random.nextBoolean());
            log = next;
            broker.loop(0).post(() -> {
                PartitionOpening opening = broker.partitions().opening(partition, next);
                opening.finish();
            });
        }

        void close() {
            open = false;
            Partition now = broker.partitions().get(partition);
            broker.loop(0).post(() -> now.close("it has moved"));
        }

        void attach() {
            client.ifPresent(Peer::cut);
            Peer next = broker.connectSilently(1);
            next.open("client");
            next.begin();
            Source source = Peer.source(address);
            if (random.nextBoolean()) {
                source.setDurable(TerminusDurability.UNSETTLED_STATE);
                source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
            }
            next.say(Peer.receiver("link", 0, source));
            next.flow(0, 0, 5, false);
            client = Optional.of(next);
        }

        void act() {
            switch (random.nextInt(8)) {
                case 0, 1 -> attach();
                case 2 -> client.ifPresent(peer -> peer.detach(0, random.nextBoolean()));
                case 3 -> {
                    client.ifPresent(Peer::close);
                    client = Optional.empty();
                }
                case 4 -> broker.loop(0).post(log::keepUp);
                case 6 -> send();
                case 5 -> {
                    if (open) {
                        close();
                    }
                    steps(1_000);
                    open();
                }
                default ->
                    client.filter(peer -> !peer.messages().isEmpty())
                            .ifPresent(
                                    peer -> peer.dispose(0, peer.messages().size() - 1, true, Accepted.getInstance()));
            }
            steps(random.nextInt(30));
        }

        private void send() {
            Peer producer = broker.connect(1);
            producer.send(address, 0);
            steps(100);
            for (int number = 0; number < Math.min(3, producer.credit(0)); number++) {
                producer.transfer(0, number, TestMessages.durable(number));
            }
        }

        private void steps(int count) {
            for (int taken = 0; taken < count && broker.step(); taken++) {}
        }

        /** All goes well from now on. */
        void calm() {
            log.prompt = true;
            broker.loop(0).post(log::keepUp);
            broker.settle();
        }

        boolean isServed() {
            attach();
            broker.settle();
            return client.orElseThrow().heard(Attach.class).stream().anyMatch(attach -> attach.getSource() != null)
                    && client.orElseThrow().heard(Detach.class).isEmpty();
        }
    }

    @Test
    void shouldServeALinkInTheEndWhateverItsFormerLivesWereCutOffIn() {
        for (long seed = 0; seed < SEEDS; seed++) {
            World world = new World(seed);
            for (int action = 0; action < ACTIONS; action++) {
                world.act();
            }
            world.calm();

            assertThat(world.isServed()).as("seed %d", seed).isTrue();
        }
    }
}
