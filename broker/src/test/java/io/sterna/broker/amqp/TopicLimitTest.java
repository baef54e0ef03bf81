package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnknownDescribedType;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What messages to topics may take of the memory and of queues. */
class TopicLimitTest {
    private static final int BODY_BYTES = 10_000;
    private static final String REJECTING = "queues.policies=[{match=\"#\",max-length=3,overflow=reject}]";

    private static Peer publisher(Simulation broker, String address) {
        Peer peer = broker.connect(0);
        Attach attach = Peer.sender("publisher", 0, address);
        ((Target) attach.getTarget()).setCapabilities(Symbol.valueOf("topic"));
        peer.say(attach);
        broker.settle();
        return peer;
    }

    private static Peer subscribe(Simulation broker, int number, String address, int credit) {
        Peer peer = broker.connectSilently(number % 2);
        peer.open("subscriber-" + number);
        peer.begin();
        Source source = Peer.source(address);
        source.setDurable(TerminusDurability.UNSETTLED_STATE);
        source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        source.setCapabilities(Symbol.valueOf("topic"));
        peer.say(Peer.receiver("subscription", 0, source));
        peer.flow(0, 0, credit, false);
        broker.settle();
        return peer;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCountAPayloadOnceWhenManySubscriptionsHoldIt(boolean durable) {
        Simulation broker = new Simulation(5);
        Peer[] subscribers = new Peer[20];
        for (int number = 0; number < subscribers.length; number++) {
            subscribers[number] = subscribe(broker, number, "t", 10);
        }
        byte[] message = TestMessages.message(1, durable, "", BODY_BYTES);
        Peer publisher = publisher(broker, "t");
        publisher.transfer(0, 0, message);
        broker.settle();
        assertThat(broker.partitions().totals().residentBytes()).isEqualTo(message.length);
        for (Peer each : subscribers) {
            assertThat(broker.partitions().totals().residentBytes()).isEqualTo(message.length);
            assertThat(each.numbers()).containsExactly(1);
            each.dispose(0, 0, true, Accepted.getInstance());
            broker.settle();
        }

        assertThat(broker.partitions().totals().residentBytes()).isZero();
    }

    /** What is shared is free when all have let it go; each then reads its own. */
    @Test
    void shouldStayWithinTheMemoryWhenSubscriptionsHoldMoreThanThereIsRoomFor() {
        long memoryBytes = 5 * BODY_BYTES;
        Simulation broker = new Simulation(6, memoryBytes);
        Peer[] subscribers = new Peer[4];
        for (int number = 0; number < subscribers.length; number++) {
            subscribers[number] = subscribe(broker, number, "t", 0);
        }
        Peer publisher = publisher(broker, "t");
        for (int number = 0; number < 20; number++) {
            publisher.transfer(0, number, TestMessages.message(number, true, "", BODY_BYTES));
            broker.settle();
            assertThat(broker.partitions().totals().residentBytes()).isBetween(1L, memoryBytes);
        }
        for (Peer each : subscribers) {
            for (int number = 0; number < 20; number++) {
                each.flow(0, number, 1, false);
                broker.settle();
                each.dispose(number, number, true, Accepted.getInstance());
                broker.settle();
                assertThat(broker.partitions().totals().residentBytes()).isLessThanOrEqualTo(memoryBytes);
            }
            assertThat(each.numbers()).hasSize(20).isSorted();
        }

        assertThat(broker.partitions().totals().residentBytes()).isZero();
        assertThat(broker.partitions().totals().messages()).isZero();
    }

    @Test
    void shouldRejectForAllWhenASubscriptionWithAWildcardIsFull() {
        for (int seed = 0; seed < 20; seed++) {
            Simulation broker = new Simulation(seed, REJECTING);
            Peer subscriber = subscribe(broker, 0, "a.*", 0);
            Peer other = subscribe(broker, 1, "a.b", 100);
            Peer publisher = publisher(broker, "a.b");
            for (int number = 0; number < 8; number++) {
                publisher.transfer(0, number, TestMessages.durable(number));
            }
            broker.settle();
            assertThat(publisher.accepted()).containsExactly(0, 1, 2);
            Rejected last =
                    (Rejected) Controller.answer(publisher, 7).orElseThrow().getState();
            assertThat(last.getError().getCondition().toString()).isEqualTo("amqp:resource-limit-exceeded");
            assertThat(other.numbers()).containsExactly(0, 1, 2);

            subscriber.flow(0, 0, 10, false);
            broker.settle();
            subscriber.dispose(0, 2, true, Accepted.getInstance());
            other.dispose(0, 2, true, Accepted.getInstance());
            broker.settle();
            publisher.transfer(0, 8, TestMessages.durable(8));
            broker.settle();
            assertThat(subscriber.numbers()).containsExactly(0, 1, 2, 8);
            assertThat(other.numbers()).containsExactly(0, 1, 2, 8);
        }
    }

    /** Each of them asks whether there is room before any is there. */
    @Test
    void shouldKeepTheLimitWhenTransactionsAreCommittedAtATime() {
        for (int seed = 0; seed < 20; seed++) {
            Simulation broker = new Simulation(seed, REJECTING);
            Peer subscriber = subscribe(broker, 0, "a.*", 100);
            Controller[] controllers = new Controller[6];
            Binary[] transactions = new Binary[controllers.length];
            int[] discharges = new int[controllers.length];
            for (int each = 0; each < controllers.length; each++) {
                controllers[each] = new Controller(broker, publisher(broker, "a.b"), 1);
                transactions[each] = controllers[each].declare();
                controllers[each].post(transactions[each], 0, 0, TestMessages.durable(each));
            }
            for (int each = 0; each < controllers.length; each++) {
                discharges[each] = controllers[each].discharge(transactions[each], false);
            }
            broker.settle();
            int committed = 0;
            for (int each = 0; each < controllers.length; each++) {
                committed += controllers[each].answer(discharges[each]).orElseThrow() instanceof Accepted ? 1 : 0;
            }
            assertThat(committed).isEqualTo(3);
            assertThat(subscriber.numbers()).hasSize(3);
        }
    }

    /** What goes to several partitions at once waits for room in each of them, as it does elsewhere. */
    @Test
    void shouldStopProducersWhenASubscriptionWithAWildcardIsFullAndBlocks() {
        Simulation broker = new Simulation(
                7, "queues.policies=[{match=\"a.b\",dedup-window=1 m},{match=\"#\",max-length=3,overflow=block}]");
        Peer subscriber = subscribe(broker, 0, "a.*", 0);
        Peer publisher = publisher(broker, "a.b");
        int sent = 0;
        for (; sent < limit(publisher) && sent < 5_000; sent++) {
            publisher.transfer(0, sent, TestMessages.durable(sent));
            broker.settle();
        }
        assertThat(sent).as("no more credit than it had").isLessThan(5_000);
        assertThat(publisher.accepted()).hasSize(sent);
        subscriber.flow(0, 0, sent, false);
        broker.settle();
        subscriber.dispose(0, sent - 1, true, Accepted.getInstance());
        broker.settle();

        assertThat(limit(publisher)).isGreaterThan(sent);
    }

    /** A subscription that is full is no reason to refuse what it does not take. */
    @Test
    void shouldCommitWhenTheFullSubscriptionDoesNotTakeTheMessage() {
        Simulation broker = new Simulation(8, "queues.policies=[{match=\"#\",max-length=1,overflow=reject}]");
        Peer picky = broker.connect(0);
        Source source = Peer.source("t");
        source.setCapabilities(Symbol.valueOf("topic"));
        source.setFilter(Map.of(
                Symbol.valueOf("selector"),
                new UnknownDescribedType(Symbol.valueOf("apache.org:selector-filter:string"), "JMSPriority = 9")));
        picky.say(Peer.receiver("picky", 0, source));
        broker.settle();
        Peer other = subscribe(broker, 1, "t", 10);
        Peer publisher = publisher(broker, "t");
        publisher.transfer(0, 0, TestMessages.prioritized(0, 9));
        broker.settle();
        other.dispose(0, 0, true, Accepted.getInstance());
        broker.settle();

        Controller controller = new Controller(broker, publisher, 1);
        Binary transaction = controller.declare();
        controller.post(transaction, 0, 1, TestMessages.durable(1));
        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
        assertThat(other.numbers()).containsExactly(0, 1);
        transaction = controller.declare();
        controller.post(transaction, 0, 2, TestMessages.prioritized(2, 9));
        assertThat(controller.commit(transaction)).isInstanceOf(Rejected.class);
    }

    private static int limit(Peer publisher) {
        return publisher.heard(Flow.class).stream()
                .filter(flow -> flow.getHandle() != null)
                .reduce((earlier, later) -> later)
                .map(flow -> flow.getDeliveryCount().intValue()
                        + flow.getLinkCredit().intValue())
                .orElseThrow();
    }
}
