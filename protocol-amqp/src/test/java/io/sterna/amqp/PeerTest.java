package io.sterna.amqp;

import static org.hamcrest.Matchers.any;
import static org.hamcrest.Matchers.emptyOrNullString;
import static org.hamcrest.Matchers.not;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.qpid.protonj2.test.driver.ProtonTestClient;
import org.apache.qpid.protonj2.test.driver.actions.FlowInjectAction;
import org.apache.qpid.protonj2.test.driver.actions.TransferInjectAction;
import org.apache.qpid.protonj2.test.driver.codec.transport.AMQPHeader;
import org.hamcrest.Matcher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What tests with a scripted client against an {@link EchoNode} have in common. The client fails the test when a frame
 * comes that the script does not expect, so that each {@link #sync} also says that nothing else has come.
 */
abstract class PeerTest {
    private static final int LIMIT_SECONDS = 20;

    EchoNode node;
    ProtonTestClient peer;

    @BeforeEach
    void makePeer() {
        peer = new ProtonTestClient();
    }

    @AfterEach
    void closeBoth() {
        peer.close();
        node.close();
    }

    /** The script up to here has been played, without a frame too many or too few. */
    final void sync() {
        peer.waitForScriptToComplete(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    /** Starts the node and connects to it; nothing is sent. */
    final void connect(Consumer<EchoNode.Behaviour> changes) throws Exception {
        node = EchoNode.start(changes);
        peer.connect("127.0.0.1", node.port());
    }

    /** Up to both protocol headers, without SASL. */
    final void headers(Consumer<EchoNode.Behaviour> changes) throws Exception {
        connect(changes);
        peer.expectAMQPHeader();
        peer.remoteHeader(AMQPHeader.getAMQPHeader()).now();
        sync();
    }

    final void open(Consumer<EchoNode.Behaviour> changes) throws Exception {
        headers(changes);
        peer.expectOpen();
        peer.remoteOpen().withContainerId("peer").now();
        sync();
    }

    /** Up to a session on channel 0, with a window that no test exhausts by chance. */
    final void begin(Consumer<EchoNode.Behaviour> changes) throws Exception {
        open(changes);
        peer.expectBegin().withRemoteChannel(0).onChannel(0);
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(2048)
                .withOutgoingWindow(2048)
                .onChannel(0)
                .now();
        sync();
    }

    final void begin() throws Exception {
        begin(behaviour -> {});
    }

    /** A link on which the peer sends, with handle 0, name {@code in}, and the node's credit. */
    final void producer(Consumer<EchoNode.Behaviour> changes) throws Exception {
        begin(changes);
        peer.expectAttach().ofReceiver().withName("in").withHandle(0);
        if (node.behaviour.window > 0) {
            peer.expectFlow().withHandle(0).withLinkCredit(node.behaviour.window);
        }
        attachSender("in", 0);
        sync();
    }

    final void producer() throws Exception {
        producer(behaviour -> {});
    }

    final void attachSender(String name, int handle) {
        peer.remoteAttach()
                .ofSender()
                .withName(name)
                .withHandle(handle)
                .withInitialDeliveryCount(0)
                .withSource()
                .withAddress("there")
                .and()
                .withTarget()
                .withAddress("queue")
                .and()
                .onChannel(0)
                .now();
    }

    /** A link on which the peer receives, with handle 0 and name {@code out}, without credit. */
    final void consumer(Consumer<EchoNode.Behaviour> changes) throws Exception {
        begin(changes);
        peer.expectAttach().ofSender().withName("out").withHandle(0);
        attachReceiver("out", 0);
        sync();
    }

    final void consumer() throws Exception {
        consumer(behaviour -> {});
    }

    final void attachReceiver(String name, int handle) {
        peer.remoteAttach()
                .ofReceiver()
                .withName(name)
                .withHandle(handle)
                .withSource()
                .withAddress("queue")
                .and()
                .withTarget()
                .withAddress("there")
                .and()
                .onChannel(0)
                .now();
    }

    /** Gives credit on link {@code out}. */
    final void credit(long deliveryCount, long credit) {
        flow(0).withHandle(0)
                .withDeliveryCount(deliveryCount)
                .withLinkCredit(credit)
                .now();
    }

    /** A flow that says nothing new of the session but how many transfers have come. */
    final FlowInjectAction flow(long nextIncomingId) {
        FlowInjectAction flow = peer.remoteFlow()
                .withNextIncomingId(nextIncomingId)
                .withIncomingWindow(2048)
                .withNextOutgoingId(0)
                .withOutgoingWindow(2048);
        flow.withNullHandle().onChannel(0);
        return flow;
    }

    /** A transfer of a one-frame message on link {@code in}. */
    final TransferInjectAction transfer(int deliveryId) {
        TransferInjectAction transfer = peer.remoteTransfer()
                .withHandle(0)
                .withDeliveryId(deliveryId)
                .withDeliveryTag(new byte[] {(byte) deliveryId})
                .withMessageFormat(0)
                .withPayload(new byte[] {(byte) deliveryId});
        transfer.onChannel(0);
        return transfer;
    }

    /** The session still works: an echo comes back, and nothing else has come before it. */
    final void sessionLives() {
        peer.expectFlow().withHandle(org.hamcrest.Matchers.nullValue());
        peer.remoteFlow()
                .withNextIncomingId(0)
                .withIncomingWindow(2048)
                .withNextOutgoingId(0)
                .withOutgoingWindow(2048)
                .withEcho(true)
                .withNullHandle()
                .onChannel(0)
                .now();
        sync();
    }

    /** The connection still works: another session can begin, and nothing else has come before it. */
    final void connectionLives() {
        peer.expectBegin().withRemoteChannel(9);
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(1)
                .withOutgoingWindow(1)
                .onChannel(9)
                .now();
        sync();
    }

    /** A description that a person can read. */
    static Matcher<?> text() {
        return not(emptyOrNullString());
    }

    static Matcher<?> anything() {
        return any(Object.class);
    }
}
