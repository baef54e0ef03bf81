package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who holds a message across restarts, as it goes from one kept link to another: AMQP 1.0 §2.6.13, §3.5.5. */
class KeptHoldTest {
    private final Simulation broker = new Simulation(5);
    private final String address = broker.addressOn(0, "q");

    private Peer consumer(String container, Source source, int credit) {
        Peer consumer = broker.connectSilently(1);
        consumer.open(container);
        consumer.begin();
        consumer.say(Peer.receiver("link-" + container, 0, source));
        broker.settle();
        consumer.flow(0, 0, credit, false);
        broker.settle();
        return consumer;
    }

    private Peer consumer(String container) {
        return consumer(container, Peer.source(address), 10);
    }

    private Peer keptConsumer(String container, int credit) {
        Source source = Peer.source(address);
        source.setDurable(TerminusDurability.UNSETTLED_STATE);
        source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        return consumer(container, source, credit);
    }

    private void publishOne() {
        Peer producer = broker.connect(1);
        producer.send(address, 0);
        broker.settle();
        producer.transfer(0, 0, TestMessages.durable(7));
        broker.settle();
    }

    private void restart() {
        broker.crashAndRestart();
        broker.settle();
    }

    private long unsettled() {
        return broker.partitions().totals().unsettled();
    }

    /** The next one gets the message while the link that had it ends. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldHoldForTheNextConsumerWhenAKeptLinkEnds(boolean released) {
        publishOne();
        Peer first = keptConsumer("first", 1);
        Peer second = keptConsumer("second", 1);
        first.detach(0, true);
        broker.settle();
        assertThat(second.numbers()).containsExactly(7);

        if (released) {
            second.dispose(0, 0, true, Released.getInstance());
            broker.settle();
        }
        restart();

        assertThat(consumer("third").numbers()).hasSize(released ? 1 : 0);
    }

    @Test
    void shouldCountWhatIsHeldWhenTheBrokerHasStartedAgain() {
        publishOne();
        keptConsumer("first", 1);
        assertThat(unsettled()).isEqualTo(1);
        restart();
        assertThat(unsettled()).isEqualTo(1);

        keptConsumer("first", 0).detach(0, true);
        broker.settle();
        assertThat(unsettled()).isZero();
        assertThat(consumer("other").numbers()).containsExactly(7);
        assertThat(unsettled()).isEqualTo(1);
    }
}
