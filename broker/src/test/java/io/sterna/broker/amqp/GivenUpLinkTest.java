package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left of a producer's link that is detached since there is no memory for what comes on it. */
class GivenUpLinkTest {
    private static final long MEMORY_BYTES = 64 * 1024;

    /** With the room to grow that a part gets, more than parts may take. */
    private static final int PART_BYTES = 30_000;

    private final Simulation broker = new Simulation(5, MEMORY_BYTES);
    private final String address = broker.addressOn(0, "q.");

    private Attach durable(ReceiverSettleMode mode) {
        Attach attach = Peer.sender("link", 0, address);
        Target target = (Target) attach.getTarget();
        target.setDurable(TerminusDurability.UNSETTLED_STATE);
        target.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        attach.setRcvSettleMode(mode);
        return attach;
    }

    private Attach ofMinute(ReceiverSettleMode mode) {
        Attach attach = Peer.sender("link", 0, address);
        ((Target) attach.getTarget()).setExpiryPolicy(TerminusExpiryPolicy.LINK_DETACH);
        ((Target) attach.getTarget()).setTimeout(UnsignedInteger.valueOf(60));
        attach.setRcvSettleMode(mode);
        return attach;
    }

    private Peer client() {
        Peer peer = broker.connectSilently(1);
        peer.open("container");
        peer.begin();
        return peer;
    }

    /** Sends one whole delivery, and begins one that finds no room, before the first has its outcome. */
    private Peer giveUp(Attach attach) {
        Peer before = broker.connect(1);
        before.send(address, 0);
        Peer peer = client();
        peer.say(attach);
        broker.settle();
        broker.store().holdBack();
        peer.transfer(0, 0, TestMessages.durable(7));
        before.part(0, 0, new byte[PART_BYTES]);
        broker.settle();
        peer.part(0, 1, new byte[PART_BYTES]);
        broker.settle();
        assertThat(peer.last(Detach.class).getError().getCondition().toString())
                .isEqualTo("amqp:resource-limit-exceeded");
        before.cut();
        return peer;
    }

    private void resume(Attach attach, Peer peer) {
        broker.settle();
        broker.store().release();
        broker.settle();
        Map<Binary, DeliveryState> unsettled = new HashMap<>();
        Binary tag = Peer.transfer(0, 0, false).getDeliveryTag();
        unsettled.put(tag, null);
        attach.setUnsettled(unsettled);
        peer.say(attach);
        broker.settle();
        Map<?, ?> held = peer.last(Attach.class).getUnsettled();
        assertThat(held).hasSize(1);
        assertThat(held.get(tag)).isInstanceOf(Accepted.class);
        Transfer again = Peer.transfer(0, 1, false);
        again.setDeliveryTag(tag);
        again.setResume(true);
        int heard = peer.heard(Disposition.class).size();
        peer.say(again, TestMessages.durable(7));
        broker.settle();
        assertThat(peer.heard(Disposition.class)).hasSize(heard + 1);
        assertThat(peer.last(Disposition.class).getState()).isInstanceOf(Accepted.class);
        assertThat(broker.partitions().totals().messages()).isEqualTo(1);
    }

    // AMQP 1.0 §2.6.13: exactly once
    @ParameterizedTest
    @EnumSource(ReceiverSettleMode.class)
    void shouldResumeWithTheOutcomeOfWhatWasUnderWayWhenTheTargetLivesOn(ReceiverSettleMode mode) {
        Peer peer = giveUp(ofMinute(mode));
        assertThat(peer.last(Detach.class).getClosed()).isFalse();
        peer.detach(0, false);
        resume(ofMinute(mode), peer);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldResumeOnAnotherConnectionWhenTheStoreKeepsTheLink(boolean restarted) {
        Peer peer = giveUp(durable(ReceiverSettleMode.SECOND));
        assertThat(peer.last(Detach.class).getClosed()).isFalse();
        peer.detach(0, false);
        broker.settle();
        broker.store().release();
        broker.settle();
        if (restarted) {
            broker.crashAndRestart();
        } else {
            peer.cut();
        }
        resume(durable(ReceiverSettleMode.SECOND), client());
    }

    /** As clients expect that do not resume: they would answer with a detach that closes it. */
    @ParameterizedTest
    @EnumSource(ReceiverSettleMode.class)
    void shouldCloseTheLinkWhenItsTargetGoesWithTheSession(ReceiverSettleMode mode) {
        Attach attach = Peer.sender("link", 0, address);
        attach.setRcvSettleMode(mode);
        Peer peer = giveUp(attach);
        assertThat(peer.last(Detach.class).getClosed()).isTrue();
        peer.detach(0, true);
        broker.settle();
        broker.store().release();
        broker.settle();
        assertThat(peer.heard(Attach.class)).hasSize(1);
        byte[] message = TestMessages.message(1, true, "", PART_BYTES);
        peer.say(Peer.sender("anew", 0, address));
        broker.settle();
        peer.part(0, 2, Arrays.copyOf(message, PART_BYTES / 2));
        peer.transfer(0, 2, Arrays.copyOfRange(message, PART_BYTES / 2, message.length));
        broker.settle();
        assertThat(peer.accepted()).contains(2);
    }
}
