package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.Frames.Frame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Large messages get through when there is no memory for all of them at once: somebody always comes to an end. */
class InboundProgressTest {
    private static final long MEMORY_BYTES = 1024 * 1024;
    private static final int MOST_PART_BYTES = (int) (MEMORY_BYTES / 8 * 3);
    private static final int FRAME_BYTES = 10_000;

    private static final int EIGHTH_BYTES = MOST_PART_BYTES / 8;

    private final Simulation broker = new Simulation(5, MEMORY_BYTES);
    private final String address = broker.addressOn(0, "q.");

    /** Sends one message in many transfers, and begins again at once on a new link when it is detached. */
    private final class Uploader {
        private final Peer peer = broker.connect(1);
        private final byte[] message;
        private int links;
        private int sentBytes;
        private boolean credit;
        private boolean accepted;

        Uploader(int sizeBytes) {
            message = TestMessages.message(1, true, "", sizeBytes);
            peer.listen(this::onFrame);
            attach();
        }

        private void attach() {
            credit = false;
            sentBytes = 0;
            peer.say(Peer.sender("upload-" + links, 0, address));
        }

        private void onFrame(Frame frame) {
            if (frame.performative() instanceof Detach) {
                peer.detach(0, true);
                links++;
                attach();
            } else if (frame.performative() instanceof Flow flow && flow.getHandle() != null) {
                credit |= flow.getLinkCredit().intValue() > 0;
            } else if (frame.performative() instanceof Disposition) {
                accepted = true;
            }
        }

        void sendOneFrame() {
            if (!credit || sentBytes == message.length) {
                return;
            }
            int next = Math.min(message.length, sentBytes + FRAME_BYTES);
            byte[] bytes = Arrays.copyOfRange(message, sentBytes, next);
            sentBytes = next;
            if (next < message.length) {
                peer.part(0, links, bytes);
            } else {
                peer.transfer(0, links, bytes);
            }
        }

        /** Each link but the last one was detached. */
        int detached() {
            return links;
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 61", "10, 22", "10, 61", "2, 150", "5, 150"})
    void shouldTakeAllInTheEndWhenClientsSendAtTheSameRateAndTryAgain(int clients, int percent) {
        List<Uploader> uploaders = new ArrayList<>();
        for (int number = 0; number < clients; number++) {
            uploaders.add(new Uploader(MOST_PART_BYTES / 100 * percent));
        }
        broker.settle();
        int frames = MOST_PART_BYTES / 100 * percent / FRAME_BYTES + 2;
        int rounds = 0;
        while (!uploaders.stream().allMatch(uploader -> uploader.accepted)) {
            // As long as one after the other would take.
            assertThat(rounds).isLessThan(2 * clients * frames);
            rounds++;
            uploaders.forEach(Uploader::sendOneFrame);
            broker.settle();
        }
        assertThat(uploaders.get(0).detached()).as("of the first that began").isZero();
        assertThat(broker.partitions().totals().messages()).isEqualTo(clients);
        assertThat(broker.partitions().totals().inboundBytes()).isZero();
    }

    private Peer producer() {
        Peer peer = broker.connect(1);
        peer.send(address, 0);
        broker.settle();
        return peer;
    }

    @Test
    void shouldNotGiveALargeMessageUpWhenOthersSendParts() {
        Peer peer = producer();
        Peer idle = producer();
        idle.part(0, 0, new byte[FRAME_BYTES]);
        int frames = 2 * MOST_PART_BYTES / FRAME_BYTES;
        byte[] message = TestMessages.message(1, true, "", (frames + 1) * FRAME_BYTES);
        for (int frame = 0; frame < frames; frame++) {
            peer.part(0, 0, Arrays.copyOfRange(message, frame * FRAME_BYTES, (frame + 1) * FRAME_BYTES));
            broker.settle();
            Peer other = producer();
            other.part(0, 0, new byte[1]);
            broker.settle();
        }
        peer.transfer(0, 0, Arrays.copyOfRange(message, frames * FRAME_BYTES, message.length));
        broker.settle();

        assertThat(peer.accepted()).containsExactly(0);
        assertThat(idle.heard(Detach.class)).isEmpty();
    }

    /** One client's links don't cost another client its only one. */
    @Test
    void shouldGiveUpTheLinkThatBeganLastOfTheClientThatHasMostBesidesOne() {
        Peer greedy = broker.connect(1);
        for (int link = 0; link < 5; link++) {
            greedy.send(address, link);
        }
        Peer modest = producer();
        // With the room to grow that a part gets, each takes three sixteenths of what all may take.
        for (int link = 0; link < 5; link++) {
            greedy.part(link, link, new byte[EIGHTH_BYTES]);
        }
        broker.settle();
        modest.part(0, 0, new byte[EIGHTH_BYTES]);
        modest.part(0, 0, new byte[EIGHTH_BYTES]);
        broker.settle();
        assertThat(greedy.heard(Detach.class)).isEmpty();
        greedy.part(0, 0, new byte[EIGHTH_BYTES]);
        broker.settle();

        assertThat(greedy.heard(Detach.class))
                .allSatisfy(
                        detach -> assertThat(detach.getError().getCondition().toString())
                                .isEqualTo("amqp:resource-limit-exceeded"))
                .extracting(detach -> detach.getHandle().intValue())
                .containsExactly(4);
        assertThat(modest.heard(Detach.class)).isEmpty();
    }

    @Test
    void shouldCountWhatGoesWithSmallDeliveriesToo() {
        int count = 200;
        Peer peer = producer();
        peer.transfer(0, 0, TestMessages.durable(0));
        broker.settle();
        broker.store().holdBack();
        for (int number = 1; number <= count; number++) {
            peer.transfer(0, number, TestMessages.durable(number));
        }
        broker.settle();
        assertThat(broker.partitions().totals().inboundBytes()).isGreaterThan(count * 512L);

        broker.store().release();
        broker.settle();
        assertThat(peer.accepted()).hasSize(count + 1);
        assertThat(peer.heard(Attach.class)).hasSize(1);
        assertThat(broker.partitions().totals().inboundBytes()).isZero();
    }
}
