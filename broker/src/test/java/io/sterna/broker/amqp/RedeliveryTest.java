package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.MessageSections;
import io.sterna.broker.testing.Frames.Frame;
import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A message that goes back and comes again on the same link: AMQP 1.0 §2.6.12, §3.3, §3.4. */
class RedeliveryTest {
    private static final int OUT = 0;
    private static final int CONTROL = 5;

    private final Simulation broker = new Simulation(3);
    private String address;
    private Peer consumer;

    /** @param loop of the queue; the consumer's is 1 */
    private void receive(int loop, int messages, int credit) {
        address = broker.addressOn(loop, "q");
        Peer producer = broker.connect(0);
        producer.send(address, 0);
        broker.settle();
        for (int number = 0; number < messages; number++) {
            producer.transfer(0, number, TestMessages.durable(number));
        }
        broker.settle();
        consumer = broker.connect(1);
        consumer.receive(address, OUT);
        consumer.flow(OUT, 0, credit, false);
        broker.settle();
    }

    private static Modified failed() {
        Modified failed = new Modified();
        failed.setDeliveryFailed(true);
        return failed;
    }

    private Peer other() {
        Peer other = broker.connect(0);
        other.receive(address, OUT);
        other.flow(OUT, 0, 10, false);
        broker.settle();
        return other;
    }

    private long messages() {
        return broker.partitions().totals().messages();
    }

    /** §3.4: terminal states are final; §2.7.6: settling says no more than that the delivery is forgotten. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldOnlyForgetADeliveryWhenItIsSettledAfterItsOutcome(int loop) {
        receive(loop, 1, 2);
        Peer other = other();
        consumer.dispose(0, 0, false, Released.getInstance());
        consumer.dispose(0, 0, true, null);
        broker.settle();

        assertThat(consumer.numbers()).containsExactly(0, 0);
        assertThat(other.numbers()).isEmpty();
        consumer.dispose(1, 1, true, Accepted.getInstance());
        broker.settle();
        assertThat(messages()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldCountAFailedDeliveryOnceWhenItsOutcomeIsSaidAgainWithTheSettlement(int loop) throws DecodeException {
        receive(loop, 1, 2);
        consumer.dispose(0, 0, false, failed());
        consumer.dispose(0, 0, true, failed());
        broker.settle();

        assertThat(consumer.numbers()).containsExactly(0, 0);
        assertThat(MessageSections.scan(consumer.messages().get(1)).deliveryCount())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldNotEnlistADeliveryWhenItHasItsOutcome(int loop) {
        receive(loop, 1, 1);
        Controller controller = new Controller(broker, consumer, CONTROL);
        Binary transaction = controller.declare();
        consumer.dispose(0, 0, false, Released.getInstance());
        consumer.dispose(0, 0, true, Controller.state(transaction, Accepted.getInstance()));
        broker.settle();

        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
        assertThat(other().numbers()).containsExactly(0);
    }

    private List<String> watched() {
        List<String> watched = new ArrayList<>();
        consumer.listen(frame -> watch(frame, watched));
        return watched;
    }

    private static void watch(Frame frame, List<String> watched) {
        if (frame.performative() instanceof Transfer transfer) {
            watched.add("transfer " + transfer.getDeliveryTag().getArray()[7] + " as " + transfer.getDeliveryId());
        } else if (frame.performative() instanceof Disposition disposition && disposition.getRole() == Role.SENDER) {
            watched.add((disposition.getSettled() ? "settled " : "said ") + disposition.getFirst());
        } else if (frame.performative() instanceof Flow flow && flow.getHandle() != null) {
            watched.add("credit left " + flow.getLinkCredit());
        }
    }

    /** §2.6.12: a tag is unique among the deliveries that either end may consider unsettled. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldNotUseATagAgainWhileItsDeliveryIsNotSettled(int loop) {
        receive(loop, 2, 1);
        int tag = consumer.last(Transfer.class).getDeliveryTag().getArray()[7];
        List<String> watched = watched();
        broker.store().holdBack();
        consumer.dispose(0, 0, false, failed());
        consumer.flow(OUT, 1, 3, true);
        broker.settle();
        assertThat(watched).isEmpty();

        broker.store().release();
        broker.settle();
        assertThat(watched)
                .containsExactly(
                        "settled 0", "transfer " + tag + " as 1", "transfer " + (tag + 1) + " as 2", "credit left 0");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldNotUseATagAgainBeforeTheCommitThatReleasesItsDeliveryHasSettledIt(int loop) {
        receive(loop, 1, 2);
        int tag = consumer.last(Transfer.class).getDeliveryTag().getArray()[7];
        Controller controller = new Controller(broker, consumer, CONTROL);
        Binary transaction = controller.declare();
        consumer.dispose(0, 0, false, Controller.state(transaction, Released.getInstance()));
        broker.settle();
        List<String> watched = watched();

        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
        assertThat(watched).containsExactly("settled 0", "transfer " + tag + " as 1");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldGiveBackWhatWaitsForItsTagWhenTheLinkIsClosed(int loop) {
        receive(loop, 2, 1);
        broker.store().holdBack();
        consumer.dispose(0, 0, false, failed());
        consumer.flow(OUT, 1, 3, false);
        consumer.detach(OUT, true);
        broker.settle();
        broker.store().release();
        broker.settle();

        assertThat(consumer.numbers()).containsExactly(0);
        assertThat(other().numbers()).containsExactlyInAnyOrder(0, 1);
    }
}
