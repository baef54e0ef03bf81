package io.sterna.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.broker.queue.MessageTraits;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Date;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Header;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.codec.WritableBuffer;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a queue is told of a message: AMQP 1.0 §3.2.1, §3.2.4. */
@SuppressWarnings("JavaUtilDate") // Proton-J has timestamps so.
class BrokerMessageTest {
    private static final long NOW_MILLIS = 1_700_000_000_000L;

    private final Message message = Message.Factory.create();
    private final Header header = new Header();
    private final Properties properties = new Properties();

    @Test
    void shouldShareTheDefaultsWhenAMessageSaysNothing() throws Exception {
        assertThat(traits()).isSameAs(MessageTraits.DEFAULT);
        message.setHeader(header);
        message.setProperties(properties);
        assertThat(traits()).isSameAs(MessageTraits.DEFAULT);
    }

    @Test
    void shouldSayNothingWhenTheFormatIsUnknown() throws Exception {
        assertThat(BrokerMessage.received(new byte[] {1, 2, 3}, 7).traits(NOW_MILLIS))
                .isSameAs(MessageTraits.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "4, 4", "9, 9", "10, 9", "255, 9"})
    void shouldTakeThePriorityFromTheHeader(int said, int expected) throws Exception {
        header.setPriority(UnsignedByte.valueOf((byte) said));
        message.setHeader(header);
        assertThat(traits().priority()).isEqualTo(expected);
    }

    @Test
    void shouldExpireAtTheTimeGivenOrAfterTheTimeToLiveWhicheverComesFirst() throws Exception {
        header.setTtl(UnsignedInteger.valueOf(5_000));
        message.setHeader(header);
        assertThat(traits().expiresAtMillis()).isEqualTo(NOW_MILLIS + 5_000);

        properties.setAbsoluteExpiryTime(new Date(NOW_MILLIS + 1));
        message.setProperties(properties);
        assertThat(traits().expiresAtMillis()).isEqualTo(NOW_MILLIS + 1);

        properties.setAbsoluteExpiryTime(new Date(NOW_MILLIS + 5_001));
        assertThat(traits().expiresAtMillis()).isEqualTo(NOW_MILLIS + 5_000);

        header.setTtl(null);
        assertThat(traits().expiresAtMillis()).isEqualTo(NOW_MILLIS + 5_001);
    }

    @Test
    void shouldNeverExpireWhenTimesAreZero() throws Exception {
        header.setTtl(UnsignedInteger.ZERO);
        properties.setAbsoluteExpiryTime(new Date(0));
        message.setHeader(header);
        message.setProperties(properties);
        assertThat(traits().expiresAtMillis()).isZero();
    }

    @Test
    void shouldTakeTheGroupFromTheProperties() throws Exception {
        properties.setGroupId("group ä");
        message.setProperties(properties);
        assertThat(traits().groupId()).isEqualTo("group ä");
    }

    @Test
    void shouldBeDeliveredAtTheTimeGivenOrAfterTheDelay() throws Exception {
        annotate(Map.of(Symbol.valueOf("x-opt-delivery-delay"), 5_000L));
        assertThat(traits().deliverAtMillis()).isEqualTo(NOW_MILLIS + 5_000);
        annotate(Map.of(Symbol.valueOf("x-opt-delivery-delay"), Long.MAX_VALUE));
        assertThat(traits().deliverAtMillis()).isEqualTo(Long.MAX_VALUE);
        annotate(Map.of(Symbol.valueOf("x-opt-delivery-delay"), -1));
        assertThat(traits().deliverAtMillis()).isZero();

        annotate(Map.of(
                Symbol.valueOf("x-opt-delivery-delay"),
                5_000L,
                Symbol.valueOf("x-opt-delivery-time"),
                new Date(NOW_MILLIS + 1)));
        assertThat(traits().deliverAtMillis()).isEqualTo(NOW_MILLIS + 1);
        annotate(Map.of(Symbol.valueOf("x-opt-delivery-time"), NOW_MILLIS + 2));
        assertThat(traits().deliverAtMillis()).isEqualTo(NOW_MILLIS + 2);
        annotate(Map.of(Symbol.valueOf("x-opt-delivery-time"), "tomorrow"));
        assertThat(traits().deliverAtMillis()).isZero();
    }

    private void annotate(Map<Symbol, Object> annotations) {
        message.setMessageAnnotations(new MessageAnnotations(annotations));
    }

    private MessageTraits traits() throws DecodeException {
        byte[] bytes = new byte[1_000];
        int length = message.encode(WritableBuffer.ByteBufferWrapper.wrap(ByteBuffer.wrap(bytes)));
        return BrokerMessage.received(Arrays.copyOf(bytes, length), 0).traits(NOW_MILLIS);
    }
}
