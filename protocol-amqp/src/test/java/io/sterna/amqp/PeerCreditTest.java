package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Link credit, drain and echo, AMQP 1.0 §2.6.7 and §2.7.4, against a scripted client. */
class PeerCreditTest extends PeerTest {

    @Test
    void shouldSendNothingWhenThereIsNoCredit() throws Exception {
        consumer();
        node.send("out", 1);
        sessionLives();
        assertThat(node.sends).isEmpty();
    }

    @Test
    void shouldSendAsManyWhenThePeerGivesCredit() throws Exception {
        consumer();
        credit(0, 3);
        for (int i = 0; i < 3; i++) {
            peer.expectTransfer().withHandle(0).withDeliveryId(i).withDeliveryTag(new byte[] {(byte) i});
        }
        node.sendWhenCredit("out", 3);
        node.send("out", 5);
        sync();
        sessionLives();
        assertThat(node.sends).hasSize(3);
    }

    // AMQP 1.0 §2.6.7: link-credit(snd) := delivery-count(rcv) + link-credit(rcv) - delivery-count(snd)
    @ParameterizedTest(name = "count {0}, credit {1} after three sent: {2} left")
    @CsvSource({"3, 4, 4", "0, 5, 2", "2, 1, 0", "1, 1, 0", "0, 3, 0", "0, 0, 0", "3, 0, 0"})
    void shouldReckonItsCreditFromThePeersCountWhenAFlowComes(long count, long credit, int left) throws Exception {
        consumer();
        credit(0, 3);
        for (int i = 0; i < 3; i++) {
            peer.expectTransfer().withDeliveryId(i);
        }
        node.sendWhenCredit("out", 3);
        sync();
        flow(3).withHandle(0).withDeliveryCount(count).withLinkCredit(credit).now();
        for (int i = 0; i < left; i++) {
            peer.expectTransfer().withDeliveryId(3 + i);
        }
        await().until(() -> node.events.contains("credit " + left));
        node.send("out", 10);
        sync();
        sessionLives();
    }

    // AMQP 1.0 §2.6.7: without delivery-count the receiver has not seen our attach, and means our first.
    @Test
    void shouldReckonFromItsFirstCountWhenAFlowHasNoDeliveryCount() throws Exception {
        consumer();
        flow(0).withHandle(0).withLinkCredit(2).now();
        peer.expectTransfer();
        peer.expectTransfer();
        node.sendWhenCredit("out", 2);
        sync();
        flow(2).withHandle(0).withLinkCredit(3).now();
        await().until(() -> node.events.contains("credit 1"));
    }

    @Test
    void shouldTakeAllCreditWhenItIsTheLargestNumber() throws Exception {
        consumer();
        credit(0, 0xffff_ffffL);
        await().until(() -> node.events.contains("credit 4294967295"));
        peer.expectTransfer().withDeliveryId(0);
        node.send("out", 1);
        sync();
    }

    // AMQP 1.0 §2.7.4, echo
    @Test
    void shouldAnswerWithTheSendersStateWhenAnEchoIsAskedFor() throws Exception {
        consumer();
        credit(0, 5);
        peer.expectTransfer();
        peer.expectTransfer();
        node.sendWhenCredit("out", 2);
        sync();
        peer.expectFlow()
                .withHandle(0)
                .withDeliveryCount(2)
                .withLinkCredit(3)
                .withAvailable(nullValue())
                .withNextOutgoingId(2);
        flow(2).withHandle(0)
                .withDeliveryCount(2)
                .withLinkCredit(3)
                .withEcho(true)
                .now();
        sync();
    }

    @Test
    void shouldAnswerWithTheReceiversStateWhenAnEchoIsAskedFor() throws Exception {
        producer(behaviour -> {
            behaviour.window = 10;
            behaviour.outcome = Optional.empty();
        });
        transfer(0).now();
        transfer(1).now();
        peer.expectFlow().withHandle(0).withDeliveryCount(2).withLinkCredit(8);
        peer.remoteFlow()
                .withHandle(0)
                .withDeliveryCount(2)
                .withNextIncomingId(0)
                .withIncomingWindow(2048)
                .withNextOutgoingId(2)
                .withOutgoingWindow(2048)
                .withEcho(true)
                .onChannel(0)
                .now();
        sync();
    }

    // AMQP 1.0 §2.6.7: "The Sender MUST advance its delivery-count until link-credit is zero, and send its updated
    // state".
    @Test
    void shouldUseUpTheCreditWhenThereIsNothingToSendAndThePeerDrains() throws Exception {
        consumer(behaviour -> behaviour.onCredit = SenderLink::drained);
        peer.expectFlow().withHandle(0).withDeliveryCount(10).withLinkCredit(0).withDrain(true);
        flow(0).withHandle(0)
                .withDeliveryCount(0)
                .withLinkCredit(10)
                .withDrain(true)
                .now();
        sync();
        sessionLives();
    }

    @Test
    void shouldSendWhatThereIsBeforeItUsesUpTheCreditWhenThePeerDrains() throws Exception {
        consumer();
        flow(0).withHandle(0)
                .withDeliveryCount(0)
                .withLinkCredit(10)
                .withDrain(true)
                .now();
        await().until(() -> node.events.contains("credit 10 drain"));
        for (int i = 0; i < 3; i++) {
            peer.expectTransfer().withDeliveryId(i);
        }
        peer.expectFlow().withHandle(0).withDeliveryCount(10).withLinkCredit(0).withDrain(true);
        node.run(() -> {
            for (int i = 0; i < 3; i++) {
                node.sendOne("out");
            }
            node.senders.get(0).drained();
        });
        sync();
    }

    @Test
    void shouldSendAgainWhenCreditFollowsADrain() throws Exception {
        consumer(behaviour -> behaviour.onCredit = SenderLink::drained);
        peer.expectFlow().withDeliveryCount(10).withLinkCredit(0).withDrain(true);
        flow(0).withHandle(0)
                .withDeliveryCount(0)
                .withLinkCredit(10)
                .withDrain(true)
                .now();
        sync();
        flow(0).withHandle(0).withDeliveryCount(10).withLinkCredit(2).now();
        peer.expectTransfer().withDeliveryId(0);
        peer.expectTransfer().withDeliveryId(1);
        node.sendWhenCredit("out", 2);
        sync();
    }

    @Test
    void shouldAnswerADrainWhenThereWasNoCredit() throws Exception {
        consumer(behaviour -> behaviour.onCredit = SenderLink::drained);
        peer.expectFlow().withDeliveryCount(0).withLinkCredit(0).withDrain(true);
        flow(0).withHandle(0)
                .withDeliveryCount(0)
                .withLinkCredit(0)
                .withDrain(true)
                .now();
        sync();
    }

    // AMQP 1.0 §2.6.7: the drain ends after all that was sent, which here waits for the session's window.
    @Test
    void shouldAnswerADrainAfterTheTransfersWhenTheyWaitForTheWindow() throws Exception {
        consumer();
        peer.remoteFlow()
                .withHandle(0)
                .withDeliveryCount(0)
                .withLinkCredit(5)
                .withDrain(true)
                .withNextIncomingId(0)
                .withIncomingWindow(1)
                .withNextOutgoingId(0)
                .withOutgoingWindow(100)
                .onChannel(0)
                .now();
        await().until(() -> node.events.contains("credit 5 drain"));
        peer.expectTransfer().withDeliveryId(0);
        node.run(() -> {
            node.sendOne("out");
            node.sendOne("out");
            node.senders.get(0).drained();
        });
        sync();
        // An echo meanwhile tells what is on the wire, not what waits.
        peer.expectFlow().withHandle(0).withDeliveryCount(1).withLinkCredit(4);
        peer.remoteFlow()
                .withHandle(0)
                .withDeliveryCount(1)
                .withLinkCredit(4)
                .withDrain(true)
                .withNextIncomingId(1)
                .withIncomingWindow(0)
                .withNextOutgoingId(0)
                .withOutgoingWindow(100)
                .withEcho(true)
                .onChannel(0)
                .now();
        sync();
        peer.expectTransfer().withDeliveryId(1);
        peer.expectFlow().withHandle(0).withDeliveryCount(5).withLinkCredit(0).withDrain(true);
        flow(1).now();
        sync();
    }

    // AMQP 1.0 §2.6.7: the receiver may take back credit; what waits for the window then waits for credit too.
    @Test
    void shouldHoldBackWhatWaitsWhenThePeerTakesItsCreditBack() throws Exception {
        consumer();
        peer.remoteFlow()
                .withHandle(0)
                .withDeliveryCount(0)
                .withLinkCredit(5)
                .withNextIncomingId(0)
                .withIncomingWindow(1)
                .withNextOutgoingId(0)
                .withOutgoingWindow(100)
                .onChannel(0)
                .now();
        peer.expectTransfer().withDeliveryId(0);
        node.sendWhenCredit("out", 3);
        sync();
        flow(1).withHandle(0).withDeliveryCount(1).withLinkCredit(0).now();
        sessionLives();
        peer.expectTransfer().withDeliveryId(1);
        flow(1).withHandle(0).withDeliveryCount(1).withLinkCredit(1).now();
        sync();
        sessionLives();
    }

    // AMQP 1.0 §2.6.14: only the transfers of one link have to be in order, so that no link waits for another's credit.
    @Test
    void shouldServeAnotherLinkWhenOneHasItsCreditTakenBack() throws Exception {
        consumer();
        peer.expectAttach().ofSender().withName("second").withHandle(1);
        attachReceiver("second", 1);
        peer.remoteFlow()
                .withHandle(0)
                .withDeliveryCount(0)
                .withLinkCredit(5)
                .withNextIncomingId(0)
                .withIncomingWindow(1)
                .withNextOutgoingId(0)
                .withOutgoingWindow(100)
                .onChannel(0)
                .now();
        peer.expectTransfer().withHandle(0).withDeliveryId(0);
        node.sendWhenCredit("out", 3);
        sync();
        flow(1).withHandle(0).withDeliveryCount(1).withLinkCredit(0).now();
        flow(1).withHandle(1).withDeliveryCount(0).withLinkCredit(1).now();
        peer.expectTransfer().withHandle(1).withDeliveryId(1);
        node.sendWhenCredit("second", 1);
        sync();
    }

    // AMQP 1.0 §2.6.7: the receiver's delivery-count begins at the sender's initial-delivery-count, a serial number.
    @ParameterizedTest
    @ValueSource(longs = {1, 1000, 0x7fff_ffffL, 0xffff_fffeL, 0xffff_ffffL})
    void shouldBeginAtTheSendersCountWhenItGivesCredit(long initial) throws Exception {
        begin(behaviour -> {
            behaviour.window = 4;
            behaviour.outcome = Optional.empty();
        });
        peer.expectAttach();
        peer.expectFlow().withHandle(0).withDeliveryCount(initial).withLinkCredit(4);
        peer.remoteAttach()
                .ofSender()
                .withName("in")
                .withHandle(0)
                .withInitialDeliveryCount(initial)
                .onChannel(0)
                .now();
        sync();
        for (int i = 0; i < 3; i++) {
            transfer(i).now();
        }
        peer.expectFlow()
                .withHandle(0)
                .withDeliveryCount((initial + 3) & 0xffff_ffffL)
                .withLinkCredit(1);
        peer.remoteFlow()
                .withHandle(0)
                .withDeliveryCount((initial + 3) & 0xffff_ffffL)
                .withNextIncomingId(0)
                .withIncomingWindow(2048)
                .withNextOutgoingId(3)
                .withOutgoingWindow(2048)
                .withEcho(true)
                .onChannel(0)
                .now();
        sync();
    }

    // Credit + unsettled deliveries never exceed the window: what is not done gives no credit.
    @Test
    void shouldGiveCreditOnlyForWhatIsDoneWhenDeliveriesAreSlow() throws Exception {
        producer(behaviour -> {
            behaviour.window = 4;
            behaviour.outcome = Optional.empty();
        });
        for (int i = 0; i < 4; i++) {
            transfer(i).now();
        }
        await().until(() -> node.deliveries.size() == 4);
        peer.expectDisposition().withFirst(1).withLast(nullValue());
        peer.expectFlow().withHandle(0).withDeliveryCount(4).withLinkCredit(1);
        node.run(() -> node.deliveries.get(1).settle(DeliveryState.Accepted.INSTANCE));
        sync();
    }

    @Test
    void shouldTopUpInBatchesWhenTheWindowIsLarge() throws Exception {
        producer(behaviour -> behaviour.window = 40);
        for (int i = 0; i < 9; i++) {
            peer.expectDisposition().withFirst(i);
            transfer(i).now();
            sync();
        }
        peer.expectDisposition().withFirst(9);
        peer.expectFlow().withHandle(0).withDeliveryCount(10).withLinkCredit(40);
        transfer(9).now();
        sync();
    }

    @Test
    void shouldGiveMoreCreditWhenTheApplicationWidensTheWindow() throws Exception {
        producer(behaviour -> behaviour.window = 1);
        peer.expectFlow().withHandle(0).withDeliveryCount(0).withLinkCredit(50);
        node.run(() -> node.receivers.get(0).window(50));
        sync();
    }

    @Test
    void shouldTakeWhatIsUnderWayWhenTheApplicationClosesTheWindow() throws Exception {
        producer(behaviour -> behaviour.window = 2);
        node.run(() -> node.receivers.get(0).window(0));
        peer.expectDisposition().withFirst(0);
        transfer(0).now();
        sync();
        peer.expectDisposition().withFirst(1);
        transfer(1).now();
        sync();
        sessionLives();
    }

    // AMQP 1.0 §2.6.7, drain from our side as receiver
    @Test
    void shouldAskForADrainWhenTheApplicationDrains() throws Exception {
        producer(behaviour -> behaviour.window = 7);
        peer.expectFlow().withHandle(0).withLinkCredit(7).withDrain(true);
        node.run(() -> node.receivers.get(0).drain());
        sync();
        drainAnswer(7);
        await().until(() -> node.events.contains("drained in"));
        // The drain is over: credit is given without it.
        peer.expectFlow().withHandle(0).withDeliveryCount(7).withLinkCredit(3).withDrain(is(false));
        node.run(() -> node.receivers.get(0).window(3));
        sync();
    }

    @Test
    void shouldBeDrainedWhenMessagesHaveUsedTheCreditUp() throws Exception {
        producer(behaviour -> behaviour.window = 1);
        peer.expectFlow().withHandle(0).withLinkCredit(1).withDrain(true);
        node.run(() -> node.receivers.get(0).drain());
        sync();
        peer.expectDisposition().withFirst(0);
        transfer(0).now();
        sync();
        await().until(() -> node.events.contains("drained in"));
    }

    @Test
    void shouldBeDrainedAtOnceWhenThePeerHasNoCredit() throws Exception {
        producer(behaviour -> behaviour.window = 0);
        node.run(() -> node.receivers.get(0).drain());
        sessionLives();
        assertThat(node.events).containsExactly("drained in");
    }

    private void drainAnswer(long count) {
        peer.remoteFlow()
                .withHandle(0)
                .withDeliveryCount(count)
                .withLinkCredit(0)
                .withDrain(true)
                .withNextIncomingId(0)
                .withIncomingWindow(2048)
                .withNextOutgoingId(0)
                .withOutgoingWindow(2048)
                .onChannel(0)
                .now();
    }
}
