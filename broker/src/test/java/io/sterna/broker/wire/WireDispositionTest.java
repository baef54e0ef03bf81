package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.NULL;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.wire.WireLink.Delivery;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Dispositions and which deliveries they are about (AMQP 1.0 §2.7.6). */
class WireDispositionTest {
    private static final int LAST = 2;

    @RegisterExtension
    static final WireBroker BROKER = new WireBroker();

    private final String address = WireBroker.address();
    private final List<Delivery> deliveries = new ArrayList<>();

    /** A link on which some messages have come. */
    private WireLink received(int messages) throws IOException {
        WireSession session = BROKER.begin();
        session.fill(address, messages);
        WireLink link = session.receiver(address);
        link.credit(messages);
        for (int i = 0; i < messages; i++) {
            deliveries.add(link.receive());
        }
        return link;
    }

    /** What is in the queue when the link is closed and what it held has gone back. */
    private List<String> remaining(WireLink link, int expected) throws IOException {
        link.close();
        List<String> texts = new ArrayList<>();
        for (Delivery delivery : BROKER.messages(address, expected)) {
            String text = new String(delivery.message(), UTF_8);
            texts.add(text.substring(text.lastIndexOf("message ")));
        }
        return texts;
    }

    private int id(int index) {
        return deliveries.get(index).id();
    }

    private static Body accept(int first, int last) {
        return Body.disposition(true, first, last, true, Body.ACCEPTED);
    }

    @Test
    @DisplayName("§2.7.6: a disposition is about all deliveries from first to last")
    void shouldSettleAllWhenADispositionNamesARange() throws IOException {
        WireLink link = received(5);
        link.session().send(accept(id(1), id(3)));
        assertThat(remaining(link, 2)).containsExactlyInAnyOrder("message 0", "message 4");
    }

    @Test
    @DisplayName("§2.7.6: without last it is about the first alone")
    void shouldSettleOneWhenThereIsNoLast() throws IOException {
        WireLink link = received(3);
        link.session().send(accept(id(1), 0).with(LAST, NULL));
        assertThat(remaining(link, 2)).containsExactlyInAnyOrder("message 0", "message 2");
    }

    @Test
    @DisplayName("§2.7.6: deliveries are settled in any order")
    void shouldSettleWhenTheOrderIsReversed() throws IOException {
        WireLink link = received(4);
        for (int i = 3; i > 0; i--) {
            link.session().send(accept(id(i), id(i)));
        }
        assertThat(remaining(link, 1)).containsExactly("message 0");
    }

    @Test
    @DisplayName("§2.7.6: a range may contain deliveries that are settled already")
    void shouldSettleTheRestWhenARangeContainsSettledOnes() throws IOException {
        WireLink link = received(4);
        link.session().send(accept(id(1), id(1)));
        link.session().send(accept(id(0), id(2)));
        assertThat(remaining(link, 1)).containsExactly("message 3");
    }

    @Test
    @DisplayName("§2.7.6: a range may be about deliveries of several links")
    void shouldSettleTheDeliveriesOfAllLinksWhenARangeContainsThem() throws IOException {
        WireLink link = received(2);
        WireSession session = link.session();
        String other = WireBroker.address();
        session.fill(other, Body.text("message 9"));
        WireLink otherLink = session.receiver(other);
        Delivery last = otherLink.receiveWithCredit();
        session.send(accept(id(0), last.id()));
        otherLink.close();
        assertThat(BROKER.begin().receiver(other).drain()).isEmpty();
        assertThat(remaining(link, 0)).isEmpty();
    }

    @Test
    @DisplayName("§2.7.6: an outcome that is not settled yet may be settled later")
    void shouldApplyTheOutcomeWhenItIsSettledLater() throws IOException {
        WireLink link = received(1);
        link.session().send(Body.disposition(true, id(0), id(0), false, Body.ACCEPTED));
        link.session().send(accept(id(0), id(0)));
        assertThat(remaining(link, 0)).isEmpty();
    }

    @Test
    @DisplayName("§2.7.6: dispositions for deliveries of a link that was detached and not closed are applied")
    void shouldApplyTheOutcomeWhenTheLinkIsDetached() throws IOException {
        WireLink link = received(2);
        WireSession session = link.session();
        session.send(Body.detach(link.handle(), false));
        Detach answer = session.detached(link.theirHandle());
        if (answer.getClosed()) {
            return; // The broker has closed the link, and so its deliveries are no more.
        }
        session.send(accept(id(0), id(1)));
        session.end();
        assertThat(BROKER.begin().receiver(address).drain()).isEmpty();
    }

    @Test
    @DisplayName("§2.4.3: dispositions about nothing are no reason to drop the connection without a close")
    void shouldCloseInGoodOrderWhenDeliveriesAreUnknown() throws IOException {
        WireLink link = received(1);
        link.session().send(accept(id(0) + 100, id(0) + 200));
        link.session().send(Body.disposition(false, 5, 9, true, Body.ACCEPTED));
        link.session().client().closesInGoodOrder();
    }

    @Test
    @DisplayName("§2.4.3: nor is a range that ends before it starts, or one that is as large as can be")
    void shouldCloseInGoodOrderWhenARangeIsStrange() throws IOException {
        WireLink link = received(1);
        link.session().send(accept(5, 2));
        link.session().send(accept(0, Integer.MAX_VALUE));
        link.session().send(accept(0, -1));
        link.session().client().closesInGoodOrder();
    }

    @Test
    @DisplayName("§2.6.12: what a sender sent is accepted and settled one by one or in ranges, and nothing else")
    void shouldTellTheOutcomeOfAllWhenManyAreSent() throws IOException {
        WireSession session = BROKER.begin();
        WireLink sender = session.sender(address);
        for (int i = 0; i < 20; i++) {
            sender.send(Body.text("message " + i));
        }
        boolean[] told = new boolean[20];
        int missing = 20;
        while (missing > 0) {
            Disposition disposition = session.await(Disposition.class, any -> true);
            int first = disposition.getFirst().intValue();
            int last = disposition.getLast() == null
                    ? first
                    : disposition.getLast().intValue();
            assertThat(first).isBetween(0, 19);
            assertThat(last).isBetween(first, 19);
            for (int id = first; id <= last; id++) {
                missing -= told[id] ? 0 : 1;
                told[id] = true;
            }
        }
    }
}
