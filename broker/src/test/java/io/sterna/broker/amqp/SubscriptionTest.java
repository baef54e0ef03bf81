package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnknownDescribedType;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Topics and subscriptions as their links say it (AMQP 1.0 §2.6, §3.5). */
class SubscriptionTest {
    private final Simulation broker = new Simulation(11);

    private static Source topic(String address, String... capabilities) {
        Source source = Peer.source(address);
        Symbol[] all = new Symbol[capabilities.length + 1];
        all[0] = Symbol.valueOf("topic");
        for (int index = 0; index < capabilities.length; index++) {
            all[index + 1] = Symbol.valueOf(capabilities[index]);
        }
        source.setCapabilities(all);
        return source;
    }

    private static Source lasting(String address, String... capabilities) {
        Source source = topic(address, capabilities);
        source.setDurable(TerminusDurability.UNSETTLED_STATE);
        source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        return source;
    }

    private Peer connectAs(String containerId, int loop) {
        Peer peer = broker.connectSilently(loop);
        peer.open(containerId);
        peer.begin();
        return peer;
    }

    private Peer publisher(int handle, String address) {
        Peer peer = broker.connect(0);
        Attach attach = Peer.sender("publisher", handle, address);
        ((Target) attach.getTarget()).setCapabilities(Symbol.valueOf("topic"));
        peer.say(attach);
        broker.settle();
        return peer;
    }

    private static void unsubscribe(Peer peer, String name, int handle, String... desired) {
        Attach attach = Peer.receiver(name, handle, null);
        Symbol[] capabilities = new Symbol[desired.length];
        for (int index = 0; index < desired.length; index++) {
            capabilities[index] = Symbol.valueOf(desired[index]);
        }
        attach.setDesiredCapabilities(capabilities);
        peer.say(attach);
    }

    private static String condition(Detach detach) {
        return detach.getError().getCondition().toString();
    }

    /** §3.5.3: the answer says what the source is. */
    @Test
    void shouldAnswerWithWhatIsInForceWhenSomebodySubscribes() {
        Peer peer = connectAs("client", 0);
        Source source = lasting("t");
        source.setFilter(Map.of(
                Symbol.valueOf("no-local"),
                new UnknownDescribedType(Symbol.valueOf("apache.org:no-local-filter:list"), List.of()),
                Symbol.valueOf("selector"),
                new UnknownDescribedType(Symbol.valueOf("apache.org:selector-filter:string"), "n = 1"),
                Symbol.valueOf("other"),
                new UnknownDescribedType(Symbol.valueOf("example.org:other"), "x")));
        peer.say(Peer.receiver("orders", 0, source));
        broker.settle();

        Source granted = (Source) peer.last(Attach.class).getSource();
        assertThat(granted.getAddress()).isEqualTo("t");
        assertThat(granted.getCapabilities()).containsExactly(Symbol.valueOf("topic"));
        assertThat(granted.getDistributionMode().toString()).isEqualTo("copy");
        // What lasts is the subscription: nothing that is unsettled, for a client that does not resume links.
        assertThat(granted.getDurable()).isEqualTo(TerminusDurability.CONFIGURATION);
        assertThat(granted.getExpiryPolicy()).isEqualTo(TerminusExpiryPolicy.NEVER);
        Set<?> filters = granted.getFilter().keySet();
        assertThat(filters).isEqualTo(Set.of(Symbol.valueOf("no-local"), Symbol.valueOf("selector")));
    }

    /** §3.5.3: what lasts does so until it is deleted, whatever other time was asked for; the answer says so. */
    @ParameterizedTest
    @ValueSource(strings = {"link-detach", "session-end", "connection-close", "never"})
    void shouldAnswerThatADurableSubscriptionNeverExpires(String policy) {
        Peer peer = connectAs("client", 0);
        Source source = lasting("t");
        source.setExpiryPolicy(TerminusExpiryPolicy.valueOf(Symbol.valueOf(policy)));
        source.setTimeout(UnsignedInteger.valueOf(5));
        peer.say(Peer.receiver("orders", 0, source));
        broker.settle();
        Source granted = (Source) peer.last(Attach.class).getSource();
        assertThat(granted.getExpiryPolicy()).isEqualTo(TerminusExpiryPolicy.NEVER);
        assertThat(granted.getTimeout()).isEqualTo(UnsignedInteger.ZERO);
        peer.close();
        broker.settle();
        broker.pass(60_000);
        publisher(0, "t").transfer(0, 0, TestMessages.durable(1));
        broker.settle();

        assertThat(broker.partitions().totals().messages()).isEqualTo(1);
    }

    /**
     * §2.7.6: what a receiver says of a link that is only detached holds as long as it has not heard that the sender has
     * settled.
     */
    @Test
    void shouldSayThatNothingIsUnsettledWhenADurableSubscriberThatDoesNotResumeDetaches() {
        Peer peer = connectAs("client", 0);
        peer.say(Peer.receiver("orders", 0, lasting("t")));
        peer.flow(0, 0, 5, false);
        broker.settle();
        Peer publisher = publisher(0, "t");
        IntStream.range(0, 3).forEach(n -> publisher.transfer(0, n, TestMessages.durable(n)));
        broker.settle();
        peer.dispose(1, 1, true, Accepted.getInstance());
        peer.detach(0, false);
        broker.settle();

        List<Disposition> told = peer.heard(Disposition.class);
        assertThat(told).extracting(each -> each.getFirst().intValue()).containsExactlyInAnyOrder(0, 2);
        assertThat(told).allSatisfy(each -> {
            assertThat(each.getRole()).isEqualTo(Role.SENDER);
            assertThat(each.getSettled()).isTrue();
            assertThat(each.getState()).isInstanceOf(Released.class);
        });
        peer.say(Peer.receiver("orders", 0, lasting("t")));
        peer.flow(0, 0, 5, false);
        broker.settle();
        assertThat(peer.numbers()).containsExactly(0, 1, 2, 0, 2);
    }

    /** §3.5.6: of a subscription that goes with its subscriber, the terminus decides when that is. */
    @ParameterizedTest
    @CsvSource({
        "link-detach, 0, false, false, false",
        "link-detach, 5, true, true, true",
        "session-end, 0, true, false, false",
        "connection-close, 0, true, true, false"
    })
    void shouldKeepASubscriptionUntilItsSourceExpires(
            String policy, int timeoutSeconds, boolean detached, boolean ended, boolean closed) {
        Peer peer = connectAs("client", 0);
        Source source = topic("t");
        source.setExpiryPolicy(TerminusExpiryPolicy.valueOf(Symbol.valueOf(policy)));
        source.setTimeout(UnsignedInteger.valueOf(timeoutSeconds));
        peer.say(Peer.receiver("orders", 0, source));
        broker.settle();
        peer.detach(0, false);
        broker.settle();
        assertThat(broker.partitions().totals().queues()).isEqualTo(detached ? 1 : 0);
        peer.say(new End());
        broker.settle();
        assertThat(broker.partitions().totals().queues()).isEqualTo(ended ? 1 : 0);
        peer.close();
        broker.settle();
        assertThat(broker.partitions().totals().queues()).isEqualTo(closed ? 1 : 0);
        broker.pass(5_001);

        assertThat(broker.partitions().totals().queues()).isZero();
    }

    /** §2.6.4: until then the link can be attached again, and what came meanwhile is there. */
    @Test
    void shouldDeliverWhatCameMeanwhileWhenALinkIsAttachedAgain() {
        Peer peer = connectAs("client", 0);
        peer.say(Peer.receiver("orders", 0, topic("t")));
        broker.settle();
        peer.detach(0, false);
        broker.settle();
        publisher(0, "t").transfer(0, 0, TestMessages.durable(1));
        broker.settle();
        peer.say(Peer.receiver("orders", 0, topic("t")));
        peer.flow(0, 0, 10, false);
        broker.settle();

        assertThat(peer.numbers()).containsExactly(1);
        peer.detach(0, true);
        broker.settle();
        assertThat(broker.partitions().totals().queues()).isZero();
    }

    /** What the answer to SHARED-SUBS on a link is for: clients that did not hear it from the connection. */
    @Test
    void shouldOfferSharedSubscriptionsWhenALinkAsks() {
        Peer peer = broker.connect(0);
        Attach attach = Peer.receiver("s|global", 0, lasting("t", "shared", "global"));
        attach.setDesiredCapabilities(Symbol.valueOf("SHARED-SUBS"));
        peer.say(attach);
        broker.settle();

        assertThat(peer.last(Attach.class).getOfferedCapabilities()).containsExactly(Symbol.valueOf("SHARED-SUBS"));
        assertThat(((Source) peer.last(Attach.class).getSource()).getCapabilities())
                .containsExactly(Symbol.valueOf("topic"), Symbol.valueOf("shared"), Symbol.valueOf("global"));
    }

    /** A message is in the log once, however many subscriptions hold it. */
    @Test
    void shouldStoreAMessageOnceWhenManySubscriptionsHoldIt() {
        Peer peer = connectAs("client", 0);
        for (int number = 0; number < 50; number++) {
            peer.say(Peer.receiver("orders-" + number, number, lasting("t")));
        }
        broker.settle();
        Peer publisher = publisher(0, "t");
        long before = broker.store().metrics().bytesAppended();
        publisher.transfer(0, 0, TestMessages.message(7, true, "", 10_000));
        broker.settle();

        assertThat(publisher.accepted()).containsExactly(0);
        assertThat(broker.store().metrics().bytesAppended() - before).isBetween(10_000L, 15_000L);
        assertThat(broker.partitions().totals().messages()).isEqualTo(50);
    }

    /** Subscriptions that last, with what they have gathered, are there after a crash; the others are not. */
    @ParameterizedTest
    @ValueSource(strings = {"t", "t.*", "#"})
    void shouldFindLastingSubscriptionsWhenTheBrokerHasCrashed(String subscribed) {
        String published = subscribed.equals("t") ? "t" : "t.x";
        Peer peer = connectAs("client", 0);
        peer.say(Peer.receiver("orders", 0, lasting(subscribed)));
        peer.say(Peer.receiver("shared|global", 1, lasting(subscribed, "shared", "global")));
        peer.say(Peer.receiver("passing", 2, topic(subscribed)));
        peer.say(Peer.receiver("passing|global-volatile1", 3, topic(subscribed, "shared", "global")));
        broker.settle();
        Peer publisher = publisher(0, published);
        publisher.transfer(0, 0, TestMessages.durable(1));
        publisher.transfer(0, 1, TestMessages.volatileOne(2));
        publisher.transfer(0, 2, TestMessages.durable(3));
        broker.settle();
        assertThat(publisher.accepted()).containsExactly(0, 1, 2);
        broker.crashAndRestart();
        assertThat(broker.partitions().totals().queues()).isEqualTo(2);
        assertThat(broker.partitions().totals().messages()).isEqualTo(4);

        Peer later = publisher(0, published);
        later.transfer(0, 0, TestMessages.durable(4));
        Peer again = connectAs("client", 1);
        again.say(Peer.receiver("orders", 0, lasting(subscribed)));
        again.flow(0, 0, 10, false);
        broker.settle();
        assertThat(again.numbers()).containsExactly(1, 3, 4);
        Peer other = connectAs("somebody", 0);
        other.say(Peer.receiver("shared|global2", 0, lasting(subscribed, "shared", "global")));
        other.flow(0, 0, 10, false);
        broker.settle();
        assertThat(other.numbers()).containsExactly(1, 3, 4);
    }

    /** What one subscription has settled the others keep, also over a crash. */
    @Test
    void shouldKeepAMessageForOneSubscriptionWhenAnotherHasAcceptedIt() {
        Peer peer = connectAs("client", 0);
        peer.say(Peer.receiver("first", 0, lasting("t")));
        peer.say(Peer.receiver("second", 1, lasting("t")));
        peer.flow(0, 0, 10, false);
        broker.settle();
        Peer publisher = publisher(0, "t");
        IntStream.range(0, 3).forEach(n -> publisher.transfer(0, n, TestMessages.durable(n)));
        broker.settle();
        peer.dispose(0, 1, true, Accepted.getInstance());
        broker.settle();
        broker.crashAndRestart();

        Peer again = connectAs("client", 1);
        again.say(Peer.receiver("first", 0, lasting("t")));
        again.flow(0, 0, 10, false);
        broker.settle();
        assertThat(again.numbers()).containsExactly(2);
        again.say(Peer.receiver("second", 1, lasting("t")));
        again.flow(1, 0, 10, false);
        broker.settle();
        assertThat(again.numbers()).containsExactly(2, 0, 1, 2);
    }

    /** A subscription that is not shared has one subscriber; amqp:resource-locked (§2.8.15). */
    @Test
    void shouldRefuseASecondSubscriberWhenTheSubscriptionIsNotShared() {
        Peer first = connectAs("client", 0);
        first.say(Peer.receiver("orders", 0, lasting("t")));
        broker.settle();
        Peer second = connectAs("client", 1);
        second.say(Peer.receiver("orders", 0, lasting("t")));
        broker.settle();

        assertThat(second.last(Attach.class).getSource()).isNull();
        assertThat(condition(second.last(Detach.class))).isEqualTo("amqp:resource-locked");

        first.cut();
        broker.settle();
        second.detach(0, true);
        second.say(Peer.receiver("orders", 1, lasting("t")));
        broker.settle();
        assertThat(second.last(Attach.class).getSource()).isNotNull();
    }

    /** §2.6.1: a link that is attached again takes the place of the one of its name. */
    @Test
    void shouldMoveTheSubscriptionToTheNewLinkWhenTheLinkIsStolen() {
        Peer peer = connectAs("client", 0);
        Peer publisher = publisher(0, "t");
        peer.say(Peer.receiver("orders", 0, lasting("t")));
        peer.flow(0, 0, 10, false);
        broker.settle();
        publisher.transfer(0, 0, TestMessages.durable(1));
        broker.settle();

        peer.say(Peer.receiver("orders", 1, lasting("t")));
        peer.flow(1, 0, 10, false);
        broker.settle();

        assertThat(condition(peer.last(Detach.class))).isEqualTo("amqp:link:stolen");
        assertThat(peer.numbers()).containsExactly(1, 1);
    }

    /** §2.6.4: a link that is closed takes its terminus with it; one that is detached comes back. */
    @Test
    void shouldDeleteTheSubscriptionOnlyWhenItsLinkIsClosed() {
        Peer peer = connectAs("client", 0);
        Peer publisher = publisher(0, "t");
        peer.say(Peer.receiver("orders", 0, lasting("t")));
        broker.settle();
        peer.detach(0, false);
        publisher.transfer(0, 0, TestMessages.durable(1));
        broker.settle();
        assertThat(peer.last(Detach.class).getClosed()).isFalse();

        peer.say(Peer.receiver("orders", 0, lasting("t")));
        peer.flow(0, 0, 10, false);
        broker.settle();
        assertThat(peer.numbers()).containsExactly(1);
        peer.detach(0, true);
        broker.settle();
        assertThat(broker.partitions().totals().queues()).isZero();
        broker.crashAndRestart();
        assertThat(broker.partitions().totals().queues()).isZero();
    }

    /** An attach without a source finds the subscription by the link's name, and closing it deletes it. */
    @Test
    void shouldAnswerWithTheSourceAndDeleteWhenALinkLooksForASubscription() {
        Peer peer = connectAs("client", 0);
        peer.say(Peer.receiver("orders", 0, lasting("t")));
        broker.settle();
        peer.detach(0, false);
        unsubscribe(peer, "orders", 1);
        broker.settle();

        Source source = (Source) peer.last(Attach.class).getSource();
        assertThat(source.getAddress()).isEqualTo("t");
        assertThat(source.getDurable()).isEqualTo(TerminusDurability.CONFIGURATION);
        assertThat(source.getExpiryPolicy()).isEqualTo(TerminusExpiryPolicy.NEVER);
        assertThat(broker.partitions().totals().queues()).isEqualTo(1);
        peer.detach(1, true);
        broker.settle();
        assertThat(peer.last(Detach.class).getError()).isNull();
        assertThat(broker.partitions().totals().queues()).isZero();
    }

    @Test
    void shouldKeepTheSubscriptionWhenTheLinkThatFoundItIsOnlyDetached() {
        Peer peer = connectAs("client", 0);
        peer.say(Peer.receiver("orders", 0, lasting("t")));
        broker.settle();
        peer.detach(0, false);
        unsubscribe(peer, "orders", 1);
        peer.flow(1, 0, 10, true);
        broker.settle();
        assertThat(peer.last(Flow.class).getLinkCredit().intValue()).isZero();
        peer.detach(1, false);
        broker.settle();

        assertThat(broker.partitions().totals().queues()).isEqualTo(1);
    }

    /** Null source and amqp:not-found. */
    @ParameterizedTest
    @ValueSource(strings = {"nobody's", "orders|global", ""})
    void shouldRefuseTheLookUpWhenThereIsNoSuchSubscription(String name) {
        Peer other = connectAs("other", 0);
        other.say(Peer.receiver("orders", 0, lasting("t")));
        Peer peer = connectAs("client", 1);
        unsubscribe(peer, name, 0, "shared", "global");
        broker.settle();

        assertThat(peer.last(Attach.class).getSource()).isNull();
        assertThat(condition(peer.last(Detach.class))).isEqualTo("amqp:not-found");
    }

    /** In use: found, and refused on the close with amqp:resource-locked. */
    @Test
    void shouldRefuseToDeleteWhenTheSubscriptionIsInUse() {
        Peer using = connectAs("one", 0);
        using.say(Peer.receiver("s|global", 0, lasting("t", "shared", "global")));
        broker.settle();
        Peer deleting = connectAs("two", 1);
        unsubscribe(deleting, "s|global", 0, "shared", "global");
        broker.settle();
        assertThat(((Source) deleting.last(Attach.class).getSource()).getCapabilities())
                .contains(Symbol.valueOf("shared"), Symbol.valueOf("global"));
        deleting.detach(0, true);
        broker.settle();

        assertThat(condition(deleting.last(Detach.class))).isEqualTo("amqp:resource-locked");
        assertThat(broker.partitions().totals().queues()).isEqualTo(1);
        using.detach(0, false);
        broker.settle();
        unsubscribe(deleting, "s|global", 0, "shared", "global");
        broker.settle();
        deleting.detach(0, true);
        broker.settle();
        assertThat(broker.partitions().totals().queues()).isZero();
    }

    /** amqp:not-allowed: a subscription is shared or it is not. */
    @Test
    void shouldRefuseTheSubscriberWhenSharedAndUnsharedMeet() {
        Peer peer = connectAs("client", 0);
        peer.say(Peer.receiver("orders", 0, lasting("t")));
        broker.settle();
        peer.detach(0, false);
        peer.say(Peer.receiver("orders|2", 1, lasting("u", "shared")));
        broker.settle();

        assertThat(condition(peer.last(Detach.class))).isEqualTo("amqp:not-allowed");
    }

    /** amqp:invalid-field: without a name there is nothing to come back to. */
    @Test
    void shouldRefuseTheSubscriberWhenTheLinkHasNoName() {
        Peer peer = connectAs("client", 0);
        peer.say(Peer.receiver("|global", 0, lasting("t", "shared", "global")));
        broker.settle();
        assertThat(condition(peer.last(Detach.class))).isEqualTo("amqp:invalid-field");

        peer.say(Peer.receiver("n".repeat(1100), 1, lasting("t")));
        broker.settle();
        assertThat(condition(peer.last(Detach.class))).isEqualTo("amqp:invalid-field");
        assertThat(broker.partitions().totals().queues()).isZero();
    }

    /** What was made for subscribers goes with them. */
    @Test
    void shouldLeaveNothingBehindWhenSubscribersThatDoNotComeBackLeave() {
        Peer staying = connectAs("staying", 1);
        staying.say(Peer.receiver("s|global-volatile1", 0, topic("t", "shared", "global")));
        Peer peer = connectAs("client", 0);
        peer.say(Peer.receiver("a", 0, topic("t")));
        peer.say(Peer.receiver("b", 1, topic("t.*")));
        peer.say(Peer.receiver("s|global-volatile1", 2, topic("t", "shared", "global")));
        peer.say(Peer.receiver("s|volatile1", 3, topic("t", "shared")));
        broker.settle();
        assertThat(broker.partitions().totals().queues()).isEqualTo(4);
        Peer publisher = publisher(0, "t");
        publisher.transfer(0, 0, TestMessages.durable(1));
        broker.settle();
        assertThat(broker.partitions().totals().messages()).isEqualTo(3);

        peer.cut();
        broker.settle();
        assertThat(broker.partitions().totals().queues()).isEqualTo(1);
        assertThat(broker.partitions().totals().messages()).isEqualTo(1);
        staying.close();
        broker.settle();
        assertThat(broker.partitions().totals().queues()).isZero();
        assertThat(broker.partitions().totals().messages()).isZero();
        assertThat(broker.partitions().totals().residentBytes()).isZero();
    }

    /** A message to a topic without subscribers is accepted, and nothing is left of it. */
    @Test
    void shouldAcceptAndForgetWhenNobodyHasSubscribed() {
        Peer publisher = publisher(0, "t");
        publisher.transfer(0, 0, TestMessages.durable(1));
        broker.settle();

        assertThat(publisher.accepted()).containsExactly(0);
        assertThat(broker.partitions().totals().messages()).isZero();
    }

    private static int deliveryLimit(Peer publisher) {
        Flow flow = publisher.last(Flow.class);
        return flow.getDeliveryCount().intValue() + flow.getLinkCredit().intValue();
    }

    /** A slow subscriber whose messages can't be let go stops publishers, rather than fill the heap. */
    @Test
    void shouldStopThePublisherWhenASlowSubscriberHoldsAllMemory() {
        Simulation small = new Simulation(3, 400_000);
        Peer slow = small.connect(1);
        slow.say(Peer.receiver("slow", 0, topic("t")));
        Peer publisher = small.connect(0);
        Attach attach = Peer.sender("publisher", 0, "t");
        ((Target) attach.getTarget()).setCapabilities(Symbol.valueOf("topic"));
        publisher.say(attach);
        small.settle();
        int sent = 0;
        while (sent < 1_000 && deliveryLimit(publisher) > sent) {
            publisher.transfer(0, sent++, TestMessages.message(sent, true, "", 10_000));
            small.settle();
        }
        // What the publisher had credit for when memory ran out, 4 MiB at most, may still come.
        assertThat(sent).isBetween(40, 400);

        slow.cut();
        small.settle();
        assertThat(deliveryLimit(publisher)).isGreaterThan(sent);
        assertThat(small.partitions().totals().residentBytes()).isZero();
    }
}
