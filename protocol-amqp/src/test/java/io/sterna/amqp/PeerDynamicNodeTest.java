package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasEntry;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.nullValue;

import io.sterna.amqp.Terminus.LifetimePolicy;
import java.util.Map;
import org.apache.qpid.protonj2.test.driver.codec.messaging.DeleteOnClose;
import org.apache.qpid.protonj2.test.driver.codec.messaging.DeleteOnNoLinks;
import org.apache.qpid.protonj2.test.driver.codec.messaging.DeleteOnNoLinksOrMessages;
import org.apache.qpid.protonj2.test.driver.codec.messaging.DeleteOnNoMessages;
import org.apache.qpid.protonj2.test.driver.codec.primitives.Symbol;
import org.apache.qpid.protonj2.test.driver.codec.primitives.UnknownDescribedType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nodes that a peer asks to have created: AMQP 1.0 §3.5.3, §3.5.4, §3.5.9 to §3.5.13. */
class PeerDynamicNodeTest extends PeerTest {
    private static final Symbol KEY = Symbol.valueOf("lifetime-policy");

    // AMQP 1.0 §3.5.10 to §3.5.13
    @ParameterizedTest
    @EnumSource
    void shouldTellTheLifetimePolicyWhenAReceiverAsksForANode(LifetimePolicy policy) throws Exception {
        begin(behaviour -> behaviour.answerAttaches = false);
        askForSource(Map.of(LifetimePolicy.KEY, wire(policy)));
        connectionLives();

        Terminus.Node asked = node.sender("out").remote().source().orElseThrow().node();
        assertThat(asked.dynamic()).isTrue();
        assertThat(asked.address()).isEmpty();
        assertThat(asked.lifetimePolicy()).contains(policy);
    }

    // AMQP 1.0 §3.5.4
    @ParameterizedTest
    @EnumSource
    void shouldTellTheLifetimePolicyWhenASenderAsksForANode(LifetimePolicy policy) throws Exception {
        begin(behaviour -> behaviour.answerAttaches = false);
        askForTarget(Map.of(LifetimePolicy.KEY, wire(policy)));
        connectionLives();

        Terminus.Target asked =
                (Terminus.Target) node.receiver("in").remote().target().orElseThrow();
        assertThat(asked.node().dynamic()).isTrue();
        assertThat(asked.node().lifetimePolicy()).contains(policy);
    }

    // AMQP 1.0 §3.5.3: "The address of the source MUST be set … where the sender has created an addressable node";
    // §3.5.9: the properties are the actual ones then.
    @ParameterizedTest
    @EnumSource
    void shouldSayAddressAndPolicyWhenItHasCreatedANode(LifetimePolicy policy) throws Exception {
        begin(behaviour -> behaviour.answerAttaches = false);
        askForSource(Map.of());
        connectionLives();

        peer.expectAttach()
                .ofSender()
                .withSource()
                .withDynamic(true)
                .withAddress("made-for-you")
                .withDynamicNodeProperties(
                        hasEntry(equalTo(KEY), instanceOf(wire(policy).getClass())))
                .and()
                .withTarget();
        node.run(() -> {
            SenderLink link = node.sender("out");
            Terminus.Source source = link.remote().source().orElseThrow();
            Terminus.Source made = source.withNode(source.node()
                    .withAddress("made-for-you")
                    .withDynamicNodeProperties(Map.of(Terminus.LifetimePolicy.KEY, policy)));
            link.accept(LinkTerms.asAsked(link.remote()).withSource(made), node.new Sending(link));
        });
        sync();
    }

    @Test
    void shouldTellNoPolicyWhenNoneIsAskedFor() throws Exception {
        begin(behaviour -> behaviour.answerAttaches = false);
        askForSource(Map.of());
        connectionLives();

        assertThat(node.sender("out").remote().source().orElseThrow().node().lifetimePolicy())
                .isEmpty();
    }

    // AMQP 1.0 §3.5.9: "The value of this entry must be one of the defined lifetime-policies"
    @Test
    void shouldRefuseTheAttachWhenTheLifetimePolicyIsUnknown() throws Exception {
        begin();
        peer.expectAttach().ofSender().withSource(nullValue());
        peer.expectDetach().withClosed(true).withError("amqp:invalid-field", text());
        askForSource(Map.of(
                LifetimePolicy.KEY,
                new UnknownDescribedType(Symbol.valueOf("x:delete-on-sunday:list"), java.util.List.of())));
        sync();
        assertThat(node.senders).isEmpty();
    }

    // AMQP 1.0 §3.5.3: with dynamic "the address field MUST NOT be set"
    @Test
    void shouldRefuseTheAttachWhenADynamicSourceHasAnAddress() throws Exception {
        begin();
        peer.expectAttach().ofSender().withSource(nullValue());
        peer.expectDetach().withClosed(true).withError("amqp:invalid-field", text());
        peer.remoteAttach()
                .ofReceiver()
                .withName("out")
                .withHandle(0)
                .withSource()
                .withDynamic(true)
                .withAddress("mine")
                .and()
                .withTarget()
                .withAddress("there")
                .and()
                .onChannel(0)
                .now();
        sync();
    }

    // AMQP 1.0 §3.5.4
    @Test
    void shouldRefuseTheAttachWhenADynamicTargetHasAnAddress() throws Exception {
        begin();
        peer.expectAttach().ofReceiver().withTarget(nullValue());
        peer.expectDetach().withClosed(true).withError("amqp:invalid-field", text());
        peer.remoteAttach()
                .ofSender()
                .withName("in")
                .withHandle(0)
                .withInitialDeliveryCount(0)
                .withSource()
                .withAddress("there")
                .and()
                .withTarget()
                .withDynamic(true)
                .withAddress("mine")
                .and()
                .onChannel(0)
                .now();
        sync();
    }

    // AMQP 1.0 §3.5.3: "If the dynamic field is not set to true this field must be left unset."
    @Test
    void shouldRefuseTheAttachWhenNodePropertiesComeWithoutDynamic() throws Exception {
        begin();
        peer.expectAttach().ofSender().withSource(nullValue());
        peer.expectDetach().withClosed(true).withError("amqp:invalid-field", text());
        peer.remoteAttach()
                .ofReceiver()
                .withName("out")
                .withHandle(0)
                .withSource()
                .withAddress("queue")
                .withDynamicNodeProperties(Map.of(LifetimePolicy.KEY, new DeleteOnClose()))
                .and()
                .withTarget()
                .withAddress("there")
                .and()
                .onChannel(0)
                .now();
        sync();
    }

    private void askForSource(Map<String, Object> properties) {
        peer.remoteAttach()
                .ofReceiver()
                .withName("out")
                .withHandle(0)
                .withSource()
                .withDynamic(true)
                .withDynamicNodeProperties(properties)
                .and()
                .withTarget()
                .withAddress("there")
                .and()
                .onChannel(0)
                .now();
    }

    private void askForTarget(Map<String, Object> properties) {
        peer.remoteAttach()
                .ofSender()
                .withName("in")
                .withHandle(0)
                .withInitialDeliveryCount(0)
                .withSource()
                .withAddress("there")
                .and()
                .withTarget()
                .withDynamic(true)
                .withDynamicNodeProperties(properties)
                .and()
                .onChannel(0)
                .now();
    }

    private static Object wire(LifetimePolicy policy) {
        return switch (policy) {
            case DELETE_ON_CLOSE -> new DeleteOnClose();
            case DELETE_ON_NO_LINKS -> new DeleteOnNoLinks();
            case DELETE_ON_NO_MESSAGES -> new DeleteOnNoMessages();
            case DELETE_ON_NO_LINKS_OR_MESSAGES -> new DeleteOnNoLinksOrMessages();
        };
    }
}
