package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.io.Serializable;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The five message bodies and the empty one (Jakarta Messaging 3.1 §3.11) arrive as they were sent. */
@Timeout(60)
class JmsMessageBodyTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Session session;
    private Queue queue;

    @BeforeEach
    void openSession() throws JMSException {
        session = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.deserializationPolicy.allowList=*");
        queue = Jms.uniqueQueue(session);
    }

    private <M extends Message> M passed(M sent, Class<M> type) throws JMSException {
        try (var producer = session.createProducer(queue);
                var consumer = session.createConsumer(queue)) {
            producer.send(sent);
            Message received = Jms.receive(consumer);
            assertThat(received).isInstanceOf(type).isNotSameAs(sent);
            return type.cast(received);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "plain", "línea\r\n\t\u0000\u0001", "日本語 ελληνικά עברית", "😀𝄞 beyond the basic plane"})
    void shouldPassTextWhenItHoldsAnyCharacter(String text) throws JMSException {
        assertThat(passed(session.createTextMessage(text), TextMessage.class).getText())
                .isEqualTo(text);
    }

    @Test
    void shouldPassTextWhenItFillsManyFrames() throws JMSException {
        String text = "0123456789é".repeat(100_000);

        assertThat(passed(session.createTextMessage(text), TextMessage.class).getText())
                .isEqualTo(text);
    }

    @Test
    void shouldPassNullTextWhenTheBodyWasNeverSet() throws JMSException {
        assertThat(passed(session.createTextMessage(), TextMessage.class).getText())
                .isNull();
    }

    @Test
    void shouldPassBytesMessageWhenItHoldsEveryPrimitiveAtItsBounds() throws JMSException {
        BytesMessage sent = session.createBytesMessage();
        sent.writeBoolean(true);
        sent.writeByte(Byte.MIN_VALUE);
        sent.writeByte((byte) 0xFF);
        sent.writeShort(Short.MIN_VALUE);
        sent.writeShort((short) 0xFFFF);
        sent.writeChar('\uFFFF');
        sent.writeInt(Integer.MIN_VALUE);
        sent.writeLong(Long.MAX_VALUE);
        sent.writeFloat(Float.NaN);
        sent.writeDouble(Double.MIN_VALUE);
        sent.writeUTF("ünï\u0000");
        sent.writeBytes(new byte[] {1, 2, 3, 4}, 1, 2);

        BytesMessage received = passed(sent, BytesMessage.class);

        assertThat(received.readBoolean()).isTrue();
        assertThat(received.readByte()).isEqualTo(Byte.MIN_VALUE);
        assertThat(received.readUnsignedByte()).isEqualTo(0xFF);
        assertThat(received.readShort()).isEqualTo(Short.MIN_VALUE);
        assertThat(received.readUnsignedShort()).isEqualTo(0xFFFF);
        assertThat(received.readChar()).isEqualTo('\uFFFF');
        assertThat(received.readInt()).isEqualTo(Integer.MIN_VALUE);
        assertThat(received.readLong()).isEqualTo(Long.MAX_VALUE);
        assertThat(received.readFloat()).isNaN();
        assertThat(received.readDouble()).isEqualTo(Double.MIN_VALUE);
        assertThat(received.readUTF()).isEqualTo("ünï\u0000");
        byte[] rest = new byte[10];
        assertThat(received.readBytes(rest)).isEqualTo(2);
        assertThat(rest).startsWith(2, 3, 0);
        assertThat(received.readBytes(rest)).isEqualTo(-1);
        assertThatThrownBy(received::readByte).isInstanceOf(MessageEOFException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 256, 65_535, 65_536, 1_000_000})
    void shouldPassBytesMessageWhenItsLengthCrossesAnEncodingBound(int length) throws JMSException {
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++) {
            content[i] = (byte) (i * 31);
        }
        BytesMessage sent = session.createBytesMessage();
        sent.writeBytes(content);

        BytesMessage received = passed(sent, BytesMessage.class);

        assertThat(received.getBodyLength()).isEqualTo(length);
        assertThat(received.getBody(byte[].class)).isEqualTo(length == 0 ? null : content);
    }

    @Test
    void shouldPassMapMessageWhenItHoldsEveryTypeAtItsBounds() throws JMSException {
        MapMessage sent = session.createMapMessage();
        sent.setBoolean("boolean", false);
        sent.setByte("byte", Byte.MIN_VALUE);
        sent.setShort("short", Short.MAX_VALUE);
        sent.setChar("char", '\u20AC');
        sent.setInt("int", Integer.MIN_VALUE);
        sent.setLong("long", Long.MIN_VALUE);
        sent.setFloat("float", Float.NEGATIVE_INFINITY);
        sent.setDouble("double", Double.MAX_VALUE);
        sent.setString("string", "ж");
        sent.setString("null string", null);
        sent.setBytes("bytes", new byte[] {0, -1, 127, -128});
        sent.setBytes("empty bytes", new byte[0]);

        MapMessage received = passed(sent, MapMessage.class);

        assertThat(Jms.names(received.getMapNames())).hasSize(12);
        assertThat(received.getBoolean("boolean")).isFalse();
        assertThat(received.getByte("byte")).isEqualTo(Byte.MIN_VALUE);
        assertThat(received.getShort("short")).isEqualTo(Short.MAX_VALUE);
        assertThat(received.getChar("char")).isEqualTo('\u20AC');
        assertThat(received.getInt("int")).isEqualTo(Integer.MIN_VALUE);
        assertThat(received.getLong("long")).isEqualTo(Long.MIN_VALUE);
        assertThat(received.getFloat("float")).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(received.getDouble("double")).isEqualTo(Double.MAX_VALUE);
        assertThat(received.getString("string")).isEqualTo("ж");
        assertThat(received.itemExists("null string")).isTrue();
        assertThat(received.getObject("null string")).isNull();
        assertThat(received.getBytes("bytes")).containsExactly(0, -1, 127, -128);
        assertThat(received.getBytes("empty bytes")).isEmpty();
        assertThat(received.itemExists("absent")).isFalse();
    }

    @Test
    void shouldPassMapMessageWhenItIsEmpty() throws JMSException {
        assertThat(Jms.names(
                        passed(session.createMapMessage(), MapMessage.class).getMapNames()))
                .isEmpty();
    }

    @Test
    void shouldPassStreamMessageWhenItHoldsEveryTypeAtItsBounds() throws JMSException {
        StreamMessage sent = session.createStreamMessage();
        List<Object> items = new ArrayList<>(List.of(
                true,
                Byte.MAX_VALUE,
                Short.MIN_VALUE,
                'ß',
                Integer.MAX_VALUE,
                Long.MIN_VALUE,
                Float.MIN_VALUE,
                Double.NaN,
                "",
                "текст"));
        items.add(null);
        for (Object item : items) {
            sent.writeObject(item);
        }
        sent.writeBytes(new byte[] {9, 8, 7});

        StreamMessage received = passed(sent, StreamMessage.class);

        for (Object item : items) {
            assertThat(received.readObject()).isEqualTo(item);
        }
        assertThat((byte[]) received.readObject()).containsExactly(9, 8, 7);
        assertThatThrownBy(received::readObject).isInstanceOf(MessageEOFException.class);
    }

    @Test
    void shouldPassStreamMessageWhenItIsEmpty() throws JMSException {
        assertThatThrownBy(passed(session.createStreamMessage(), StreamMessage.class)::readString)
                .isInstanceOf(MessageEOFException.class);
    }

    private record Booking(String guest, LocalDate night, Map<String, Long> items) implements Serializable {}

    @Test
    void shouldPassObjectMessageWhenTheObjectIsNested() throws JMSException {
        Booking booking = new Booking("Zoë", LocalDate.of(2024, 2, 29), Map.of("room", 120_00L, "tax", -1L));

        assertThat(passed(session.createObjectMessage(booking), ObjectMessage.class)
                        .getObject())
                .isEqualTo(booking);
    }

    @Test
    void shouldPassObjectMessageWhenTheObjectIsNull() throws JMSException {
        assertThat(passed(session.createObjectMessage(), ObjectMessage.class).getObject())
                .isNull();
    }

    @Test
    void shouldPassMessageWhenItHasNoBody() throws JMSException {
        Message sent = session.createMessage();
        sent.setStringProperty("only", "a property");

        Message received = passed(sent, Message.class);

        assertThat(received)
                .isNotInstanceOfAny(
                        TextMessage.class,
                        BytesMessage.class,
                        MapMessage.class,
                        StreamMessage.class,
                        ObjectMessage.class);
        assertThat(received.getStringProperty("only")).isEqualTo("a property");
    }

    /** Jakarta Messaging 3.1 §3.10 and §3.11.2: a received body is read-only until it is cleared. */
    @Test
    void shouldReceiveReadOnlyBodyWhenItWasNotCleared() throws JMSException {
        TextMessage received = passed(session.createTextMessage("fixed"), TextMessage.class);

        assertThatThrownBy(() -> received.setText("other")).isInstanceOf(MessageNotWriteableException.class);
        received.clearBody();
        received.setText("other");
        assertThat(passed(received, TextMessage.class).getText()).isEqualTo("other");
    }

    /** §3.11.1: clearBody makes the body that of a new message, and "does not clear its property entries". */
    @Test
    void shouldPassOnAnEmptyBodyAndThePropertiesWhenTheBodyWasCleared() throws JMSException {
        BytesMessage bytes = session.createBytesMessage();
        bytes.writeInt(1);
        MapMessage map = session.createMapMessage();
        map.setInt("k", 1);
        StreamMessage stream = session.createStreamMessage();
        stream.writeInt(1);

        assertThat(cleared(session.createTextMessage("text"), TextMessage.class).getText())
                .isNull();
        assertThat(cleared(bytes, BytesMessage.class).getBodyLength()).isZero();
        assertThat(Jms.names(cleared(map, MapMessage.class).getMapNames())).isEmpty();
        assertThatThrownBy(cleared(stream, StreamMessage.class)::readInt).isInstanceOf(MessageEOFException.class);
        assertThat(cleared(session.createObjectMessage("object"), ObjectMessage.class)
                        .getObject())
                .isNull();
    }

    private <M extends Message> M cleared(M sent, Class<M> type) throws JMSException {
        sent.setStringProperty("p", "kept");
        M received = passed(sent, type);
        received.clearBody();
        M again = passed(received, type);
        assertThat(again.getStringProperty("p")).isEqualTo("kept");
        return again;
    }

    /** §10.3: MessageFormatException for "a data type not supported by a message" and for data read "as the wrong type". */
    @Test
    void shouldThrowMessageFormatWhenTheTypeIsWrong() throws JMSException {
        StreamMessage stream = session.createStreamMessage();
        assertThatThrownBy(() -> stream.writeObject(List.of())).isInstanceOf(MessageFormatException.class);
        stream.writeBoolean(true);
        MapMessage map = session.createMapMessage();
        assertThatThrownBy(() -> map.setObject("k", List.of())).isInstanceOf(MessageFormatException.class);
        map.setBoolean("k", true);

        StreamMessage receivedStream = passed(stream, StreamMessage.class);
        assertThatThrownBy(receivedStream::readShort).isInstanceOf(MessageFormatException.class);
        assertThat(receivedStream.readBoolean()).isTrue();
        MapMessage receivedMap = passed(map, MapMessage.class);
        assertThatThrownBy(() -> receivedMap.getShort("k")).isInstanceOf(MessageFormatException.class);
        assertThat(receivedMap.getBoolean("k")).isTrue();
    }

    /** §10.3: MessageNotReadableException when a write-only message is read. */
    @Test
    void shouldReadSentBytesOnlyAfterResetWhenTheMessageWasForwarded() throws JMSException {
        BytesMessage sent = session.createBytesMessage();
        sent.writeInt(42);
        assertThatThrownBy(sent::readInt).isInstanceOf(MessageNotReadableException.class);

        BytesMessage once = passed(sent, BytesMessage.class);
        BytesMessage twice = passed(once, BytesMessage.class);

        assertThat(twice.readInt()).isEqualTo(42);
    }
}
