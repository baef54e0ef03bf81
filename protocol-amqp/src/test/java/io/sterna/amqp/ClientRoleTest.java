package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.sasl.SaslCredentials;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.security.SaslCode;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.security.SaslMechanisms;
import org.apache.qpid.proton.amqp.security.SaslOutcome;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.Test;

/** The engine as client, in memory, against a server whose frames the test writes. */
class ClientRoleTest implements ConnectionHandler {
    private static final LinkTerms TERMS = LinkTerms.of(
            Terminus.Source.at("a"), Terminus.Target.at("b"), SettleMode.Sender.MIXED, SettleMode.Receiver.FIRST);

    private final PerformativeCodec codec = new PerformativeCodec();
    private final ArrayDeque<Object> said = new ArrayDeque<>();
    private final List<String> events = new ArrayList<>();
    private Optional<SaslCredentials> credentials = Optional.empty();
    private Connection client;

    private void start() {
        client = Connection.client(
                new ConnectionSettings("client", 4096, 10, 10, 100, 0, 10_000, 10_000),
                credentials,
                new LoopResources(Runnable::run),
                this,
                () -> {},
                0);
        client.open(OpenTerms.PLAIN);
        expectHeader(RawPeer.SASL);
    }

    private void receive(byte[] bytes) {
        client.receive(bytes, 0, bytes.length, 0);
        take();
    }

    private void take() {
        client.pull(100_000);
        byte[] bytes = new byte[client.outputBytes()];
        System.arraycopy(client.outputArray(), 0, bytes, 0, bytes.length);
        client.outputTaken();
        int at = 0;
        try {
            while (at < bytes.length) {
                if (bytes[at] == 'A') {
                    said.add("header " + bytes[at + 4]);
                    at += 8;
                } else {
                    int size = Octets.int32(bytes, at);
                    int end = AmqpValues.skip(bytes, at + 8, at + size);
                    said.add(codec.decode(bytes, at + 8, end));
                    at += size;
                }
            }
        } catch (DecodeException wrong) {
            throw new AssertionError(wrong);
        }
    }

    private void expectHeader(int protocol) {
        take();
        assertThat(said.poll()).isEqualTo("header " + protocol);
    }

    private <T> T expect(Class<T> type) {
        take();
        return type.cast(said.poll());
    }

    private void expectNothing() {
        take();
        assertThat(said).isEmpty();
    }

    private void send(Object performative) {
        receive(RawPeer.frame(0, 0, encode(performative)));
    }

    private byte[] encode(Object value) {
        ByteBuffer encoded = codec.encode(value);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    private void offer(String... mechanisms) {
        SaslMechanisms frame = new SaslMechanisms();
        frame.setSaslServerMechanisms(
                Arrays.stream(mechanisms).map(Symbol::valueOf).toArray(Symbol[]::new));
        receive(RawPeer.join(RawPeer.header(RawPeer.SASL), RawPeer.frame(1, 0, encode(frame))));
    }

    private void outcome(SaslCode code) {
        SaslOutcome frame = new SaslOutcome();
        frame.setCode(code);
        receive(RawPeer.frame(1, 0, encode(frame)));
    }

    private void open() {
        start();
        offer("ANONYMOUS");
        expect(SaslInit.class);
        outcome(SaslCode.OK);
        expectHeader(RawPeer.AMQP);
        receive(RawPeer.header(RawPeer.AMQP));
        assertThat(expect(Open.class).getContainerId()).isEqualTo("client");
        send(RawHeaderTest.open());
        assertThat(events).containsExactly("open");
    }

    private Session begin() {
        open();
        Session session = client.begin();
        assertThat(expect(Begin.class).getRemoteChannel()).isNull();
        answerBegin(0);
        return session;
    }

    private void answerBegin(int channel) {
        Begin begin = RawSaslTest.begin();
        begin.setRemoteChannel(UnsignedShort.valueOf((short) channel));
        send(begin);
    }

    private void answerAttach(Role role, boolean refused) {
        Attach attach = new Attach();
        attach.setName("link");
        attach.setHandle(UnsignedInteger.ZERO);
        attach.setRole(role);
        attach.setInitialDeliveryCount(UnsignedInteger.valueOf(role == Role.SENDER ? 17 : 0));
        if (!refused) {
            attach.setSource(TranslateTerminus.theirs(TERMS.source()));
            attach.setTarget(TranslateTerminus.theirTarget(TERMS.target()));
        }
        send(attach);
    }

    private void detach(boolean closed) {
        Detach detach = new Detach();
        detach.setHandle(UnsignedInteger.ZERO);
        detach.setClosed(closed);
        send(detach);
    }

    // AMQP 1.0 §5.3.2
    @Test
    void shouldOpenAnonymouslyWhenThereAreNoCredentials() {
        open();
        assertThat(client.isOpen()).isTrue();
        assertThat(client.remote().containerId()).isEqualTo("peer");
    }

    // AMQP 1.0 §5.3.3.2: "Each peer MUST authenticate using the highest-level security profile it can handle".
    @Test
    void shouldChooseTheStrongestMechanismWhenSeveralAreOffered() {
        credentials = Optional.of(new SaslCredentials("user", "secret"));
        start();
        offer("PLAIN", "SCRAM-SHA-256", "ANONYMOUS", "SCRAM-SHA-512");
        assertThat(expect(SaslInit.class).getMechanism().toString()).isEqualTo("SCRAM-SHA-512");
    }

    @Test
    void shouldGiveUpWhenNoMechanismFits() {
        start();
        offer("GSSAPI", "EXTERNAL");
        expectNothing();
        assertThat(client.finished()).isTrue();
        assertThat(events).containsExactly("closed amqp:unauthorized-access");
    }

    @Test
    void shouldGiveUpWhenTheCredentialsAreRefused() {
        start();
        offer("ANONYMOUS");
        expect(SaslInit.class);
        outcome(SaslCode.AUTH);
        expectNothing();
        assertThat(client.finished()).isTrue();
        assertThat(events).containsExactly("closed amqp:unauthorized-access");
    }

    // A server that says yes without the proof that the mechanism asks of it is not believed (RFC 5802 §3).
    @Test
    void shouldGiveUpWhenTheServerDoesNotProveThatItKnowsThePassword() {
        credentials = Optional.of(new SaslCredentials("user", "secret"));
        start();
        offer("SCRAM-SHA-256");
        expect(SaslInit.class);
        outcome(SaslCode.OK);
        expectNothing();
        assertThat(client.finished()).isTrue();
    }

    // AMQP 1.0 §2.2
    @Test
    void shouldGiveUpWhenTheServerAnswersWithAnotherHeader() {
        start();
        receive(RawPeer.header(RawPeer.AMQP));
        assertThat(client.finished()).isTrue();
        assertThat(events).hasSize(1);
    }

    @Test
    void shouldGiveUpWhenTheServerDoesNotSpeakAmqp() {
        start();
        receive("HTTP/1.1 400 Bad Request".getBytes(StandardCharsets.US_ASCII));
        assertThat(client.finished()).isTrue();
    }

    @Test
    void shouldGiveUpWhenTheServerTakesTooLong() {
        start();
        client.tick(9_999);
        assertThat(client.finished()).isFalse();
        client.tick(10_000);
        assertThat(client.finished()).isTrue();
    }

    @Test
    void shouldThrowWhenASessionIsBegunTooEarly() {
        start();
        assertThatThrownBy(() -> client.begin()).isInstanceOf(IllegalStateException.class);
    }

    // AMQP 1.0 §2.5.5: the end of a session that the peer has not answered yet.
    @Test
    void shouldEndInOrderWhenASessionEndsBeforeItIsAnswered() {
        open();
        Session session = client.begin();
        session.end(Optional.empty());
        expect(Begin.class);
        expect(End.class);
        Session second = client.begin();
        expect(Begin.class);
        answerBegin(0);
        send(new End());
        expectNothing();
        assertThat(client.isOpen()).isTrue();
        assertThat(second.ended()).isFalse();
        assertThat(client.begin().localChannel()).isZero();
    }

    // AMQP 1.0 §2.6.3
    @Test
    void shouldTellWhenTheServerHasAttached() {
        Session session = begin();
        SenderLink link = session.attachSender("link", TERMS, new Handler());
        expect(Attach.class);
        answerAttach(Role.RECEIVER, false);
        assertThat(events).endsWith("attached");
        assertThat(link.remote().target()).contains(Terminus.Target.at("b"));
        assertThat(link.attached()).isTrue();
    }

    @Test
    void shouldTellBothWhenTheServerRefusesALink() {
        Session session = begin();
        SenderLink link = session.attachSender("link", TERMS, new Handler());
        expect(Attach.class);
        answerAttach(Role.RECEIVER, true);
        assertThat(link.remote().target()).isEmpty();
        detach(true);
        assertThat(events).endsWith("attached", "detached");
        link.detach(true, Optional.empty());
        expect(Detach.class);
        expectNothing();
    }

    @Test
    void shouldNotTellOfTheAttachWhenTheLinkWasDetachedBefore() {
        Session session = begin();
        SenderLink link = session.attachSender("link", TERMS, new Handler());
        link.detach(true, Optional.empty());
        expect(Attach.class);
        expect(Detach.class);
        answerAttach(Role.RECEIVER, false);
        detach(true);
        expectNothing();
        assertThat(events).containsExactly("open", "detached");
    }

    // AMQP 1.0 §2.7.4: delivery-count "MUST NOT be set" while the sender's attach has not come, and link-credit may be.
    @Test
    void shouldGiveCreditWithoutACountWhenTheServerHasNotAttachedYet() {
        Session session = begin();
        ReceiverLink link = session.attachReceiver("link", TERMS, new Handler());
        link.window(5);
        expect(Attach.class);
        Flow flow = expect(Flow.class);
        assertThat(flow.getDeliveryCount()).isNull();
        assertThat(flow.getLinkCredit().intValue()).isEqualTo(5);
        answerAttach(Role.SENDER, false);
        link.window(9);
        assertThat(expect(Flow.class).getDeliveryCount().intValue()).isEqualTo(17);
    }

    // AMQP 1.0 §2.7.4: next-incoming-id is "not set if and only if the sender has not yet received the begin frame".
    @Test
    void shouldNotSayWhatComesNextWhenTheServerHasNotBegunYet() {
        open();
        Session session = client.begin();
        session.attachReceiver("link", TERMS, new Handler()).window(5);
        expect(Begin.class);
        expect(Attach.class);
        assertThat(expect(Flow.class).getNextIncomingId()).isNull();
    }

    @Test
    void shouldTellTheLinksWhenTheServerEndsTheSession() {
        Session session = begin();
        session.attachSender("link", TERMS, new Handler());
        expect(Attach.class);
        answerAttach(Role.RECEIVER, false);
        End end = new End();
        end.setError(Translate.protonError(Optional.of(AmqpError.of("amqp:internal-error", "oops"))));
        send(end);
        expect(End.class);
        assertThat(events).endsWith("lost");
        assertThat(session.remoteError()).contains(AmqpError.of("amqp:internal-error", "oops"));
        assertThat(client.isOpen()).isTrue();
    }

    @Test
    void shouldTellWhyWhenTheServerClosesTheConnection() {
        Session session = begin();
        session.attachSender("link", TERMS, new Handler());
        expect(Attach.class);
        Close close = new Close();
        close.setError(Translate.protonError(Optional.of(AmqpError.of("amqp:connection:forced", "bye"))));
        send(close);
        expect(Close.class);
        assertThat(client.finished()).isTrue();
        assertThat(events).endsWith("lost", "closed amqp:connection:forced");
    }

    // A server's transfers are held to the same rules as a client's.
    @Test
    void shouldDetachWhenTheServerSendsWithoutCredit() {
        Session session = begin();
        session.attachReceiver("link", TERMS, new Handler());
        expect(Attach.class);
        answerAttach(Role.SENDER, false);
        Transfer transfer = new Transfer();
        transfer.setHandle(UnsignedInteger.ZERO);
        transfer.setDeliveryId(UnsignedInteger.ZERO);
        transfer.setDeliveryTag(new Binary(new byte[1]));
        send(transfer);
        assertThat(expect(Detach.class).getError().getCondition().toString())
                .isEqualTo("amqp:link:transfer-limit-exceeded");
        assertThat(events).endsWith("attached", "lost");
    }

    @Override
    public void onOpen(Connection connection) {
        events.add("open");
    }

    @Override
    public void onAttach(SenderLink link) {
        throw new AssertionError("the server does not attach");
    }

    @Override
    public void onAttach(ReceiverLink link) {
        throw new AssertionError("the server does not attach");
    }

    @Override
    public void onClosed(Connection connection, Optional<AmqpError> error) {
        events.add("closed " + error.map(AmqpError::condition).orElse("in order"));
    }

    private final class Handler implements SenderHandler, ReceiverHandler {
        @Override
        public void onAttached() {
            events.add("attached");
        }

        @Override
        public void onCredit() {}

        @Override
        public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {}

        @Override
        public void onDelivery(IncomingDelivery delivery) {}

        @Override
        public void onDetached(boolean closed, Optional<AmqpError> error) {
            events.add("detached");
        }

        @Override
        public void onLost(boolean inOrder) {
            events.add("lost");
        }
    }
}
