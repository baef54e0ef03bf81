package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.message.OutgoingMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two engines against each other in memory, driven by a seeded random: whatever is cut, delayed, drained or taken back,
 * each delivery arrives once, whole and in its link's order, each outcome comes back once, and
 * {@code 0 ≤ unsettled ≤ window} on each link at any time.
 */
class EngineModelTest {
    private static final int LINKS = 4;
    private static final int MESSAGES = 150;

    static LongStream seeds() {
        return LongStream.range(0, 60);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldDeliverEachOnceWhenRandomThingsHappen(long seed) {
        new Run(seed).play();
    }

    @Test
    @Tag("long")
    void shouldDeliverEachOnceWhenManyRandomThingsHappen() {
        for (long seed = 1_000; seed < 4_000; seed++) {
            new Run(seed).play();
        }
    }

    /** One direction of one link: what was sent, what has arrived, what became of it. */
    private static final class Channel {
        private final String name;
        private final int maxWindow;
        private final List<byte[]> sent = new ArrayList<>();
        private final List<IncomingDelivery> unsettled = new ArrayList<>();
        private final Map<Integer, DeliveryState> said = new HashMap<>();
        private final Map<Integer, DeliveryState> heard = new HashMap<>();
        private final List<Integer> presettled = new ArrayList<>();
        private SenderLink sender;
        private ReceiverLink receiver;
        private int arrived;

        Channel(String name, int maxWindow) {
            this.name = name;
            this.maxWindow = maxWindow;
        }
    }

    private static final class Run {
        private final long seed;
        private final Random random;
        private final EnginePair pair;
        private final Map<String, Channel> channels = new HashMap<>();
        private final List<Session> sessions = new ArrayList<>();
        private boolean opened;

        Run(long seed) {
            this.seed = seed;
            random = new Random(seed);
            pair = new EnginePair(random, settings(), new Handler(), settings(), new Handler());
        }

        private ConnectionSettings settings() {
            int frameBytes = 512 + random.nextInt(3) * random.nextInt(2_000);
            int window = 1 + random.nextInt(random.nextBoolean() ? 4 : 100);
            return new ConnectionSettings("model", frameBytes, 10, 100, window, 0, 1_000_000, 1_000_000);
        }

        void play() {
            try {
                while (!opened) {
                    pair.step();
                }
                attach();
                for (int i = 0; i < 20_000 && !done(); i++) {
                    act();
                    for (int steps = random.nextInt(6); steps > 0; steps--) {
                        pair.step();
                    }
                    checkInvariants();
                }
                finish();
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError("seed " + seed, failure);
            }
        }

        private void attach() {
            for (int i = 0; i < LINKS; i++) {
                if (i == 0 || random.nextBoolean()) {
                    sessions.add(pair.client.begin());
                }
                Session session = sessions.get(random.nextInt(sessions.size()));
                Channel channel = new Channel("link " + i, 1 + random.nextInt(20));
                channels.put(channel.name, channel);
                LinkTerms terms = LinkTerms.of(
                        Terminus.Source.at("a"),
                        Terminus.Target.at("b"),
                        SettleMode.Sender.MIXED,
                        random.nextBoolean() ? SettleMode.Receiver.FIRST : SettleMode.Receiver.SECOND);
                if (i % 2 == 0) {
                    channel.sender = session.attachSender(channel.name, terms, new Sending(channel));
                } else {
                    channel.receiver = session.attachReceiver(channel.name, terms, new Receiving(channel));
                    channel.receiver.window(channel.maxWindow);
                }
            }
        }

        private boolean done() {
            return channels.values().stream().allMatch(channel -> channel.sent.size() == MESSAGES);
        }

        private void act() {
            Channel channel = channels.get("link " + random.nextInt(LINKS));
            if (channel.sender == null || channel.receiver == null) {
                return;
            }
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> send(channel);
                case 3, 4 -> settleOne(channel);
                case 5 -> channel.receiver.window(random.nextInt(channel.maxWindow + 1));
                case 6 -> channel.receiver.drain();
                default -> channel.receiver.window(channel.maxWindow);
            }
        }

        private void send(Channel channel) {
            for (int i = random.nextInt(5); i > 0; i--) {
                if (channel.sender.credit() > 0 && channel.sent.size() < MESSAGES) {
                    int number = channel.sent.size();
                    byte[] message =
                            SmokeTest.message(number, 4 + random.nextInt(random.nextInt(10) == 0 ? 9_000 : 300));
                    boolean settled = random.nextInt(5) == 0;
                    if (settled) {
                        channel.presettled.add(number);
                    }
                    channel.sent.add(message);
                    byte[] tag = ByteBuffer.allocate(4).putInt(number).array();
                    channel.sender.send(tag, 0, OutgoingMessage.untouched(message), settled, number);
                }
            }
            if (channel.sender.drain() && random.nextBoolean()) {
                channel.sender.drained();
            }
        }

        private void settleOne(Channel channel) {
            if (!channel.unsettled.isEmpty()) {
                int index = random.nextInt(3) == 0 ? random.nextInt(channel.unsettled.size()) : 0;
                IncomingDelivery delivery = channel.unsettled.remove(index);
                DeliveryState state =
                        switch (random.nextInt(6)) {
                            case 0 -> DeliveryState.Released.INSTANCE;
                            case 1 -> new DeliveryState.Rejected(Optional.of(AmqpError.of("x:y", "z")));
                            case 2 -> new DeliveryState.Modified(true, false, Map.of());
                            default -> DeliveryState.Accepted.INSTANCE;
                        };
                channel.said.put(ByteBuffer.wrap(delivery.tag()).getInt(), state);
                delivery.settle(state);
            }
        }

        private void checkInvariants() {
            for (Channel channel : channels.values()) {
                assertThat(channel.unsettled.size()).isBetween(0, channel.maxWindow);
                if (channel.receiver != null) {
                    assertThat(channel.receiver.credit() + channel.unsettled.size())
                            .isBetween(0, channel.maxWindow);
                }
            }
        }

        private void finish() {
            for (int round = 0; round < 1_000 && !(done() && allSettled()); round++) {
                pair.quiesce();
                for (Channel channel : channels.values()) {
                    channel.receiver.window(channel.maxWindow);
                    send(channel);
                    while (!channel.unsettled.isEmpty()) {
                        settleOne(channel);
                    }
                }
            }
            pair.quiesce();
            for (Channel channel : channels.values()) {
                assertThat(channel.arrived).isEqualTo(MESSAGES);
                channel.presettled.forEach(channel.said::remove);
                assertThat(channel.heard).isEqualTo(channel.said);
            }
            assertThat(pair.client.isOpen() && pair.server.isOpen()).isTrue();
            pair.client.close(Optional.empty());
            pair.quiesce();
            assertThat(pair.client.finished() && pair.server.finished()).isTrue();
        }

        private boolean allSettled() {
            return channels.values().stream()
                    .allMatch(channel -> channel.arrived == MESSAGES && channel.unsettled.isEmpty());
        }

        private final class Handler implements ConnectionHandler {
            @Override
            public void onOpen(Connection connection) {
                connection.open(OpenTerms.PLAIN);
                opened |= connection == pair.client;
            }

            @Override
            public void onAttach(SenderLink link) {
                Channel channel = channels.get(link.name());
                channel.sender = link;
                link.accept(LinkTerms.asAsked(link.remote()), new Sending(channel));
            }

            @Override
            public void onAttach(ReceiverLink link) {
                Channel channel = channels.get(link.name());
                channel.receiver = link;
                link.accept(LinkTerms.asAsked(link.remote()), new Receiving(channel));
                link.window(channel.maxWindow);
            }

            @Override
            public void onClosed(Connection connection, Optional<AmqpError> error) {
                assertThat(error).isEmpty();
            }
        }

        private final class Sending implements SenderHandler {
            private final Channel channel;

            Sending(Channel channel) {
                this.channel = channel;
            }

            @Override
            public void onCredit() {
                if (channel.sender != null && channel.sender.drain() && random.nextBoolean()) {
                    channel.sender.drained();
                }
            }

            @Override
            public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {
                DeliveryState former = channel.heard.put((Integer) delivery.context(), state.orElseThrow());
                assertThat(former).isNull();
                if (!settled) {
                    delivery.settle(state.get());
                }
            }

            @Override
            public void onDetached(boolean closed, Optional<AmqpError> error) {
                throw new AssertionError("nobody detaches: " + error);
            }

            @Override
            public void onLost(boolean inOrder) {
                assertThat(allSettled()).isTrue();
            }
        }

        private final class Receiving implements ReceiverHandler {
            private final Channel channel;

            Receiving(Channel channel) {
                this.channel = channel;
            }

            @Override
            public void onDelivery(IncomingDelivery delivery) {
                assertThat(delivery.payload()).isEqualTo(channel.sent.get(channel.arrived));
                assertThat(ByteBuffer.wrap(delivery.tag()).getInt()).isEqualTo(channel.arrived);
                channel.arrived++;
                channel.unsettled.add(delivery);
            }

            @Override
            public void onDetached(boolean closed, Optional<AmqpError> error) {
                throw new AssertionError("nobody detaches: " + error);
            }

            @Override
            public void onLost(boolean inOrder) {
                assertThat(allSettled()).isTrue();
            }
        }
    }
}
