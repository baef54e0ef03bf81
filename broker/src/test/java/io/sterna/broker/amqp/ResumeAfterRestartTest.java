package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.partition.Lookup;
import io.sterna.broker.partition.Partition;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnknownDescribedType;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Links whose termini outlive the broker's process: AMQP 1.0 §2.6.13, §3.5.5, §3.5.6. */
class ResumeAfterRestartTest {
    private final Simulation broker = new Simulation(11);
    private String address = broker.addressOn(0, "q");

    // ---- What the peers say

    private Peer client(String containerId) {
        Peer client = broker.connectSilently(1);
        client.open(containerId);
        client.begin();
        return client;
    }

    private Attach sender(TerminusDurability durability) {
        Attach attach = Peer.sender("link", 0, address);
        Target target = (Target) attach.getTarget();
        target.setDurable(durability);
        target.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
        return attach;
    }

    private Attach sender() {
        return sender(TerminusDurability.UNSETTLED_STATE);
    }

    private Attach receiver(TerminusDurability durability) {
        Source source = Peer.source(address);
        source.setDurable(durability);
        source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        Attach attach = Peer.receiver("link", 0, source);
        attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
        return attach;
    }

    private Attach receiver() {
        return receiver(TerminusDurability.UNSETTLED_STATE);
    }

    private static Attach resuming(Attach attach, Map<Binary, DeliveryState> unsettled) {
        attach.setUnsettled(unsettled);
        return attach;
    }

    private static Map<Binary, DeliveryState> unsettled(Binary tag, DeliveryState state) {
        Map<Binary, DeliveryState> map = new HashMap<>();
        map.put(tag, state);
        return map;
    }

    private void restart() {
        broker.crashAndRestart();
        broker.settle();
    }

    private Peer attach(Attach attach) {
        Peer peer = client("container");
        peer.say(attach);
        broker.settle();
        return peer;
    }

    private Peer consume(Attach attach, int credit) {
        Peer peer = client("container");
        peer.say(attach);
        peer.flow(0, 0, credit, false);
        broker.settle();
        return peer;
    }

    private static Binary tagOf(int tag) {
        return new Binary(ByteBuffer.allocate(Integer.BYTES).putInt(tag).array());
    }

    private static Transfer transfer(int deliveryId, int tag, boolean resume) {
        Transfer transfer = Peer.transfer(0, deliveryId, false);
        transfer.setDeliveryTag(tagOf(tag));
        transfer.setResume(resume);
        return transfer;
    }

    private static Disposition settlement(int deliveryId) {
        Disposition settle = new Disposition();
        settle.setRole(Role.SENDER);
        settle.setFirst(UnsignedInteger.valueOf(deliveryId));
        settle.setSettled(true);
        settle.setState(Accepted.getInstance());
        return settle;
    }

    private void publish(int from, int to) {
        Peer producer = client("publisher");
        producer.send(address, 0);
        broker.settle();
        IntStream.rangeClosed(from, to).forEach(number -> producer.transfer(0, number, TestMessages.durable(number)));
        broker.settle();
    }

    private static Map<Object, Object> said(Peer peer) {
        Map<?, ?> map = peer.last(Attach.class).getUnsettled();
        return map == null ? null : new HashMap<>(map);
    }

    private static Binary tag(Peer consumer, int index) {
        return consumer.heard(Transfer.class).get(index).getDeliveryTag();
    }

    private List<Integer> inTheQueue() {
        return inTheQueue(address);
    }

    private List<Integer> inTheQueue(String queue) {
        Peer other = client("other");
        other.say(Peer.receiver("other", 0, Peer.source(queue)));
        other.flow(0, 0, 1000, false);
        broker.settle();
        List<Integer> numbers = other.numbers();
        other.detach(0, true);
        other.close();
        broker.settle();
        return numbers;
    }

    private int values() {
        return broker.store().values();
    }

    // ---- The broker receives

    // §2.6.13: "exactly once": the outcome was lost with the process, and the sender asks again
    @Test
    void shouldTellTheOutcomeAgainWhenTheBrokerWasKilled() {
        Peer sending = attach(sender());
        sending.say(transfer(0, 5, false), TestMessages.durable(1));
        broker.settle();
        restart();

        Peer again = attach(resuming(sender(), unsettled(tagOf(5), null)));
        assertThat(said(again)).containsOnlyKeys(tagOf(5));
        assertThat(said(again).get(tagOf(5))).isInstanceOf(Accepted.class);

        again.say(transfer(0, 5, true), TestMessages.durable(1));
        broker.settle();
        assertThat(again.last(Disposition.class).getState()).isInstanceOf(Accepted.class);
        again.say(settlement(0));
        broker.settle();
        assertThat(inTheQueue()).containsExactly(1);
        restart();

        assertThat(said(attach(resuming(sender(), Map.of())))).isEmpty();
        assertThat(inTheQueue()).containsExactly(1);
    }

    // The tag and the message are one record: after any crash there are both, or neither
    @Test
    void shouldKnowTheTagExactlyWhenTheMessageIsThere() {
        for (int steps = 0; steps < 60; steps++) {
            address = broker.addressOn(0, "crash-" + steps + "-");
            Peer sending = attach(sender());
            sending.say(transfer(0, 5, false), TestMessages.durable(1));
            for (int step = 0; step < steps; step++) {
                broker.step();
            }
            restart();

            Peer again = attach(resuming(sender(), unsettled(tagOf(5), null)));
            boolean known = said(again).containsKey(tagOf(5));
            assertThat(inTheQueue()).as("after %d steps", steps).hasSize(known ? 1 : 0);
            again.detach(0, true);
            broker.settle();
        }
    }

    @Test
    void shouldKeepNothingWhenTheSenderHasSettled() {
        Peer sending = attach(sender());
        sending.say(transfer(0, 5, false), TestMessages.durable(1));
        broker.settle();
        int before = values();
        sending.say(settlement(0));
        broker.settle();

        assertThat(values()).isEqualTo(before - 1);
        restart();
        assertThat(said(attach(resuming(sender(), unsettled(tagOf(5), Accepted.getInstance())))))
                .isEmpty();
    }

    @Test
    void shouldForgetWhatTheSenderDoesNotHoldWhenItResumes() {
        Peer sending = attach(sender());
        sending.say(transfer(0, 5, false), TestMessages.durable(1));
        sending.say(transfer(1, 6, false), TestMessages.durable(2));
        broker.settle();
        restart();
        int before = values();

        Peer again = attach(resuming(sender(), unsettled(tagOf(6), null)));

        assertThat(said(again)).containsOnlyKeys(tagOf(6));
        broker.settle();
        assertThat(values()).isEqualTo(before - 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldLeaveNothingInTheStoreWhenTheLinkIsClosed(boolean afterRestart) {
        Peer sending = attach(sender());
        sending.say(transfer(0, 5, false), TestMessages.durable(1));
        broker.settle();
        if (afterRestart) {
            restart();
            sending = attach(resuming(sender(), unsettled(tagOf(5), null)));
        }
        sending.detach(0, true);
        broker.settle();

        assertThat(values()).isZero();
        restart();
        assertThat(said(attach(resuming(sender(), unsettled(tagOf(5), null))))).isNull();
    }

    // §3.5.6: the timer of a terminus runs when its connection is gone, as it is with the process
    @Test
    void shouldForgetTheLinkWhenItExpiresAfterTheRestart() {
        Attach expiring = sender();
        ((Target) expiring.getTarget()).setExpiryPolicy(TerminusExpiryPolicy.SESSION_END);
        ((Target) expiring.getTarget()).setTimeout(UnsignedInteger.valueOf(60));
        Peer sending = attach(expiring);
        sending.say(transfer(0, 5, false), TestMessages.durable(1));
        broker.settle();
        restart();
        broker.pass(59_000);
        assertThat(values()).isEqualTo(2);
        broker.pass(2_000);

        assertThat(values()).isZero();
        assertThat(said(attach(resuming(sender(), unsettled(tagOf(5), null))))).isNull();
    }

    @Test
    void shouldForgetTheLinkAfterTheLongestTimeEvenWhenItNeverExpires() {
        attach(sender());
        restart();
        broker.pass(23 * 3_600_000L);
        assertThat(values()).isEqualTo(1);
        broker.pass(2 * 3_600_000L);

        assertThat(values()).isZero();
    }

    @Test
    void shouldRecoverTheTargetWhenTheSenderNamesNone() {
        attach(sender(TerminusDurability.CONFIGURATION));
        restart();
        Attach recovering = resuming(sender(), Map.of());
        recovering.setTarget(null);

        Target target = (Target) attach(recovering).last(Attach.class).getTarget();

        assertThat(target.getAddress()).isEqualTo(address);
        assertThat(target.getDurable()).isEqualTo(TerminusDurability.CONFIGURATION);
    }

    // §3.5.3: the answer says what is really kept
    @ParameterizedTest
    @CsvSource({
        "UNSETTLED_STATE, SECOND, NEVER, 0, UNSETTLED_STATE",
        "UNSETTLED_STATE, FIRST, NEVER, 0, CONFIGURATION",
        "CONFIGURATION, SECOND, NEVER, 0, CONFIGURATION",
        "NONE, SECOND, NEVER, 0, NONE",
        "UNSETTLED_STATE, SECOND, CONNECTION_CLOSE, 0, NONE",
        "UNSETTLED_STATE, SECOND, LINK_DETACH, 10, UNSETTLED_STATE"
    })
    void shouldSayWhatIsKeptOfATarget(
            TerminusDurability asked,
            ReceiverSettleMode mode,
            TerminusExpiryPolicy policy,
            int timeoutSeconds,
            TerminusDurability granted) {
        Attach attach = sender(asked);
        attach.setRcvSettleMode(mode);
        ((Target) attach.getTarget()).setExpiryPolicy(policy);
        ((Target) attach.getTarget()).setTimeout(UnsignedInteger.valueOf(timeoutSeconds));

        Target answer = (Target) attach(attach).last(Attach.class).getTarget();

        assertThat(answer.getDurable()).isEqualTo(granted);
        assertThat(values()).isEqualTo(granted == TerminusDurability.NONE ? 0 : 1);
    }

    @Test
    void shouldKeepNothingOfATargetWithoutAnAddress() {
        address = "";
        assertThat(((Target) attach(sender()).last(Attach.class).getTarget()).getDurable())
                .isEqualTo(TerminusDurability.NONE);
    }

    // A topic, with a subscription of its own and one with a wildcard in another partition
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKnowTheTagExactlyWhenAllSubscriptionsHaveTheMessage(boolean wildcards) {
        for (int steps = 0; steps < 80; steps += 2) {
            String topic = "t" + steps + ".a";
            Peer subscriber = client("subscriber");
            subscriber.say(subscription("plain" + steps, 0, topic));
            if (wildcards) {
                subscriber.say(subscription("wild" + steps, 1, "t" + steps + ".*"));
            }
            broker.settle();
            subscriber.close();
            broker.settle();
            Peer sending = client("container");
            sending.say(toTopic(topic));
            broker.settle();
            sending.say(transfer(0, 5, false), TestMessages.durable(1));
            for (int step = 0; step < steps; step++) {
                broker.step();
            }
            restart();
            broker.settle();

            Peer again = client("container");
            again.say(resuming(toTopic(topic), unsettled(tagOf(5), null)));
            broker.settle();
            int count = said(again).containsKey(tagOf(5)) ? 1 : 0;
            assertThat(received("plain" + steps, topic))
                    .as("after %d steps", steps)
                    .hasSize(count);
            if (wildcards) {
                assertThat(received("wild" + steps, "t" + steps + ".*")).hasSize(count);
            }
            again.detach(0, true);
            broker.settle();
        }
    }

    private static Attach subscription(String name, int handle, String topic) {
        Source source = Peer.source(topic);
        source.setDurable(TerminusDurability.UNSETTLED_STATE);
        source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        source.setCapabilities(Symbol.valueOf("topic"));
        return Peer.receiver(name, handle, source);
    }

    private Attach toTopic(String topic) {
        Attach attach = sender();
        ((Target) attach.getTarget()).setAddress(topic);
        ((Target) attach.getTarget()).setCapabilities(Symbol.valueOf("topic"));
        return attach;
    }

    private List<Integer> received(String name, String topic) {
        Peer subscriber = client("subscriber");
        subscriber.say(subscription(name, 0, topic));
        subscriber.flow(0, 0, 10, false);
        broker.settle();
        List<Integer> numbers = subscriber.numbers();
        subscriber.close();
        broker.settle();
        return numbers;
    }

    // ---- The broker sends

    @Test
    void shouldLeaveADeliveryToItsReceiverWhenItIsNotTheFirstOfItsMessage() {
        publish(1, 1);
        Peer first = consume(receiver(), 2);
        first.dispose(0, 0, true, Released.getInstance());
        broker.settle();
        assertThat(first.numbers()).containsExactly(1, 1);
        Binary tag = tag(first, 1);
        restart();
        assertThat(inTheQueue()).isEmpty();

        Peer again = consume(resuming(receiver(), unsettled(tag, null)), 1);
        assertThat(again.last(Transfer.class).getResume()).isTrue();
    }

    @Test
    void shouldLeaveADeliveryToItsReceiverWhenTheBrokerWasKilled() {
        publish(1, 3);
        Binary tag = tag(consume(receiver(), 1), 0);
        restart();
        assertThat(inTheQueue()).containsExactly(2, 3);

        Peer again = consume(resuming(receiver(), unsettled(tag, null)), 1);

        assertThat(said(again)).containsOnlyKeys(tag);
        Transfer transfer = again.last(Transfer.class);
        assertThat(transfer.getResume()).isTrue();
        assertThat(transfer.getDeliveryTag()).isEqualTo(tag);
        assertThat(again.numbers()).containsExactly(1);
        again.dispose(0, 0, false, Accepted.getInstance());
        broker.settle();
        assertThat(again.last(Disposition.class).getSettled()).isTrue();
        restart();
        assertThat(inTheQueue()).containsExactly(2, 3);
        assertThat(values()).isEqualTo(1);
    }

    @Test
    void shouldApplyTheOutcomeOfTheReceiverWhenItWasLostWithTheBroker() {
        publish(1, 3);
        Peer consumer = consume(receiver(), 3);
        Map<Binary, DeliveryState> states = new HashMap<>();
        states.put(tag(consumer, 0), Accepted.getInstance());
        states.put(tag(consumer, 1), Released.getInstance());
        states.put(tag(consumer, 2), new Rejected());
        restart();

        Peer again = consume(resuming(receiver(), states), 3);

        assertThat(again.heard(Transfer.class)).hasSize(3).allMatch(Transfer::getResume);
        broker.settle();
        again.detach(0, true);
        broker.settle();
        assertThat(inTheQueue()).containsExactly(2);
        assertThat(inTheQueue(address + "/$deadletterqueue")).containsExactly(3);
        assertThat(values()).isZero();
    }

    @Test
    void shouldGiveBackWhatTheReceiverDoesNotHoldWhenItResumesAfterARestart() {
        publish(1, 2);
        Binary first = tag(consume(receiver(), 2), 0);
        restart();

        Peer again = consume(resuming(receiver(), unsettled(first, null)), 1);

        assertThat(again.numbers()).containsExactly(1);
        assertThat(inTheQueue()).containsExactly(2);
    }

    // What the receiver has settled is durable before it hears of it, and what it has accepted is not delivered again
    @Test
    void shouldSettleTheDeliveryOnceWhateverTheMomentOfTheCrash() {
        for (int steps = 0; steps < 60; steps++) {
            address = broker.addressOn(0, "crash-" + steps + "-");
            publish(1, 1);
            Peer consumer = consume(receiver(), 1);
            Binary tag = tag(consumer, 0);
            consumer.dispose(0, 0, false, Accepted.getInstance());
            for (int step = 0; step < steps; step++) {
                broker.step();
            }
            restart();
            assertThat(inTheQueue()).as("after %d steps", steps).isEmpty();

            Peer again = consume(resuming(receiver(), unsettled(tag, Accepted.getInstance())), 1);

            assertThat(again.heard(Transfer.class)).allMatch(Transfer::getResume);
            again.detach(0, true);
            broker.settle();
            assertThat(inTheQueue()).as("after %d steps", steps).isEmpty();
            assertThat(values()).isZero();
        }
    }

    // Nothing goes out that would be another's after a crash
    @Test
    void shouldHoldWhatHasGoneOutWhateverTheMomentOfTheCrash() {
        for (int steps = 0; steps < 60; steps++) {
            address = broker.addressOn(0, "crash-" + steps + "-");
            publish(1, 1);
            Peer consumer = client("container");
            consumer.say(receiver());
            consumer.flow(0, 0, 1, false);
            for (int step = 0; step < steps; step++) {
                broker.step();
            }
            boolean delivered = !consumer.heard(Transfer.class).isEmpty();
            restart();

            if (delivered) {
                assertThat(inTheQueue()).as("after %d steps", steps).isEmpty();
            }
            Peer again = consume(resuming(receiver(), Map.of()), 1);
            assertThat(again.numbers()).containsExactly(1);
            again.detach(0, true);
            broker.settle();
        }
    }

    @Test
    void shouldReadTheMessagesBackWhenManyAreHeldAmongOthers() {
        publish(1, 1500);
        Peer consumer = consume(receiver(), 1000);
        Map<Binary, DeliveryState> states = new HashMap<>();
        for (int index = 0; index < 1000; index += 100) {
            states.put(tag(consumer, index), null);
        }
        restart();

        Peer again = consume(resuming(receiver(), states), 10);

        List<Integer> expected =
                IntStream.range(0, 10).mapToObj(index -> 100 * index + 1).toList();
        assertThat(again.numbers()).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(inTheQueue()).hasSize(1000).doesNotContainAnyElementsOf(expected);
    }

    @Test
    void shouldReleaseWhatALinkHoldsWhenItExpiresAfterTheRestart() {
        publish(1, 1);
        Attach expiring = receiver();
        ((Source) expiring.getSource()).setExpiryPolicy(TerminusExpiryPolicy.LINK_DETACH);
        ((Source) expiring.getSource()).setTimeout(UnsignedInteger.valueOf(60));
        consume(expiring, 1);
        restart();
        broker.pass(59_000);
        assertThat(inTheQueue()).isEmpty();
        broker.pass(2_000);

        assertThat(inTheQueue()).containsExactly(1);
        assertThat(values()).isZero();
    }

    @Test
    void shouldGiveTheMessagesToOthersAfterARestartWhenOnlyTheConfigurationIsKept() {
        publish(1, 1);
        consume(receiver(TerminusDurability.CONFIGURATION), 1);
        restart();
        assertThat(inTheQueue()).containsExactly(1);
        Attach recovering = resuming(receiver(), Map.of());
        recovering.setSource(null);

        Peer again = consume(recovering, 1);

        assertThat(((Source) again.last(Attach.class).getSource()).getAddress()).isEqualTo(address);
        assertThat(again.numbers()).containsExactly(1);
    }

    @Test
    void shouldGoOnWithTheSelectorOfTheLinkAfterARestart() {
        Attach choosing = receiver();
        Map<Symbol, Object> filter = new HashMap<>();
        filter.put(
                Symbol.valueOf("selector"),
                new UnknownDescribedType(Symbol.valueOf("apache.org:selector-filter:string"), "FALSE"));
        ((Source) choosing.getSource()).setFilter(filter);
        consume(choosing, 1);
        restart();
        publish(1, 1);
        Attach recovering = resuming(receiver(), Map.of());
        recovering.setSource(null);

        Peer again = consume(recovering, 1);

        assertThat(((Source) again.last(Attach.class).getSource()).getFilter().size())
                .isEqualTo(1);
        assertThat(again.heard(Transfer.class)).isEmpty();
        assertThat(inTheQueue()).containsExactly(1);
    }

    @Test
    void shouldHoldTheMessagesOfASubscriptionWhenItsSubscriberResumesLinks() {
        String topic = "news";
        Attach subscribing = subscription("sub", 0, topic);
        subscribing.setRcvSettleMode(ReceiverSettleMode.SECOND);
        Peer subscriber = attach(subscribing);
        Peer producer = client("publisher");
        producer.say(toTopic(topic));
        subscriber.flow(0, 0, 1, false);
        broker.settle();
        producer.transfer(0, 0, TestMessages.durable(1));
        producer.transfer(0, 1, TestMessages.durable(2));
        broker.settle();
        Binary tag = tag(subscriber, 0);
        restart();

        Attach again = subscription("sub", 0, topic);
        again.setRcvSettleMode(ReceiverSettleMode.SECOND);
        Peer resumed = consume(resuming(again, unsettled(tag, Accepted.getInstance())), 2);

        assertThat(said(resumed)).containsOnlyKeys(tag);
        assertThat(resumed.heard(Transfer.class).get(0).getState()).isInstanceOf(Accepted.class);
        assertThat(TestMessages.number(resumed.messages().get(1))).isEqualTo(2);
    }

    // A JMS client comes back to its subscription holding nothing
    @Test
    void shouldKeepTheSubscriptionAloneWhenItsSubscriberDoesNotResumeLinks() {
        Peer subscriber = attach(subscription("sub", 0, "news"));

        assertThat(((Source) subscriber.last(Attach.class).getSource()).getDurable())
                .isEqualTo(TerminusDurability.CONFIGURATION);
        assertThat(values()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "UNSETTLED_STATE, NEVER, 0, UNSETTLED_STATE",
        "CONFIGURATION, NEVER, 0, CONFIGURATION",
        "UNSETTLED_STATE, SESSION_END, 0, NONE",
        "UNSETTLED_STATE, SESSION_END, 10, UNSETTLED_STATE"
    })
    void shouldSayWhatIsKeptOfASource(
            TerminusDurability asked, TerminusExpiryPolicy policy, int timeoutSeconds, TerminusDurability granted) {
        Attach attach = receiver(asked);
        ((Source) attach.getSource()).setExpiryPolicy(policy);
        ((Source) attach.getSource()).setTimeout(UnsignedInteger.valueOf(timeoutSeconds));

        assertThat(((Source) attach(attach).last(Attach.class).getSource()).getDurable())
                .isEqualTo(granted);
        assertThat(values()).isEqualTo(granted == TerminusDurability.NONE ? 0 : 1);
    }

    @Test
    void shouldKeepNothingOfABrowsersSource() {
        Attach browsing = receiver();
        ((Source) browsing.getSource()).setDistributionMode(Symbol.valueOf("copy"));

        assertThat(((Source) attach(browsing).last(Attach.class).getSource()).getDurable())
                .isEqualTo(TerminusDurability.NONE);
    }

    // §2.6.4: a link that its name was given to in another place has come to its end
    @Test
    void shouldForgetTheLinkWhenItIsAttachedElsewhere() {
        publish(1, 1);
        consume(receiver(), 1);
        restart();
        String before = address;
        address = broker.addressOn(1, "elsewhere");

        Peer again = attach(resuming(receiver(), Map.of()));

        assertThat(again.heard(Detach.class)).isEmpty();
        assertThat(inTheQueue(before)).containsExactly(1);
        assertThat(values()).isEqualTo(1);
    }

    @Test
    void shouldStartAgainWhenTheQueueOfAKeptLinkWasDeleted() {
        publish(1, 1);
        consume(receiver(), 1);
        attach(sender());
        Partition partition = broker.partitions().of(address);
        partition.loop().post(() -> {
            if (partition.find(address, any -> Optional.empty()) instanceof Lookup.Found found) {
                partition.delete(found.node(), () -> {});
            }
        });
        broker.settle();
        assertThat(values()).isZero();
        restart();

        assertThat(inTheQueue()).isEmpty();
    }
}
