package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.NULL;
import static io.sterna.broker.testing.Wire.bool;
import static io.sterna.broker.testing.Wire.described;
import static io.sterna.broker.testing.Wire.join;
import static io.sterna.broker.testing.Wire.map;
import static io.sterna.broker.testing.Wire.string;
import static io.sterna.broker.testing.Wire.symbol;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sterna.broker.testing.Wire;
import io.sterna.broker.wire.WireLink.Delivery;
import java.io.IOException;
import java.util.List;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of messages by their outcomes (AMQP 1.0 §3.3, §3.4, §3.5.3). */
class WireOutcomeTest {
    private static final int DEFAULT_OUTCOME = 8;
    private static final byte[] MESSAGE = Body.text("a message");

    @RegisterExtension
    static final WireBroker BROKER = new WireBroker();

    private final String address = WireBroker.address();

    private WireSession filled() throws IOException {
        WireSession session = BROKER.begin();
        session.fill(address, MESSAGE);
        return session;
    }

    /** A link on which the broker says that a message may be modified. */
    private WireLink modifying(WireSession session) {
        byte[] outcomes = Body.symbols("amqp:accepted:list", "amqp:released:list", "amqp:modified:list");
        WireLink link = session.receiver(Body.source(address).with(Body.OUTCOMES, outcomes));
        Symbol[] told = ((Source) link.answer().getSource()).getOutcomes();
        assumeThat(told).isNotNull().contains(Symbol.valueOf("amqp:modified:list"));
        return link;
    }

    /** Acquires the message, tells the outcome, and gives what another link then gets, which is so much. */
    private List<Delivery> afterwards(byte[] outcome, int expected) throws IOException {
        WireLink link = filled().receiver(address);
        link.dispose(link.receiveWithCredit(), outcome);
        link.close();
        return BROKER.messages(address, expected);
    }

    private static SectionsOf only(List<Delivery> deliveries) {
        assertThat(deliveries).hasSize(1);
        SectionsOf sections = SectionsOf.message(deliveries.get(0).message());
        assertThat(sections.bare()).isEqualTo(MESSAGE);
        return sections;
    }

    // ---- §3.4 Outcomes

    @Test
    @DisplayName("§3.4.2: an accepted message is retired")
    void shouldRetireWhenAccepted() throws IOException {
        assertThat(afterwards(Body.ACCEPTED, 0)).isEmpty();
    }

    @Test
    @DisplayName("§3.4.4: a released message is available again, and its deliveries are not counted")
    void shouldDeliverUnchangedWhenReleased() throws IOException {
        assertThat(only(afterwards(Body.RELEASED, 1)).deliveryCount()).isZero();
    }

    @Test
    @DisplayName("§3.4.5: a modified message is available again")
    void shouldDeliverAgainWhenModified() throws IOException {
        only(afterwards(Body.MODIFIED, 1));
    }

    @Test
    @DisplayName("§3.4.5: a failed delivery is counted")
    void shouldCountTheDeliveryWhenItFailed() throws IOException {
        assertThat(only(afterwards(Body.MODIFIED_FAILED, 1)).deliveryCount()).isEqualTo(1);
    }

    @Test
    @DisplayName("§3.4.5: each failed delivery is counted, and released ones between them are not")
    void shouldCountEachFailedDelivery() throws IOException {
        WireLink link = filled().receiver(address);
        link.dispose(link.receiveWithCredit(), Body.MODIFIED_FAILED);
        link.dispose(link.receiveWithCredit(), Body.RELEASED);
        link.dispose(link.receiveWithCredit(), Body.MODIFIED_FAILED);
        assertThat(SectionsOf.message(link.receiveWithCredit().message()).deliveryCount())
                .isEqualTo(2);
    }

    @Test
    @DisplayName("§3.4.5: a message that is undeliverable here is not delivered to this link again")
    void shouldNotDeliverToTheSameLinkWhenUndeliverableHere() throws IOException {
        WireLink link = filled().receiver(address);
        link.dispose(link.receiveWithCredit(), described(0x27, NULL, bool(true)));
        assertThat(link.drain()).isEmpty();
    }

    @Test
    @DisplayName("§3.4.5: annotations of a modified message are added")
    void shouldAddAnnotationsWhenModified() throws IOException {
        WireLink link = modifying(filled());
        byte[] modified = described(0x27, NULL, NULL, map(symbol("x-opt-new"), string("value")));
        link.dispose(link.receiveWithCredit(), modified);
        assertThat(SectionsOf.message(link.receiveWithCredit().message()).messageAnnotations())
                .containsEntry(Symbol.valueOf("x-opt-new"), "value");
    }

    @Test
    @DisplayName("§3.4.5: annotations of a modified message replace those of the same key, and only those")
    void shouldReplaceAnnotationsWhenModified() throws IOException {
        byte[] annotations = map(symbol("x-opt-old"), string("old"), symbol("x-opt-kept"), string("kept"));
        WireSession session = BROKER.begin();
        session.fill(address, join(new byte[] {0, 0x53, 0x72}, annotations, MESSAGE));
        WireLink link = modifying(session);
        Delivery first = link.receiveWithCredit();
        link.dispose(first, described(0x27, NULL, NULL, map(symbol("x-opt-old"), string("new"))));
        SectionsOf again = SectionsOf.message(link.receiveWithCredit().message());
        assertThat(again.messageAnnotations())
                .containsEntry(Symbol.valueOf("x-opt-old"), "new")
                .containsEntry(Symbol.valueOf("x-opt-kept"), "kept");
    }

    // ---- §3.3.1 Acquisition

    @Test
    @DisplayName("§3.3.1: an acquired message is not delivered to any other link")
    void shouldDeliverToOneLinkOnlyWhenAcquired() throws IOException {
        filled().receiver(address).receiveWithCredit();
        assertThat(BROKER.begin().receiver(address).drain()).isEmpty();
    }

    @Test
    @DisplayName("§3.3.1: it stays acquired while an outcome is told and not settled, and then has that outcome")
    void shouldStayAcquiredUntilSettled() throws IOException {
        WireSession session = filled();
        WireLink link = session.receiver(address);
        Delivery delivery = link.receiveWithCredit();
        session.send(Body.disposition(true, delivery.id(), delivery.id(), false, Body.ACCEPTED));
        session.awaitAnotherLink();
        assertThat(BROKER.begin().receiver(address).drain()).isEmpty();
    }

    @Test
    @DisplayName("§3.3.1: what a link held when its connection broke is available again")
    void shouldDeliverAgainWhenTheConnectionBreaks() throws IOException {
        WireSession session = filled();
        session.receiver(address).receiveWithCredit();
        session.client().close();
        only(BROKER.messages(address, 1));
    }

    // ---- §3.5.3 Default outcome

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"accepted", "released", "modified"})
    @DisplayName("§3.5.3, §3.3.1: what is settled without an outcome has the default outcome of the broker's source")
    void shouldApplyTheDefaultOutcomeWhenSettledWithoutState(String asked) throws IOException {
        WireLink link = filledWithDefaultOutcome(asked);
        link.dispose(link.receiveWithCredit(), NULL);
        link.close();
        assertOutcome(asked);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"released", "modified"})
    @DisplayName(
            "§3.5.3, §3.3.1: what was not settled when its connection broke has the default outcome of the broker's source")
    void shouldApplyTheDefaultOutcomeWhenTheConnectionBreaks(String asked) throws IOException {
        WireLink link = filledWithDefaultOutcome(asked);
        link.receiveWithCredit();
        link.session().client().close();
        assertOutcome(asked);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"accepted", "released"})
    @DisplayName(
            "§3.5.3, §3.3.1: what is not settled when its link is closed has the default outcome of the broker's source")
    void shouldApplyTheDefaultOutcomeWhenTheLinkIsClosed(String asked) throws IOException {
        WireLink link = filledWithDefaultOutcome(asked);
        link.receiveWithCredit();
        link.close();
        assertOutcome(asked);
    }

    /** Sterna counts no failure when a link is closed in order: docs/decisions/0005. */
    @Test
    @Tag("deviation")
    @DisplayName("§3.5.3, §3.3.1: so it is with a default outcome that counts a failure")
    void shouldApplyAModifyingDefaultOutcomeWhenTheLinkIsClosed() throws IOException {
        WireLink link = filledWithDefaultOutcome("modified");
        link.receiveWithCredit();
        link.close();
        assertOutcome("modified");
    }

    /** A link whose source has this default outcome, as the broker says itself; where it says another, nothing is asserted. */
    private WireLink filledWithDefaultOutcome(String name) throws IOException {
        byte[] asked =
                switch (name) {
                    case "accepted" -> Body.ACCEPTED;
                    case "released" -> Body.RELEASED;
                    default -> Body.MODIFIED_FAILED;
                };
        WireLink link = filled().receiver(Body.source(address).with(DEFAULT_OUTCOME, asked));
        Object told = ((Source) link.answer().getSource()).getDefaultOutcome();
        assumeThat(told == null ? "none" : told.toString()).containsIgnoringCase(name);
        return link;
    }

    private void assertOutcome(String name) throws IOException {
        switch (name) {
            case "accepted" -> assertThat(BROKER.messages(address, 0)).isEmpty();
            case "released" ->
                assertThat(only(BROKER.messages(address, 1)).deliveryCount()).isZero();
            default ->
                assertThat(only(BROKER.messages(address, 1)).deliveryCount()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("§3.5.3: the outcomes of the broker's source are descriptors of outcomes")
    void shouldNameOutcomesByTheirDescriptors() throws IOException {
        Source source = (Source) BROKER.begin().receiver(address).answer().getSource();
        Symbol[] outcomes = source.getOutcomes() == null ? new Symbol[0] : source.getOutcomes();
        assertThat(outcomes).allMatch(it -> it.toString().matches("amqp:(accepted|rejected|released|modified):list"));
    }

    @Test
    @DisplayName("§3.3.1: a delivery that was sent settled is retired with it")
    void shouldRetireWhenTheBrokerSendsSettled() throws IOException {
        WireSession session = filled();
        Body attach = Body.receiver("settled", 9, Body.source(address)).with(3, Wire.ubyte(1));
        WireLink link = session.attach("settled", 9, attach);
        boolean settled =
                link.receiveWithCredit().transfers().stream().anyMatch(it -> Boolean.TRUE.equals(it.getSettled()));
        link.close();
        assertThat(BROKER.messages(address, settled ? 0 : 1)).hasSize(settled ? 0 : 1);
    }
}
