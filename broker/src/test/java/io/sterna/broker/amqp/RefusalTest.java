package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnknownDescribedType;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.Open;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not to be had is refused, with the reason (AMQP 1.0 §2.6.3): a wrong delivery would be worse. */
class RefusalTest {
    private final Simulation broker = new Simulation(1, "queues.auto-create=q", "topics.auto-create=t");
    private final Peer peer = broker.connect(0);

    private static Arguments source(String what, String condition, Consumer<Source> change) {
        Source source = Peer.source("q");
        change.accept(source);
        return Arguments.of(what, condition, Peer.receiver("link", 0, source));
    }

    private static Arguments target(String what, String condition, Consumer<Target> change) {
        Attach attach = Peer.sender("link", 0, "q");
        change.accept((Target) attach.getTarget());
        return Arguments.of(what, condition, attach);
    }

    private static Consumer<Source> filter(String name, Object descriptor, Object value) {
        return source -> source.setFilter(Map.of(Symbol.valueOf(name), new UnknownDescribedType(descriptor, value)));
    }

    private static Attach withoutTarget() {
        Attach attach = Peer.sender("link", 0, "q");
        attach.setTarget(null);
        return attach;
    }

    static Stream<Arguments> refused() {
        Symbol topic = Symbol.valueOf("topic");
        return Stream.of(
                source("auto-create", "amqp:not-found", source -> source.setAddress("other")),
                target("auto-create", "amqp:not-found", target -> target.setAddress("other")),
                source("topic 'other'", "amqp:not-found", source -> {
                    source.setAddress("other");
                    source.setCapabilities(topic);
                }),
                source("both", "amqp:invalid-field", source -> source.setCapabilities(topic, Symbol.valueOf("queue"))),
                target("no topic", "amqp:not-found", target -> {
                    target.setAddress("other");
                    target.setCapabilities(topic);
                }),
                source(
                        "selector",
                        "amqp:invalid-field",
                        filter("jms-selector", Symbol.valueOf("apache.org:selector-filter:string"), "a =")),
                source(
                        "selector",
                        "amqp:invalid-field",
                        filter("mine", UnsignedLong.valueOf(0x0000468C00000004L), "a = 'x")),
                source("a string", "amqp:invalid-field", filter("mine", UnsignedLong.valueOf(0x0000468C00000004L), 5)),
                source("described", "amqp:invalid-field", source -> source.setFilter(Map.of(Symbol.valueOf("f"), "x"))),
                source("integer", "amqp:invalid-field", source -> source.setAddress("q?consumer-priority=high")),
                source("integer", "amqp:invalid-field", source -> source.setAddress("q?consumer.priority=99999999999")),
                source("true or false", "amqp:invalid-field", source -> source.setAddress("q?consumer.exclusive=yes")),
                Arguments.of("target", "amqp:invalid-field", withoutTarget()),
                source("address", "amqp:invalid-field", source -> source.setAddress(null)));
    }

    @ParameterizedTest(name = "{index} {0} {1}")
    @MethodSource("refused")
    void shouldRefuseTheLinkWhenItAsksForWhatIsNotOffered(String what, String condition, Attach attach) {
        peer.say(attach);
        broker.settle();

        ErrorCondition error = peer.last(Detach.class).getError();
        assertThat(error.getCondition().toString()).isEqualTo(condition);
        assertThat(error.getDescription()).contains(what);
        assertThat(peer.heard(Attach.class)).hasSize(1);
        assertThat(peer.heard(Close.class)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "$other", "$deadletterqueue", "/$deadletterqueue", "a\nb"})
    void shouldRefuseTheLinkWhenTheAddressCannotBe(String address) {
        peer.receive(address, 0);
        broker.settle();

        assertThat(peer.last(Detach.class).getError().getCondition().toString()).isEqualTo("amqp:not-found");
        assertThat(peer.last(Detach.class).getError().getDescription()).doesNotContain("\n");
    }

    @Test
    void shouldRefuseTheLinkWhenTheAddressIsTooLong() {
        peer.receive("a".repeat(1025), 0);
        broker.settle();

        assertThat(peer.last(Detach.class).getError().getCondition().toString()).isEqualTo("amqp:not-found");
        assertThat(peer.last(Detach.class).getError().getDescription()).hasSizeLessThan(300);
    }

    /** A client that says which kind it wants must not get the other. */
    @ParameterizedTest
    @CsvSource({"queue, topic", "topic, queue", "queue, temporary-topic", "topic, temporary-queue"})
    void shouldRefuseTheLinkWhenTheNodeIsOfTheOtherKind(String kind, String asked) {
        String address = kind.substring(0, 1);
        Attach creating = Peer.sender("creating", 0, address);
        ((Target) creating.getTarget()).setCapabilities(Symbol.valueOf(kind));
        peer.say(creating);
        broker.settle();
        assertThat(peer.heard(Detach.class)).isEmpty();

        Source source = Peer.source(address);
        source.setCapabilities(Symbol.valueOf(asked));
        peer.say(Peer.receiver("receiving", 1, source));
        Attach sending = Peer.sender("sending", 2, address);
        ((Target) sending.getTarget()).setCapabilities(Symbol.valueOf(asked));
        peer.say(sending);
        broker.settle();

        assertThat(peer.heard(Detach.class)).hasSize(2).allSatisfy(detach -> {
            assertThat(detach.getError().getCondition().toString()).isEqualTo("amqp:not-found");
            assertThat(detach.getError().getDescription()).contains("it is a " + kind);
        });
    }

    private void assertRefused(Attach attach, String condition, String what) {
        Simulation open = new Simulation(2);
        Peer client = open.connect(0);
        client.say(attach);
        open.settle();

        assertThat(client.last(Detach.class).getError().getCondition().toString())
                .isEqualTo(condition);
        assertThat(client.last(Detach.class).getError().getDescription()).contains(what);
    }

    @Test
    void shouldRefuseTheSenderWhenTheTopicHasWildcards() {
        Attach attach = Peer.sender("link", 0, "news.*");
        ((Target) attach.getTarget()).setCapabilities(Symbol.valueOf("topic"));

        assertRefused(attach, "amqp:not-found", "wildcards are for subscribers");
    }

    private static Attach durably(String name, String topic) {
        Source source = Peer.source(topic);
        source.setCapabilities(Symbol.valueOf("topic"));
        source.setDurable(TerminusDurability.UNSETTLED_STATE);
        return Peer.receiver(name, 0, source);
    }

    @Test
    void shouldRefuseTheSubscriberWhenTheNameOfTheSubscriptionIsTooLong() {
        assertRefused(durably("s".repeat(1024), "news"), "amqp:invalid-field", "too long together");
    }

    @Test
    void shouldRefuseTheSubscriberWhenATemporaryTopicIsSubscribedToForGood() {
        Source dynamic = new Source();
        dynamic.setDynamic(true);
        dynamic.setCapabilities(Symbol.valueOf("temporary-topic"));
        peer.say(Peer.receiver("making", 0, dynamic));
        broker.settle();
        String made = ((Source) peer.last(Attach.class).getSource()).getAddress();
        Attach attach = durably("s", made);
        attach.setHandle(UnsignedInteger.ONE);

        peer.say(attach);
        broker.settle();

        assertThat(peer.last(Detach.class).getError().getCondition().toString()).isEqualTo("amqp:not-found");
        assertThat(peer.last(Detach.class).getError().getDescription()).contains("temporary topic");
    }

    @Test
    void shouldNotDisturbOtherLinksWhenOneIsRefused() {
        peer.send("q", 1);
        peer.receive("other", 2);
        broker.settle();
        peer.transfer(1, 0, TestMessages.durable(0));
        broker.settle();

        assertThat(peer.accepted()).containsExactly(0);
    }

    /** Filters that are in force are named in the answer (AMQP 1.0 §3.5.3); one that nobody knows is not. */
    @Test
    void shouldLeaveAFilterOutOfTheAnswerWhenItIsNotKnown() {
        Source source = Peer.source("q");
        filter("mine", Symbol.valueOf("example.org:mine"), "x").accept(source);
        peer.say(Peer.receiver("link", 0, source));
        broker.settle();

        assertThat(((Source) peer.last(Attach.class).getSource()).getFilter() == null)
                .isTrue();
        assertThat(peer.heard(Detach.class)).isEmpty();
    }

    /** §3.5.3: the answer lists the filters that are in force; no-local means nothing at a queue. */
    @Test
    void shouldEchoFilterWhenItIsInForce() {
        Source source = new Source();
        source.setAddress("q");
        UnknownDescribedType selector =
                new UnknownDescribedType(Symbol.valueOf("apache.org:selector-filter:string"), "color = 'red'");
        UnknownDescribedType noLocal = new UnknownDescribedType(UnsignedLong.valueOf(0x0000468C00000003L), List.of());
        source.setFilter(Map.of(Symbol.valueOf("s"), selector, Symbol.valueOf("n"), noLocal));

        peer.say(Peer.receiver("link", 0, source));
        broker.settle();

        Map<?, ?> inForce = ((Source) peer.last(Attach.class).getSource()).getFilter();
        assertThat(inForce.keySet().toString()).isEqualTo("[s]");
        assertThat(peer.heard(Detach.class)).isEmpty();
    }

    /** The extension for sole connections: the open tells that a close follows. */
    @Test
    void shouldRefuseTheConnectionWhenItsContainerIdIsTaken() {
        Peer first = broker.connectSilently(0);
        first.open("client", "sole-connection-for-container");
        broker.settle();
        Peer second = broker.connectSilently(1);
        second.open("client", "sole-connection-for-container");
        broker.settle();

        assertThat(second.last(Open.class).getProperties().toString()).contains("establishment-failed");
        assertThat(second.last(Close.class).getError().getCondition().toString())
                .isEqualTo("amqp:invalid-field");
        assertThat(second.last(Close.class).getError().getInfo().toString()).contains("container-id");

        first.close();
        broker.settle();
        Peer third = broker.connectSilently(1);
        third.open("client", "sole-connection-for-container");
        broker.settle();
        assertThat(third.heard(Close.class)).isEmpty();
    }
}
