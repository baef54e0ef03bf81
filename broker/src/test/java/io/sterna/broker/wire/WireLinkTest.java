package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.NULL;
import static io.sterna.broker.testing.Wire.described;
import static io.sterna.broker.testing.Wire.map;
import static io.sterna.broker.testing.Wire.string;
import static io.sterna.broker.testing.Wire.symbol;
import static io.sterna.broker.testing.Wire.ubyte;
import static io.sterna.broker.testing.Wire.uint;
import static io.sterna.broker.testing.Wire.ulong;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.Wire;
import java.io.IOException;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attaching, detaching and what links are attached with (AMQP 1.0 §2.6.1 to §2.6.6, §2.7.3, §2.7.7). */
class WireLinkTest {
    private static final byte[] ERROR = described(0x1d, symbol("amqp:internal-error"), string("why not"));

    @RegisterExtension
    static final WireBroker BROKER = new WireBroker();

    // ---- §2.6.3 Establishing a link

    @Test
    @DisplayName(
            "§2.6.3, §2.7.3: the attach of a receiver is answered by a sender with the name, a source and a delivery-count")
    void shouldAnswerWithASenderWhenAReceiverAttaches() throws IOException {
        WireLink link = BROKER.begin().receiver(WireBroker.address());
        assertThat(link.answer().getRole()).isEqualTo(Role.SENDER);
        assertThat(link.answer().getName()).isEqualTo(link.name());
        assertThat(link.answer().getSource()).isNotNull();
        assertThat(link.answer().getInitialDeliveryCount()).isNotNull();
    }

    @Test
    @DisplayName("§2.6.3: the attach of a sender is answered by a receiver with the name and a target")
    void shouldAnswerWithAReceiverWhenASenderAttaches() throws IOException {
        WireLink link = BROKER.begin().sender(WireBroker.address());
        assertThat(link.answer().getRole()).isEqualTo(Role.RECEIVER);
        assertThat(link.answer().getName()).isEqualTo(link.name());
        assertThat(link.answer().getTarget()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ü", "a name with spaces", "日本語 🐧", ""})
    @DisplayName("§2.6.1: names are any strings")
    void shouldAttachWhenTheNameIsUnusual(String name) throws IOException {
        WireSession session = BROKER.begin();
        session.attachSender(name, 0, WireBroker.address()).awaitCredit();
    }

    @Test
    @DisplayName("§2.6.1: names may be arbitrarily long")
    void shouldAttachWhenTheNameIsLong() throws IOException {
        String name = "x".repeat(2_000);
        WireSession session = BROKER.begin();
        session.attachSender(name, 0, WireBroker.address()).awaitCredit();
    }

    @Test
    @DisplayName("§2.6.1: links of different directions may have one name")
    void shouldAttachBothWhenASenderAndAReceiverHaveOneName() throws IOException {
        WireSession session = BROKER.begin();
        String address = WireBroker.address();
        WireLink sender = session.attachSender("both", 0, address);
        sender.awaitCredit();
        WireLink receiver = session.attachReceiver("both", 1, address);
        assertThat(receiver.answer().getRole()).isEqualTo(Role.SENDER);
        sender.sendAccepted(Body.text("round"));
        assertThat(receiver.receiveWithCredit().message()).endsWith(Body.text("round"));
    }

    @Test
    @DisplayName("§2.6.2: handles of the client and of the broker are independent, in any order")
    void shouldKeepLinksApartWhenHandlesAreInAnyOrder() throws IOException {
        WireSession session = BROKER.begin();
        for (int handle : new int[] {42, 0, 7}) {
            String name = "link-" + handle;
            WireLink link = session.attachSender(name, handle, WireBroker.address());
            link.awaitCredit();
            link.sendAccepted(Body.text(name));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("§2.6.3: who recovers a link of which nothing is known gets a null terminus")
    void shouldAnswerWithoutTerminusWhenAnUnknownLinkIsRecovered(boolean receiver) throws IOException {
        WireSession session = BROKER.begin();
        String name = WireSession.newName();
        Body attach = receiver
                ? Body.receiver(name, 0, Body.source("unused")).with(5, NULL)
                : Body.sender(name, 0, Body.target("unused")).with(6, NULL);
        Attach answer = session.attach(name, 0, attach).answer();
        assertThat(receiver ? answer.getSource() : answer.getTarget()).isNull();
    }

    @Test
    @DisplayName("§2.7.3: a broker does not offer a capability that it does not know")
    void shouldNotOfferWhatItDoesNotKnowWhenItIsDesired() throws IOException {
        WireSession session = BROKER.begin();
        Body attach = Body.sender("desiring", 0, Body.target(WireBroker.address()));
        Symbol[] offered = session.attach("desiring", 0, attach.with(12, symbol("sterna:unknown")))
                .answer()
                .getOfferedCapabilities();
        assertThat(offered == null ? new Symbol[0] : offered).doesNotContain(Symbol.valueOf("sterna:unknown"));
    }

    @Test
    @DisplayName("§2.7.3: all fields of the attach may be set")
    void shouldAttachWhenAllFieldsAreSet() throws IOException {
        WireSession session = BROKER.begin();
        Body attach = Body.sender("full", 0, Body.target(WireBroker.address()))
                .with(3, ubyte(2))
                .with(4, ubyte(0))
                .with(8, Wire.bool(false))
                .with(10, ulong(0))
                .with(11, symbol("sterna:unknown"))
                .with(12, symbol("sterna:unknown"))
                .with(13, map(symbol("sterna:unknown"), uint(1)));
        WireLink link = session.attach("full", 0, attach);
        link.awaitCredit();
        link.sendAccepted(Body.text("x"));
    }

    // ---- §2.6.4, §2.6.6 Detaching and closing

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("§2.6.6: a closing detach is answered with a closing detach")
    void shouldAnswerWithAClosingDetachWhenClosed(boolean receiver) throws IOException {
        WireSession session = BROKER.begin();
        WireLink link = receiver ? session.receiver(WireBroker.address()) : session.sender(WireBroker.address());
        session.send(Body.detach(link.handle(), true));
        Detach answer = session.detached(link.theirHandle());
        assertThat(answer.getClosed()).isTrue();
        assertThat(answer.getError()).isNull();
    }

    @Test
    @DisplayName("§2.6.6: a closing detach with an error is answered as any other")
    void shouldAnswerWithAClosingDetachWhenClosedWithAnError() throws IOException {
        WireSession session = BROKER.begin();
        WireLink link = session.receiver(WireBroker.address());
        session.send(Body.detach(link.handle(), true).with(2, ERROR));
        assertThat(session.detached(link.theirHandle()).getClosed()).isTrue();
    }

    @Test
    @DisplayName("§2.6.2: handle and name are free when a link is closed")
    void shouldAttachAgainWhenALinkWasClosed() throws IOException {
        WireSession session = BROKER.begin();
        String address = WireBroker.address();
        Body attach = Body.sender("again", 3, Body.target(address));
        session.attach("again", 3, attach).close();
        WireLink again = session.attach("again", 3, attach);
        again.awaitCredit();
        again.sendAccepted(Body.text("again"));
    }

    @Test
    @DisplayName("§2.6.4: a link that was detached and not closed is attached again")
    void shouldAttachAgainWhenALinkWasDetached() throws IOException {
        WireSession session = BROKER.begin();
        Body attach = Body.sender("again", 3, Body.target(WireBroker.address()));
        session.attach("again", 3, attach).detach(false);
        WireLink again = session.attach("again", 3, attach);
        again.awaitCredit();
        again.sendAccepted(Body.text("again"));
    }

    @Test
    @DisplayName("§2.6.1: a name is active once: the second attach steals the link, or is refused")
    void shouldNotHaveTwoLinksOfOneNameWhenASecondConnectionAttachesIt() throws IOException {
        String address = twoMessages();
        WireClient client = BROKER.open();
        WireLink first = client.begin().attachReceiver("one", 0, address);
        WireClient other = BROKER.connect();
        other.open(Body.open(client.containerId()));
        assertOneIsActive(first, other.begin(), address);
    }

    @Test
    @DisplayName("§2.6.1: the same in two sessions of one connection")
    void shouldNotHaveTwoLinksOfOneNameWhenASecondSessionAttachesIt() throws IOException {
        String address = twoMessages();
        WireClient client = BROKER.open();
        WireSession session = client.begin(0, Body.begin());
        WireSession other = client.begin(1, Body.begin());
        assertOneIsActive(session.attachReceiver("one", 0, address), other, address);
    }

    private static String twoMessages() throws IOException {
        String address = WireBroker.address();
        BROKER.begin().fill(address, Body.text("1"), Body.text("2"));
        return address;
    }

    private static boolean isAttach(Object performative) {
        return performative instanceof Attach attach && attach.getName().equals("one");
    }

    /** "The second attach succeeds and the first attach must then be closed with a link error of stolen": not both deliver. */
    private static void assertOneIsActive(WireLink first, WireSession other, String address) {
        other.send(Body.receiver("one", 0, Body.source(address)));
        if (!other.client().hears(frame -> frame.channel() == other.theirChannel() && isAttach(frame.performative()))) {
            return; // refused with the end of the session or the connection
        }
        WireLink second = other.attached("one", 0);
        if (second.answer().getSource() == null) {
            return; // refused
        }
        assertThat(second.receiveWithCredit().message()).isNotEmpty();
        first.credit(1);
        Object answer = first.session()
                .client()
                .awaitFrame(frame -> frame.channel() == first.session().theirChannel()
                        && (frame.performative() instanceof Transfer || frame.performative() instanceof Detach))
                .performative();
        assertThat(answer)
                .as("of the first link, while the second one delivers")
                .isInstanceOf(Detach.class);
        assertThat((Object) ((Detach) answer).getError().getCondition()).hasToString("amqp:link:stolen");
    }

    // ---- §2.7.3 Settlement

    @ParameterizedTest
    @CsvSource({"0", "1", "2"})
    @DisplayName("§2.7.3, §2.7.5: deliveries are settled as the broker's attach says")
    void shouldSettleAsItSaidWhenTheReceiverWishesAMode(int mode) throws IOException {
        String address = WireBroker.address();
        WireSession session = BROKER.begin();
        session.fill(address, Body.text("x"));
        Body attach = Body.receiver("mode", 9, Body.source(address)).with(3, ubyte(mode));
        WireLink link = session.attach("mode", 9, attach);
        boolean settled =
                link.receiveWithCredit().transfers().stream().anyMatch(it -> Boolean.TRUE.equals(it.getSettled()));
        if (link.answer().getSndSettleMode() == SenderSettleMode.SETTLED) {
            assertThat(settled).isTrue();
        } else if (link.answer().getSndSettleMode() == SenderSettleMode.UNSETTLED) {
            assertThat(settled).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @DisplayName("§2.7.3, §2.8.3: the broker settles first or second as its attach says")
    void shouldSettleAsItSaidWhenTheSenderWishesAMode(int mode) throws IOException {
        WireSession session = BROKER.begin();
        Body attach = Body.sender("mode", 0, Body.target(WireBroker.address())).with(4, ubyte(mode));
        WireLink link = session.attach("mode", 0, attach);
        link.awaitCredit();
        boolean second = link.answer().getRcvSettleMode() == ReceiverSettleMode.SECOND;
        int id = link.send(Body.text("x"));
        assertThat(session.disposition(id).getSettled()).isEqualTo(!second);
        if (second) {
            session.send(Body.disposition(false, id, id, true, Body.ACCEPTED));
            link.sendAccepted(Body.text("y"));
        }
    }
}
