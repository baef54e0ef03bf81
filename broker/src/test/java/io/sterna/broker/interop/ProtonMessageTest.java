package io.sterna.broker.interop;

import static io.sterna.broker.interop.ProtonClient.byHand;
import static io.sterna.broker.interop.ProtonClient.receive;
import static io.sterna.broker.interop.ProtonClient.uniqueAddress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.qpid.protonj2.client.AdvancedMessage;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.SenderOptions;
import org.apache.qpid.protonj2.client.StreamDelivery;
import org.apache.qpid.protonj2.client.StreamReceiver;
import org.apache.qpid.protonj2.client.StreamSender;
import org.apache.qpid.protonj2.client.StreamSenderMessage;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.apache.qpid.protonj2.types.Binary;
import org.apache.qpid.protonj2.types.DeliveryTag;
import org.apache.qpid.protonj2.types.Symbol;
import org.apache.qpid.protonj2.types.UnsignedInteger;
import org.apache.qpid.protonj2.types.UnsignedLong;
import org.apache.qpid.protonj2.types.messaging.AmqpSequence;
import org.apache.qpid.protonj2.types.messaging.Data;
import org.apache.qpid.protonj2.types.messaging.Section;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages of AMQP 1.0 §3.2 that JMS cannot make, in one frame and in many, pass as they are. */
@Timeout(60)
class ProtonMessageTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withSettings();

    @RegisterExtension
    final ProtonClient client = new ProtonClient(BROKER);

    private Connection connection;
    private String address;

    @BeforeEach
    void connect() throws ClientException {
        connection = client.connect();
        address = uniqueAddress();
    }

    private AdvancedMessage<?> passed(Message<?> sent) throws ClientException {
        try (Sender sender = connection.openSender(address);
                Receiver receiver = connection.openReceiver(address, byHand())) {
            sender.send(sent).awaitAccepted(ProtonClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
            receiver.addCredit(1);
            Delivery delivery = receive(receiver);
            delivery.accept();
            return delivery.message().toAdvancedMessage();
        }
    }

    @Test
    void shouldPassEverySectionWhenAllAreThere() throws ClientException {
        Message<String> sent = Message.create("body")
                .durable(true)
                .priority((byte) 9)
                .timeToLive(3_600_000)
                .userId(new byte[] {1, 0, -1})
                .subject("subject")
                .replyTo("replies")
                .correlationId(UnsignedLong.valueOf(-1L))
                .contentType("text/plain")
                .absoluteExpiryTime(4_102_444_800_000L)
                .creationTime(1_700_000_000_000L)
                .groupId("group")
                .groupSequence(-1)
                .replyToGroupId("reply group")
                .annotation("x-opt-list", List.of(1, "two", 3.0))
                .property("uint", UnsignedInteger.valueOf(-1))
                .property("symbol", "s")
                .footer("checksum", new Binary(new byte[] {4, 2}));
        sent.contentEncoding("identity");
        sent.to("elsewhere");

        AdvancedMessage<?> received = passed(sent);

        assertThat(received.body()).isEqualTo("body");
        assertThat(received.durable()).isTrue();
        assertThat(received.priority()).isEqualTo((byte) 9);
        assertThat(received.deliveryCount()).isZero();
        assertThat(received.properties())
                .hasToString(sent.toAdvancedMessage().properties().toString());
        assertThat(received.to()).isEqualTo("elsewhere");
        assertThat(received.annotation("x-opt-list")).isEqualTo(List.of(1, "two", 3.0));
        assertThat(received.property("uint")).isEqualTo(UnsignedInteger.valueOf(-1));
        assertThat(received.footer("checksum")).isEqualTo(new Binary(new byte[] {4, 2}));
    }

    /** §3.2.11 to §3.2.14: a message id is an unsigned long, a UUID, binary or a string, and stays it. */
    static Stream<Object> messageIds() {
        return Stream.of(
                "text",
                UUID.fromString("00000000-0000-4000-8000-000000000001"),
                UnsignedLong.valueOf(17),
                UnsignedLong.valueOf(-1L),
                new Binary(new byte[] {0, 1, 2}),
                "");
    }

    @ParameterizedTest
    @MethodSource("messageIds")
    void shouldKeepTypeOfMessageIdWhenItIsAnyOfTheFour(Object id) throws ClientException {
        AdvancedMessage<?> received = passed(Message.create("x").messageId(id).correlationId(id));

        assertThat(received.messageId()).isEqualTo(id);
        assertThat(received.correlationId()).isEqualTo(id);
    }

    /** §3.2: a body is one value, one or more data sections, or one or more sequences. */
    @Test
    void shouldPassSectionsApartWhenTheBodyHasSeveral() throws ClientException {
        AdvancedMessage<byte[]> data = AdvancedMessage.create();
        data.addBodySection(new Data(new byte[] {1, 2, 3}))
                .addBodySection(new Data(new byte[0]))
                .addBodySection(new Data(new byte[70_000]));
        AdvancedMessage<List<Object>> sequences = AdvancedMessage.create();
        sequences
                .addBodySection(new AmqpSequence<>(List.of(1, "a")))
                .addBodySection(new AmqpSequence<>(List.of()))
                .addBodySection(new AmqpSequence<>(List.of(Map.of("k", 'v'))));

        assertThat(values(passed(data))).isEqualTo(values(data));
        assertThat(values(passed(sequences))).isEqualTo(values(sequences));
    }

    private static List<String> values(AdvancedMessage<?> message) throws ClientException {
        List<String> values = new ArrayList<>();
        for (Section<?> section : message.bodySections()) {
            values.add(
                    section instanceof Data data
                            ? Arrays.toString(data.getValue())
                            : section.getValue().toString());
        }
        return values;
    }

    @Test
    void shouldPassValueWhenItIsNestedAndDescribed() throws ClientException {
        Map<Object, Object> inner = new HashMap<>();
        inner.put(Symbol.valueOf("sym"), UnsignedInteger.valueOf(7));
        inner.put(42L, List.of(true, List.of(), Map.of("deep", new Binary(new byte[] {9}))));
        inner.put("nothing", null);

        assertThat(passed(Message.create(inner)).body()).isEqualTo(inner);
    }

    /** A message format that nobody here knows (§2.8.11) passes unread. */
    @Test
    void shouldKeepMessageFormatWhenItIsNotZero() throws ClientException {
        AdvancedMessage<String> sent = AdvancedMessage.create();
        sent.messageFormat(0x00ABCD01).body("opaque");

        try (Sender sender = connection.openSender(address);
                Receiver receiver = connection.openReceiver(address)) {
            sender.send(sent).awaitAccepted(ProtonClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(receive(receiver).messageFormat()).isEqualTo(0x00ABCD01);
        }
    }

    /** §2.7.1: neither side sends a frame above the other's maximum; 512 is the least that a peer may ask for. */
    @ParameterizedTest
    @ValueSource(ints = {512, 1_000, 65_536, 1_048_576})
    void shouldSplitMessageWhenTheClientsFramesAreSmall(int maxFrameSize) throws ClientException {
        connection = client.connect(new ConnectionOptions().maxFrameSize(maxFrameSize));
        for (int length : new int[] {0, 400, 512, 5_000, 200_000}) {
            byte[] body = new byte[length];
            Arrays.fill(body, (byte) length);

            assertThat((byte[]) passed(Message.create(body)).body()).isEqualTo(body);
        }
    }

    /** §2.6.12: tags are up to 32 octets, unique among the unsettled of a link, and say nothing to the broker. */
    @Test
    void shouldTakeDeliveriesWhenTheirTagsAreOfAnyLength() throws ClientException {
        AtomicInteger next = new AtomicInteger();
        SenderOptions options = new SenderOptions().deliveryTagGeneratorSupplier(() -> () -> {
            byte[] tag = new byte[1 + next.get() % 32];
            Arrays.fill(tag, (byte) next.getAndIncrement());
            return new DeliveryTag.ProtonDeliveryTag(tag);
        });
        try (Sender sender = connection.openSender(address, options)) {
            for (int n = 0; n < 40; n++) {
                sender.send(Message.create(n)).awaitAccepted(ProtonClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        }
        try (Receiver receiver = connection.openReceiver(address)) {
            for (int n = 0; n < 40; n++) {
                assertThat(receive(receiver).message().body()).isEqualTo(n);
            }
        }
    }

    @Test
    void shouldPassStreamWhenSenderWritesItInPieces() throws ClientException, IOException {
        byte[] piece = new byte[64 * 1024];
        for (int i = 0; i < piece.length; i++) {
            piece[i] = (byte) (i * 7);
        }
        try (StreamSender sender = connection.openStreamSender(address)) {
            StreamSenderMessage message = sender.beginMessage();
            message.durable(true).subject("stream");
            try (OutputStream body = message.body()) {
                for (int i = 0; i < 80; i++) {
                    body.write(piece);
                }
            }
            message.tracker().awaitAccepted(ProtonClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        try (StreamReceiver receiver = connection.openStreamReceiver(address)) {
            StreamDelivery delivery = receiver.receive(ProtonClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(delivery.message().subject()).isEqualTo("stream");
            try (InputStream body = delivery.message().body()) {
                for (int i = 0; i < 80; i++) {
                    assertThat(body.readNBytes(piece.length)).isEqualTo(piece);
                }
                assertThat(body.read()).isEqualTo(-1);
            }
            delivery.accept();
        }
    }

    /** §2.7.5: an aborted delivery never was; the link goes on. */
    @Test
    void shouldForgetDeliveryWhenSenderAbortsIt() throws ClientException, IOException {
        try (StreamSender sender = connection.openStreamSender(address)) {
            StreamSenderMessage aborted = sender.beginMessage();
            OutputStream body = aborted.body();
            body.write(new byte[200_000]);
            body.flush();
            aborted.abort();
            sender.send(Message.create("whole")).awaitAccepted(ProtonClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        try (Receiver receiver = connection.openReceiver(address, byHand())) {
            receiver.addCredit(10);
            assertThat(receive(receiver).accept().message().body()).isEqualTo("whole");
            ProtonCreditTest.drain(receiver);
            assertThat(receiver.tryReceive()).isNull();
        }
    }

    /** The anonymous terminus: each message says where it goes, one that says nothing is refused. */
    @Test
    void shouldRouteByToFieldWhenSenderIsAnonymous() throws ClientException {
        String other = uniqueAddress();
        Sender sender = connection.openAnonymousSender();
        sender.send(Message.create("one").to(address)).awaitAccepted(ProtonClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
        sender.send(Message.create("two").to(other)).awaitAccepted(ProtonClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThatThrownBy(() -> sender.send(Message.create("nowhere"))
                        .awaitAccepted(ProtonClient.PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isInstanceOf(ClientException.class);

        assertThat(receive(connection.openReceiver(address)).message().body()).isEqualTo("one");
        assertThat(receive(connection.openReceiver(other)).message().body()).isEqualTo("two");
    }
}
