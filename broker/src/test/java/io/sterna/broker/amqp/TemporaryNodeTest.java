package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.DeleteOnClose;
import org.apache.qpid.proton.amqp.messaging.DeleteOnNoLinks;
import org.apache.qpid.proton.amqp.messaging.DeleteOnNoLinksOrMessages;
import org.apache.qpid.proton.amqp.messaging.DeleteOnNoMessages;
import org.apache.qpid.proton.amqp.messaging.LifetimePolicy;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes that are made for a link (AMQP 1.0 §3.5.3, §3.5.4, §3.5.9 to §3.5.13). */
class TemporaryNodeTest {
    private static final Symbol POLICY = Symbol.valueOf("lifetime-policy");

    private final Simulation broker = new Simulation(17);
    private final Peer creator = broker.connect(0);
    private final Peer other = broker.connect(1);

    private static Attach dynamicSender(int handle, LifetimePolicy policy, String capability) {
        Attach attach = Peer.sender("creating-" + handle, handle, "");
        Target target = (Target) attach.getTarget();
        target.setDynamic(true);
        target.setDynamicNodeProperties(Map.of(POLICY, policy));
        target.setCapabilities(Symbol.valueOf(capability));
        return attach;
    }

    private String create(int handle, LifetimePolicy policy, String capability) {
        creator.say(dynamicSender(handle, policy, capability));
        broker.settle();
        return ((Target) creator.last(Attach.class).getTarget()).getAddress();
    }

    private static String condition(Detach detach) {
        return detach.getError().getCondition().toString();
    }

    private boolean isThere(String address) {
        Peer asking = broker.connect(1);
        asking.send(address, 0);
        broker.settle();
        return asking.heard(Detach.class).isEmpty();
    }

    /** §3.5.9: the answer has the address and the properties of the node. */
    @ParameterizedTest
    @CsvSource({"temporary-queue, queue", "temporary-topic, topic"})
    void shouldAnswerWithTheNodeWhenATargetIsDynamic(String capability, String kind) {
        String address = create(0, DeleteOnClose.getInstance(), capability);

        Target target = (Target) creator.last(Attach.class).getTarget();
        assertThat(address).startsWith(capability + "/");
        assertThat(target.getDynamic()).isTrue();
        assertThat(target.getDynamicNodeProperties().get(POLICY)).isEqualTo(DeleteOnClose.getInstance());
        assertThat(target.getCapabilities()).contains(Symbol.valueOf(capability), Symbol.valueOf(kind));
        assertThat(isThere(address)).isTrue();
    }

    /** §3.5.3: the same for a source; the link that made it receives from it. */
    @ParameterizedTest
    @ValueSource(strings = {"temporary-queue", "temporary-topic"})
    void shouldDeliverToTheCreatorWhenASourceIsDynamic(String capability) {
        Source source = new Source();
        source.setDynamic(true);
        source.setCapabilities(Symbol.valueOf(capability));
        creator.say(Peer.receiver("replies", 0, source));
        creator.flow(0, 0, 10, false);
        broker.settle();
        Source made = (Source) creator.last(Attach.class).getSource();
        assertThat(made.getDynamic()).isTrue();
        assertThat(made.getDynamicNodeProperties().get(POLICY)).isEqualTo(DeleteOnClose.getInstance());

        other.send(made.getAddress(), 0);
        broker.settle();
        other.transfer(0, 0, TestMessages.durable(5));
        broker.settle();
        assertThat(creator.numbers()).containsExactly(5);
        assertThat(other.accepted()).containsExactly(0);

        creator.detach(0, true);
        broker.settle();
        assertThat(isThere(made.getAddress())).isFalse();
        assertThat(broker.partitions().totals().queues()).isZero();
        assertThat(broker.partitions().totals().topics()).isZero();
    }

    /** §3.5.10: with the link that made it. Others hear amqp:resource-deleted, and their messages amqp:not-found. */
    @Test
    void shouldDetachTheOthersWhenTheCreatorOfADeleteOnCloseNodeLeaves() {
        String address = create(0, DeleteOnClose.getInstance(), "temporary-queue");
        creator.receive(address, 1);
        other.send(address, 0);
        broker.settle();
        creator.detach(0, true);
        broker.settle();

        Detach ofConsumer = creator.heard(Detach.class).stream()
                .filter(detach -> detach.getError() != null)
                .findFirst()
                .orElseThrow();
        assertThat(condition(ofConsumer)).isEqualTo("amqp:resource-deleted");
        assertThat(other.heard(Detach.class)).isEmpty();
        other.transfer(0, 0, TestMessages.durable(1));
        broker.settle();
        Rejected rejected = (Rejected) other.last(Disposition.class).getState();
        assertThat(rejected.getError().getCondition().toString()).isEqualTo("amqp:not-found");
        assertThat(condition(other.last(Detach.class))).isEqualTo("amqp:resource-deleted");
        assertThat(isThere(address)).isFalse();
    }

    /** §3.5.11: while it has links. */
    @Test
    void shouldLastAsLongAsItHasLinksWhenThatIsItsPolicy() {
        String address = create(0, DeleteOnNoLinks.getInstance(), "temporary-queue");
        other.receive(address, 0);
        other.send(address, 1);
        broker.settle();
        other.transfer(1, 0, TestMessages.durable(1));
        broker.settle();
        creator.detach(0, true);
        broker.settle();
        assertThat(broker.partitions().totals().queues()).isEqualTo(1);
        other.detach(0, true);
        broker.settle();
        assertThat(broker.partitions().totals().queues()).isEqualTo(1);
        other.detach(1, true);
        broker.settle();
        assertThat(broker.partitions().totals().queues()).isZero();
        assertThat(broker.partitions().totals().messages()).isZero();
    }

    /** §3.5.12: while it has messages, once its creator is gone. */
    @Test
    void shouldLastAsLongAsItHasMessagesWhenThatIsItsPolicy() {
        String address = create(0, DeleteOnNoMessages.getInstance(), "temporary-queue");
        creator.transfer(0, 0, TestMessages.durable(1));
        broker.settle();
        creator.detach(0, true);
        broker.settle();
        assertThat(broker.partitions().totals().queues()).isEqualTo(1);
        other.receive(address, 0);
        other.flow(0, 0, 10, false);
        broker.settle();
        assertThat(other.numbers()).containsExactly(1);
        assertThat(other.heard(Detach.class)).isEmpty();
        other.dispose(0, 0, true, Accepted.getInstance());
        broker.settle();

        assertThat(broker.partitions().totals().queues()).isZero();
        assertThat(condition(other.last(Detach.class))).isEqualTo("amqp:resource-deleted");
    }

    /** §3.5.12 of a topic: the messages that its subscriptions hold are the messages at it. */
    @Test
    void shouldLastAsLongAsItsSubscriptionsHaveMessagesWhenThatIsItsPolicy() {
        String address = create(0, DeleteOnNoMessages.getInstance(), "temporary-topic");
        other.receive(address, 0);
        broker.settle();
        creator.transfer(0, 0, TestMessages.durable(1));
        broker.settle();
        creator.detach(0, true);
        broker.settle();
        assertThat(broker.partitions().totals().topics()).isEqualTo(1);
        other.flow(0, 0, 10, false);
        broker.settle();
        assertThat(other.numbers()).containsExactly(1);
        other.dispose(0, 0, true, Accepted.getInstance());
        broker.settle();

        assertThat(broker.partitions().totals().topics()).isZero();
        assertThat(condition(other.last(Detach.class))).isEqualTo("amqp:resource-deleted");
    }

    @Test
    void shouldEndATopicWhenTheLastSubscriberLeavesItsMessages() {
        String address = create(0, DeleteOnNoMessages.getInstance(), "temporary-topic");
        other.receive(address, 0);
        broker.settle();
        creator.transfer(0, 0, TestMessages.durable(1));
        broker.settle();
        creator.detach(0, true);
        other.detach(0, true);
        broker.settle();

        assertThat(broker.partitions().totals().topics()).isZero();
    }

    /** §3.5.13: while it has either. */
    @Test
    void shouldLastAsLongAsItHasLinksOrMessagesWhenThatIsItsPolicy() {
        String address = create(0, DeleteOnNoLinksOrMessages.getInstance(), "temporary-queue");
        creator.transfer(0, 0, TestMessages.durable(1));
        broker.settle();
        creator.detach(0, true);
        other.receive(address, 0);
        other.flow(0, 0, 10, false);
        broker.settle();
        other.dispose(0, 0, true, Accepted.getInstance());
        broker.settle();
        assertThat(broker.partitions().totals().queues()).isEqualTo(1);
        other.detach(0, true);
        broker.settle();

        assertThat(broker.partitions().totals().queues()).isZero();
    }

    /** Only its creator's connection receives from it; amqp:resource-locked (§2.8.15). */
    @ParameterizedTest
    @ValueSource(strings = {"temporary-queue", "temporary-topic"})
    void shouldRefuseToDeliverToOthersWhenTheNodeIsAnothersOwn(String capability) {
        String address = create(0, DeleteOnClose.getInstance(), capability);
        other.receive(address, 0);
        broker.settle();

        assertThat(other.last(Attach.class).getSource()).isNull();
        assertThat(condition(other.last(Detach.class))).isEqualTo("amqp:resource-locked");
    }

    /** Whatever ends the link ends the node. */
    @ParameterizedTest
    @ValueSource(strings = {"cut", "close", "crash"})
    void shouldBeGoneWhenTheConnectionIs(String end) {
        String queue = create(0, DeleteOnClose.getInstance(), "temporary-queue");
        String topic = create(1, DeleteOnClose.getInstance(), "temporary-topic");
        creator.receive(topic, 2);
        creator.transfer(0, 0, TestMessages.durable(1));
        broker.settle();
        switch (end) {
            case "cut" -> creator.cut();
            case "close" -> creator.close();
            default -> broker.crashAndRestart();
        }
        broker.settle();

        assertThat(broker.partitions().totals().queues()).isZero();
        assertThat(broker.partitions().totals().topics()).isZero();
        assertThat(broker.partitions().totals().messages()).isZero();
        assertThat(isThere(queue)).isFalse();
        assertThat(isThere(topic)).isFalse();
    }

    /** §3.5.10, §3.5.6: the link ceases to exist when its terminus expires, which is not with every detach. */
    @ParameterizedTest
    @CsvSource({
        "link-detach, false, false, false",
        "session-end, true, false, false",
        "connection-close, true, true, false",
        "never, true, true, false"
    })
    void shouldGoWithItsLinkWhenTheTerminusExpires(String policy, boolean detached, boolean ended, boolean closed) {
        Attach attach = dynamicSender(0, DeleteOnClose.getInstance(), "temporary-queue");
        ((Target) attach.getTarget()).setExpiryPolicy(TerminusExpiryPolicy.valueOf(Symbol.valueOf(policy)));
        creator.say(attach);
        broker.settle();
        String address = ((Target) creator.last(Attach.class).getTarget()).getAddress();
        creator.detach(0, false);
        broker.settle();
        assertThat(creator.heard(Detach.class)).hasSize(1);
        assertThat(isThere(address)).isEqualTo(detached);
        creator.say(new End());
        broker.settle();
        assertThat(isThere(address)).isEqualTo(ended);
        creator.close();
        broker.settle();

        assertThat(isThere(address)).isEqualTo(closed);
        assertThat(broker.partitions().totals().queues()).isZero();
    }

    /** §2.6.4: the link is recovered by its name, as it was attached first or with what the first answer said. */
    @ParameterizedTest
    @ValueSource(strings = {"dynamic", "address", "nothing"})
    void shouldComeBackToItsNodeWhenTheSendersLinkIsAttachedAgain(String how) {
        String address = create(0, DeleteOnClose.getInstance(), "temporary-queue");
        creator.transfer(0, 0, TestMessages.durable(1));
        creator.detach(0, false);
        broker.settle();
        Attach again = dynamicSender(0, DeleteOnClose.getInstance(), "temporary-queue");
        switch (how) {
            case "dynamic" -> assertThat(again.getTarget().getAddress()).isNull();
            case "address" ->
                again.setTarget(Peer.sender("creating-0", 0, address).getTarget());
            default -> again.setTarget(null);
        }
        creator.say(again);
        broker.settle();

        assertThat(((Target) creator.last(Attach.class).getTarget()).getAddress())
                .isEqualTo(address);
        assertThat(broker.partitions().totals().queues()).isEqualTo(1);
        assertThat(broker.partitions().totals().messages()).isEqualTo(1);
        creator.detach(0, true);
        broker.settle();
        assertThat(broker.partitions().totals().queues()).isZero();
    }

    /** §2.6.4, the same for a receiver: what came meanwhile is there. */
    @ParameterizedTest
    @ValueSource(strings = {"temporary-queue", "temporary-topic"})
    void shouldComeBackToItsNodeWhenTheReceiversLinkIsAttachedAgain(String capability) {
        Source source = new Source();
        source.setDynamic(true);
        source.setCapabilities(Symbol.valueOf(capability));
        creator.say(Peer.receiver("replies", 0, source));
        broker.settle();
        String address = ((Source) creator.last(Attach.class).getSource()).getAddress();
        creator.detach(0, false);
        other.send(address, 0);
        broker.settle();
        other.transfer(0, 0, TestMessages.durable(5));
        broker.settle();
        creator.say(Peer.receiver("replies", 0, source));
        creator.flow(0, 0, 10, false);
        broker.settle();

        assertThat(((Source) creator.last(Attach.class).getSource()).getAddress())
                .isEqualTo(address);
        assertThat(creator.numbers()).containsExactly(5);
        creator.detach(0, true);
        broker.settle();
        assertThat(isThere(address)).isFalse();
    }

    /** A name that is taken on another connection of the container is no way to another connection's node. */
    @Test
    void shouldEndTheNodeWhenItsLinkIsStolenByAnotherConnection() {
        String address = create(0, DeleteOnClose.getInstance(), "temporary-queue");
        Peer thief = broker.connectSilently(1);
        thief.open("peer-1");
        thief.begin();
        thief.say(dynamicSender(0, DeleteOnClose.getInstance(), "temporary-queue"));
        broker.settle();

        assertThat(condition(creator.last(Detach.class))).isEqualTo("amqp:link:stolen");
        assertThat(((Target) thief.last(Attach.class).getTarget()).getAddress()).isNotEqualTo(address);
        assertThat(isThere(address)).isFalse();
    }

    /** Dead letters of a temporary queue can be had as long as it. */
    @Test
    void shouldKeepDeadLettersWithTheTemporaryQueueWhenMessagesAreRejected() {
        String address = create(0, DeleteOnClose.getInstance(), "temporary-queue");
        creator.transfer(0, 0, TestMessages.durable(1));
        creator.receive(address, 1);
        creator.flow(1, 0, 1, false);
        broker.settle();
        creator.dispose(0, 0, true, new Rejected());
        broker.settle();
        creator.receive(address + "/$deadletterqueue", 2);
        creator.flow(2, 0, 1, false);
        broker.settle();
        assertThat(creator.numbers()).containsExactly(1, 1);
        creator.detach(0, true);
        broker.settle();

        assertThat(broker.partitions().totals().queues()).isZero();
    }

    /** §3.5.3: "the address field MUST NOT be set" for what is dynamic. */
    @Test
    void shouldRefuseTheLinkWhenADynamicNodeHasAnAddress() {
        Attach attach = dynamicSender(0, DeleteOnClose.getInstance(), "temporary-queue");
        ((Target) attach.getTarget()).setAddress("mine");
        creator.say(attach);
        broker.settle();

        assertThat(condition(creator.last(Detach.class))).isEqualTo("amqp:invalid-field");
        assertThat(broker.partitions().totals().queues()).isZero();
    }
}
