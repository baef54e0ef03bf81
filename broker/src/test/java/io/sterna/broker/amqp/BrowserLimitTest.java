package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.junit.jupiter.api.Test;

/** A consumer that browses with all credit there is holds no more in memory than is on its way to it. */
class BrowserLimitTest {
    private static final int MESSAGES = 2_000;
    private static final int BODY_BYTES = 10_000;

    private final Simulation broker = new Simulation(4, 20L * BODY_BYTES);

    private Peer browse(int credit, boolean drain) {
        Peer peer = broker.connect(1);
        Source source = Peer.source("queue");
        source.setDistributionMode(Symbol.valueOf("copy"));
        peer.say(Peer.receiver("browser", 0, source));
        broker.settle();
        peer.flow(0, 0, credit, drain);
        return peer;
    }

    private void fill() {
        Peer producer = broker.connect(0);
        producer.send("queue", 0);
        broker.settle();
        for (int number = 0; number < MESSAGES; number++) {
            producer.transfer(0, number, TestMessages.message(number, true, "", BODY_BYTES));
            broker.settle();
        }
    }

    @Test
    void shouldShowEverythingWhenTheBrowserReads() {
        fill();
        Peer browser = browse(Integer.MAX_VALUE, false);
        broker.settle();

        assertThat(browser.numbers())
                .containsExactlyElementsOf(IntStream.range(0, MESSAGES).boxed().toList());
    }

    @Test
    void shouldEndADrainOnlyWhenEverythingWasShown() {
        fill();
        Peer browser = browse(MESSAGES + 10, true);
        broker.settle();

        assertThat(browser.numbers()).hasSize(MESSAGES);
        assertThat(browser.last(Flow.class).getLinkCredit().intValue()).isZero();
    }

    /** AMQP 1.0 §2.5.6: a session's window may be shut while its links have credit. */
    @Test
    void shouldReadNoMoreThanASliceAheadWhenTheBrowserDoesNot() {
        fill();
        Peer browser = browse(0, false);
        Flow shut = new Flow();
        shut.setNextIncomingId(UnsignedInteger.ZERO);
        shut.setIncomingWindow(UnsignedInteger.ZERO);
        shut.setNextOutgoingId(UnsignedInteger.ZERO);
        shut.setOutgoingWindow(UnsignedInteger.valueOf(1000));
        shut.setHandle(UnsignedInteger.ZERO);
        shut.setDeliveryCount(UnsignedInteger.ZERO);
        shut.setLinkCredit(UnsignedInteger.valueOf(1_000_000));
        int readsBefore = broker.store().messagesRead();
        browser.say(shut);
        broker.settle();

        assertThat(browser.numbers()).isEmpty();
        assertThat(broker.store().messagesRead() - readsBefore).isLessThan(MESSAGES / 2);

        Flow open = new Flow();
        open.setNextIncomingId(UnsignedInteger.ZERO);
        open.setIncomingWindow(UnsignedInteger.valueOf(1_000_000));
        open.setNextOutgoingId(UnsignedInteger.ZERO);
        open.setOutgoingWindow(UnsignedInteger.valueOf(1000));
        browser.say(open);
        broker.settle();
        assertThat(browser.numbers()).hasSize(MESSAGES);
    }
}
