package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Copies of a message are told by an id that counts for one topic, also where several topics come together, and for all
 * subscribers who get what is sent to that topic.
 */
class TopicDeduplicationTest {
    /** More than a publication to several partitions, or a commit, takes. */
    private static final int STEPS = 80;

    /** Where copies are told by the policy of all that is called a.…, and so of the pattern. */
    private static final String ALL = "a.*";

    /** Where the one topic has the policy alone. */
    private static final String ONE = "a.created";

    private static Simulation broker(long seed, String match) {
        return new Simulation(
                seed, "queues.policies=[{match=\"" + match + "\", dedup-window=10 m, dedup-annotation=x-opt-order}]");
    }

    private static Peer publisher(Simulation broker, String topic) {
        Peer peer = broker.connect(0);
        Attach attach = Peer.sender("publisher", 0, topic);
        ((Target) attach.getTarget()).setCapabilities(Symbol.valueOf("topic"));
        peer.say(attach);
        broker.settle();
        return peer;
    }

    private static Peer subscribe(Simulation broker, String address) {
        Peer peer = broker.connectSilently(1);
        peer.open("subscriber to " + address);
        peer.begin();
        Source source = Peer.source(address);
        source.setDurable(TerminusDurability.UNSETTLED_STATE);
        source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        source.setCapabilities(Symbol.valueOf("topic"));
        peer.say(Peer.receiver("subscription", 0, source));
        peer.flow(0, 0, 100, false);
        broker.settle();
        return peer;
    }

    private static byte[] message(int number, String order) {
        Message message = Message.Factory.create();
        message.setDurable(true);
        message.setMessageAnnotations(new MessageAnnotations(Map.of(Symbol.valueOf("x-opt-order"), order)));
        message.setBody(new Data(new Binary(new byte[] {0, 0, 0, (byte) number})));
        byte[] buffer = new byte[1024];
        return Arrays.copyOf(buffer, message.encode(buffer, 0, buffer.length));
    }

    private static void publish(Simulation broker, String topic, int number, String order) {
        Peer peer = publisher(broker, topic);
        peer.transfer(0, 0, message(number, order));
        broker.settle();
        assertThat(peer.accepted()).containsExactly(0);
        peer.close();
        broker.settle();
    }

    private static void take(Simulation broker, int steps) {
        for (int step = 0; step < steps && broker.step(); step++) {}
    }

    @Test
    void shouldTakeTheSameIdOfTwoTopicsForTwoMessagesWhenOneSubscriptionHasBoth() {
        Simulation broker = broker(9, ALL);
        Peer subscriber = subscribe(broker, "a.*");
        publish(broker, "a.created", 1, "4711");
        publish(broker, "a.shipped", 2, "4711");
        publish(broker, "a.created", 3, "4711");

        assertThat(subscriber.numbers()).containsExactly(1, 2);
        subscriber.close();
        broker.settle();
        broker.crashAndRestart();
        publish(broker, "a.shipped", 4, "4711");
        assertThat(subscribe(broker, "a.*").numbers()).containsExactly(1, 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {ALL, ONE})
    void shouldDoSoInTransactionsToo(String match) {
        Simulation broker = broker(9, match);
        Peer subscriber = subscribe(broker, "a.*");
        Peer peer = publisher(broker, "a.created");
        Controller controller = new Controller(broker, peer, 1);
        for (int number = 1; number <= 2; number++) {
            Binary transaction = controller.declare();
            controller.post(transaction, 0, number, message(number, "4711"));
            assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
        }
        publish(broker, "a.shipped", 3, "4711");
        publish(broker, "a.created", 4, "4711");

        assertThat(subscriber.numbers()).containsExactly(1, 3);
    }

    @Test
    void shouldTakeACopyForOneForAllSubscribersWhenOnlyTheTopicTellsCopies() {
        Simulation broker = broker(9, ONE);
        Peer subscriber = subscribe(broker, "a.*");
        publish(broker, "a.created", 1, "4711");
        Peer later = subscribe(broker, "#");
        publish(broker, "a.created", 2, "4711");
        publish(broker, "a.created", 3, "4712");
        assertThat(subscriber.numbers()).containsExactly(1, 3);
        assertThat(later.numbers()).containsExactly(3);

        broker.crashAndRestart();
        publish(broker, "a.created", 4, "4711");
        publish(broker, "a.created", 5, "4712");
        assertThat(subscribe(broker, "a.*").numbers()).containsExactly(1, 3);
    }

    @Test
    void shouldTakeOneWhenATransactionHoldsAMessageAndItsCopy() {
        Simulation broker = broker(9, ONE);
        Peer subscriber = subscribe(broker, "a.*");
        Peer peer = publisher(broker, "a.created");
        Controller controller = new Controller(broker, peer, 1);
        Binary transaction = controller.declare();
        controller.post(transaction, 0, 0, message(1, "4711"));
        controller.post(transaction, 0, 1, message(2, "4711"));
        controller.post(transaction, 0, 2, message(3, "4712"));

        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
        assertThat(subscriber.numbers()).containsExactly(1, 3);
    }

    /** Its sender has heard nothing and sends it again, or has heard that it was accepted. */
    @ParameterizedTest
    @ValueSource(strings = {ALL, ONE})
    void shouldStoreAMessageOnceForEachSubscriberWhenItIsSentAgainAfterACrashAtAnyStep(String match) {
        TreeSet<Integer> found = new TreeSet<>();
        for (int steps = 0; steps < STEPS; steps++) {
            Simulation broker = broker(steps % 3, match);
            subscribe(broker, "a.created").close();
            subscribe(broker, "a.*").close();
            Peer peer = publisher(broker, "a.created");
            peer.transfer(0, 0, message(1, "4711"));
            take(broker, steps);
            boolean accepted = !peer.accepted().isEmpty();
            broker.crashAndRestart();
            publish(broker, "a.created", 2, "4711");

            List<Integer> numbers = subscribe(broker, "a.*").numbers();
            assertThat(numbers).as("after %d steps", steps).hasSize(1);
            if (accepted || match.equals(ONE)) {
                assertThat(subscribe(broker, "a.created").numbers()).isEqualTo(numbers);
            }
            found.addAll(numbers);
        }

        assertThat(found).as("both were tried").containsExactly(1, 2);
    }

    /** Ids of a transaction that was decided before a crash count for the topic that they were sent to. */
    @ParameterizedTest
    @ValueSource(strings = {ALL, ONE})
    void shouldRememberIdsOfATransactionByTopicWhenThePowerGoesAtAnyStep(String match) {
        TreeSet<Integer> found = new TreeSet<>();
        for (int steps = 0; steps < STEPS; steps++) {
            Simulation broker = broker(steps % 3, match);
            subscribe(broker, "a.*").close();
            Peer peer = publisher(broker, "a.created");
            Controller controller = new Controller(broker, peer, 1);
            Binary transaction = controller.declare();
            controller.post(transaction, 0, 0, message(1, "4711"));
            broker.settle();
            controller.discharge(transaction, false);
            take(broker, steps);
            broker.crashAndRestart();
            broker.settle();
            publish(broker, "a.created", 2, "4711");
            publish(broker, "a.shipped", 3, "4711");

            List<Integer> numbers = subscribe(broker, "a.*").numbers();
            assertThat(numbers).as("after %d steps", steps).hasSize(2).endsWith(3);
            found.addAll(numbers);
        }

        assertThat(found).as("both were tried").containsExactly(1, 2, 3);
    }

    @Test
    void shouldAcceptBothAndStoreOneWhenACopyComesWhileTheMessageIsUnderWay() {
        for (int seed = 0; seed < 30; seed++) {
            Simulation broker = broker(seed, ONE);
            Peer here = subscribe(broker, "a.created");
            Peer there = subscribe(broker, "a.*");
            Peer first = publisher(broker, "a.created");
            Peer second = publisher(broker, "a.created");
            first.transfer(0, 0, message(1, "4711"));
            take(broker, seed % 12);
            second.transfer(0, 0, message(2, "4711"));
            broker.settle();

            assertThat(first.accepted()).containsExactly(0);
            assertThat(second.accepted()).containsExactly(0);
            assertThat(there.numbers()).as("seed %d", seed).hasSize(1).isEqualTo(here.numbers());
        }
    }

    @Test
    void shouldStoreOneWhenTwoTransactionsWithCopiesAreCommittedAtATime() {
        TreeSet<Integer> refused = new TreeSet<>();
        for (int seed = 0; seed < 40; seed++) {
            Simulation broker = broker(seed, ONE);
            Peer here = subscribe(broker, "a.created");
            Peer there = subscribe(broker, "a.*");
            Controller[] controllers = new Controller[2];
            Binary[] transactions = new Binary[2];
            int[] discharges = new int[2];
            for (int each = 0; each < 2; each++) {
                controllers[each] = new Controller(broker, publisher(broker, "a.created"), 1);
                transactions[each] = controllers[each].declare();
                controllers[each].post(transactions[each], 0, 0, message(1 + each, "4711"));
            }
            broker.settle();
            for (int each = 0; each < 2; each++) {
                discharges[each] = controllers[each].discharge(transactions[each], false);
                take(broker, seed % 20);
            }
            broker.settle();
            int refusals = 0;
            for (int each = 0; each < 2; each++) {
                DeliveryState answer =
                        controllers[each].answer(discharges[each]).orElseThrow();
                refusals += answer instanceof Rejected ? 1 : 0;
            }

            assertThat(refusals).as("the other may try again").isLessThan(2);
            assertThat(there.numbers()).as("seed %d", seed).hasSize(1).isEqualTo(here.numbers());
            refused.add(refusals);
        }
        assertThat(refused).as("both were tried").containsExactly(0, 1);
    }

    /** Less is to be done for a message when fewer subscribe, which must not make it faster than those before it. */
    @Test
    void shouldKeepTheOrderOfAProducerWhenSubscribersWithWildcardsComeAndGo() {
        for (int seed = 0; seed < 40; seed++) {
            Simulation broker = broker(seed, ONE);
            Peer subscriber = subscribe(broker, "a.created");
            Peer pattern = subscribe(broker, "a.*");
            Peer other = subscribe(broker, "a.#");
            Peer peer = publisher(broker, "a.created");
            for (int number = 0; number < 40; number++) {
                peer.transfer(0, number, message(number, "order " + number));
                take(broker, 1 + seed % 5);
                if (number == 10 + seed % 3) {
                    pattern.detach(0, true);
                }
                if (number == 20 + seed % 7) {
                    other.detach(0, true);
                }
            }
            broker.settle();

            assertThat(subscriber.numbers())
                    .as("seed %d", seed)
                    .isEqualTo(IntStream.range(0, 40).boxed().toList());
            assertThat(peer.accepted()).hasSize(40);
            assertThat(pattern.numbers()).isSorted();
        }
    }
}
