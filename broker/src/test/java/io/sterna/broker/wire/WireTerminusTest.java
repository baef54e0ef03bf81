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

import io.sterna.broker.wire.WireLink.Delivery;
import java.io.IOException;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sources and targets (AMQP 1.0 §3.5). */
class WireTerminusTest {
    private static final int DYNAMIC = 4;
    private static final int DYNAMIC_NODE_PROPERTIES = 5;
    private static final int DISTRIBUTION_MODE = 6;
    private static final int FILTER = 7;
    private static final Symbol COPY = Symbol.valueOf("copy");

    @RegisterExtension
    static final WireBroker BROKER = new WireBroker();

    private final String address = WireBroker.address();

    private static Source source(WireLink link) {
        return (Source) link.answer().getSource();
    }

    // ---- Addresses

    @Test
    @DisplayName("§3.5.3: the broker's source and target have the address that was asked for")
    void shouldTellTheAddressWhenAttached() throws IOException {
        WireSession session = BROKER.begin();
        assertThat(source(session.receiver(address)).getAddress()).isEqualTo(address);
        assertThat(((Target) session.sender(address).answer().getTarget()).getAddress())
                .isEqualTo(address);
    }

    // ---- Dynamic nodes

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("§3.5.3, §3.5.4: a node that was asked for has an address, by which it is reached")
    void shouldTellTheAddressWhenANodeIsCreated(boolean withPolicy) throws IOException {
        WireSession session = BROKER.begin();
        Body asked = Body.of(Body.SOURCE).with(DYNAMIC, bool(true));
        WireLink link = session.receiver(
                withPolicy
                        ? asked.with(DYNAMIC_NODE_PROPERTIES, map(symbol("lifetime-policy"), described(0x2b)))
                        : asked);
        assumeThat(link.answer().getSource()).isNotNull(); // a broker may refuse
        assertThat(source(link).getDynamic()).isTrue();
        assertThat(source(link).getAddress()).isNotBlank();
        session.fill(source(link).getAddress(), Body.text("to the new node"));
        assertThat(link.receiveWithCredit().message()).endsWith(Body.text("to the new node"));
    }

    @Test
    @DisplayName("§3.5.4: so it is with one that a sender asked for")
    void shouldTellTheAddressWhenANodeIsCreatedForASender() throws IOException {
        WireSession session = BROKER.begin();
        String name = WireSession.newName();
        Body target = Body.of(Body.TARGET).with(DYNAMIC, bool(true));
        WireLink link = session.attach(name, 0, Body.sender(name, 0, target));
        assumeThat(link.answer().getTarget()).isNotNull();
        Target answer = (Target) link.answer().getTarget();
        assertThat(answer.getDynamic()).isTrue();
        assertThat(answer.getAddress()).isNotBlank();
        link.awaitCredit();
        WireLink receiver = session.receiver(Body.of(Body.SOURCE, string(answer.getAddress())));
        receiver.credit(1);
        link.sendAccepted(Body.text("from its maker"));
        assertThat(receiver.receive().message()).endsWith(Body.text("from its maker"));
    }

    @ParameterizedTest(name = "descriptor {0}")
    @ValueSource(ints = {0x2b, 0x2c, 0x2d, 0x2e})
    @DisplayName("§3.5.10: lifetime policies are known, or the link is refused with an attach and a detach")
    void shouldCreateOrRefuseWhateverTheLifetimePolicy(int policy) throws IOException {
        WireSession session = BROKER.begin();
        WireLink link = session.receiver(Body.of(Body.SOURCE)
                .with(DYNAMIC, bool(true))
                .with(DYNAMIC_NODE_PROPERTIES, map(symbol("lifetime-policy"), described(policy))));
        if (link.answer().getSource() == null) {
            session.detached(link.theirHandle());
        } else {
            assertThat(source(link).getAddress()).isNotBlank();
        }
    }

    @Test
    @DisplayName("§2.4.3: a dynamic node with an address is no reason to drop the connection without a close")
    void shouldCloseInGoodOrderWhenADynamicNodeHasAnAddress() throws IOException {
        WireSession session = BROKER.begin();
        session.send(Body.receiver("dynamic", 0, Body.source(address).with(DYNAMIC, bool(true))));
        session.client().closesInGoodOrder();
    }

    // ---- Distribution modes

    /** What a browser gets, and what is left for the others; nothing to assert where the broker says that it is none. */
    private WireLink browser(WireSession session) {
        WireLink link = session.receiver(Body.source(address).with(DISTRIBUTION_MODE, symbol("copy")));
        assumeThat(link.answer().getSource()).isNotNull();
        assumeThat(COPY.equals(source(link).getDistributionMode())).isTrue();
        return link;
    }

    @Test
    @DisplayName("§3.5.2: what a copying link delivers stays")
    void shouldLeaveMessagesWhenTheLinkCopies() throws IOException {
        WireSession session = BROKER.begin();
        session.fill(address, Body.text("1"), Body.text("2"));
        WireLink link = browser(session);
        for (Delivery delivery : link.drain()) {
            link.dispose(delivery, Body.ACCEPTED);
        }
        link.close();
        assertThat(BROKER.messages(address, 2)).hasSize(2);
    }

    @Test
    @DisplayName("§3.5.2: what a copying link holds is available to others")
    void shouldNotAcquireWhenTheLinkCopies() throws IOException {
        WireSession session = BROKER.begin();
        session.fill(address, Body.text("1"));
        browser(session).receiveWithCredit();
        assertThat(BROKER.messages(address, 1)).hasSize(1);
    }

    @Test
    @DisplayName("§3.5.2: what was accepted on a copying link is not sent on it again")
    void shouldNotSendAgainWhenACopyWasAccepted() throws IOException {
        WireSession session = BROKER.begin();
        session.fill(address, Body.text("1"), Body.text("2"));
        WireLink link = browser(session);
        assertThat(link.drain()).hasSize(2).allSatisfy(it -> link.dispose(it, Body.ACCEPTED));
        assertThat(link.drain()).isEmpty();
    }

    @Test
    @DisplayName("§3.5.3: a source with more than one distribution mode names the one in use")
    void shouldNameTheDistributionModeWhenThereAreSeveral() throws IOException {
        WireSession session = BROKER.begin();
        browser(session);
        assertThat((Object) source(session.receiver(address)).getDistributionMode())
                .isNotNull();
    }

    // ---- Filters

    private static Map<?, ?> filters(WireLink link) {
        Map<?, ?> filters = source(link).getFilter();
        return filters == null ? Map.of() : filters;
    }

    @Test
    @DisplayName("§3.5.3: the filters in the broker's source are those in place: not one that it does not know")
    void shouldNotNameAFilterWhenItIsUnknown() throws IOException {
        byte[] unknown = join(new byte[] {0}, symbol("sterna:unknown"), string("anything"));
        WireLink link = BROKER.begin().receiver(Body.source(address).with(FILTER, map(symbol("unknown"), unknown)));
        assumeThat(link.answer().getSource()).isNotNull();
        assertThat(filters(link)).isEmpty();
    }

    @Test
    @DisplayName("§3.5.8: a filter of null is none")
    void shouldDeliverAllWhenAFilterIsNull() throws IOException {
        WireSession session = BROKER.begin();
        session.fill(address, Body.text("1"), Body.text("2"));
        WireLink link = session.receiver(Body.source(address).with(FILTER, map(symbol("nothing"), NULL)));
        assertThat(link.drain()).hasSize(2);
    }

    @Test
    @DisplayName("§3.5.8: a filter that is named in the broker's source is heeded")
    void shouldFilterWhenTheFilterIsInPlace() throws IOException {
        byte[] selector = join(new byte[] {0}, symbol("apache.org:selector-filter:string"), string("colour = 'red'"));
        WireSession session = BROKER.begin();
        byte[] red = join(new byte[] {0, 0x53, 0x74}, map(string("colour"), string("red")), Body.text("red"));
        byte[] blue = join(new byte[] {0, 0x53, 0x74}, map(string("colour"), string("blue")), Body.text("blue"));
        session.fill(address, blue, red, blue, red);
        WireLink link = session.receiver(Body.source(address).with(FILTER, map(symbol("selector"), selector)));
        assumeThat(link.answer().getSource()).isNotNull();
        assumeThat(filters(link)).isNotEmpty();
        assertThat(link.drain())
                .hasSize(2)
                .allMatch(it -> SectionsOf.message(it.message()).bare().length == red.length);
    }

    @Test
    @DisplayName("§3.5.3: dynamic-node-properties are of dynamic nodes only")
    void shouldHaveNoNodePropertiesWhenTheNodeIsNotDynamic() throws IOException {
        Source source = source(BROKER.begin().receiver(address));
        assertThat(source.getDynamic()).isFalse();
        assertThat((Object) source.getDynamicNodeProperties()).isNull();
    }
}
