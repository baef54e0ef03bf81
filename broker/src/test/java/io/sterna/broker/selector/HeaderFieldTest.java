package io.sterna.broker.selector;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.message.MessageSections;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Header fields and JMSX properties in selectors (Jakarta Messaging 3.1 §3.8.1.1 and §3.5.9), as Qpid JMS maps them. */
class HeaderFieldTest {
    private static final MessageSections BARE = TestMessage.create().sections();

    private static void assertTrue(String condition, MessageSections message) {
        assertThat(TestMessage.truth(condition, message)).as(condition).isEqualTo(Truth.TRUE);
    }

    private static void assertTrue(String condition, TestMessage message) {
        assertTrue(condition, message.sections());
    }

    /** "JMSMessageID, JMSCorrelationID, and JMSType values may be null and if so are treated as a NULL value." */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "JMSMessageID IS NULL",
                "JMSCorrelationID IS NULL",
                "JMSType IS NULL",
                "JMSReplyTo IS NULL",
                "JMSDestination IS NULL",
                "JMSXGroupID IS NULL",
                "JMSXGroupSeq IS NULL",
                "JMSXUserID IS NULL",
                "JMSXAppID IS NULL",
                "JMSTimestamp = 0",
                "JMSExpiration = 0",
                "JMSPriority = 4",
                "NOT JMSRedelivered",
                "JMSXDeliveryCount = 1",
                "JMSDeliveryMode = 'NON_PERSISTENT'"
            })
    void shouldHaveDefaultsWhenMessageSaysNothing(String condition) {
        assertTrue(condition, BARE);
    }

    /** §3.8.1.3: "JMSDeliveryMode is treated as having the values 'PERSISTENT' and 'NON_PERSISTENT'." */
    @Test
    void shouldTreatDeliveryModeAsString() {
        TestMessage durable = TestMessage.create().changed(message -> message.setDurable(true));

        assertTrue("JMSDeliveryMode = 'PERSISTENT'", durable);
        assertTrue("JMSDeliveryMode <> 'NON_PERSISTENT'", durable);
        assertTrue("NOT JMSDeliveryMode = 2", durable);
        assertTrue("JMSDeliveryMode LIKE 'PERS%'", durable);
    }

    @Test
    void shouldReadHeaderFieldsOfProducer() {
        TestMessage message = TestMessage.create().changed(it -> {
            it.setPriority((short) 9);
            it.setCreationTime(1_700_000_000_000L);
            it.setSubject("car");
            it.setAddress("orders");
            it.setReplyTo("answers");
            it.setExpiryTime(1_800_000_000_000L);
            it.setGroupId("G");
            it.setGroupSequence(3);
            it.setUserId("alice".getBytes(StandardCharsets.UTF_8));
            it.setDeliveryCount(2);
        });

        assertTrue("JMSPriority BETWEEN 8 AND 9", message);
        assertTrue("JMSTimestamp = 1700000000000", message);
        assertTrue("JMSType = 'car' AND JMSType IN ('car', 'bus') AND JMSType LIKE 'c_r'", message);
        assertTrue("JMSDestination = 'orders' AND JMSReplyTo = 'answers'", message);
        assertTrue("JMSExpiration = 1800000000000", message);
        assertTrue("JMSXGroupID = 'G' AND JMSXGroupSeq = 3 AND JMSXUserID = 'alice'", message);
        assertTrue("JMSRedelivered AND JMSXDeliveryCount = 3", message);
    }

    /** JMS has ten priorities (§3.4.10), AMQP 256: those above count as the highest. */
    @Test
    void shouldTakePrioritiesBeyondNineForNine() {
        assertTrue("JMSPriority = 9", TestMessage.create().changed(it -> it.setPriority((short) 200)));
    }

    private static void assertMessageId(Object id, String expected) {
        assertTrue("JMSMessageID = '" + expected + "'", TestMessage.create().changed(it -> it.setMessageId(id)));
    }

    private static void assertCorrelationId(Object id, String expected) {
        assertTrue(
                "JMSCorrelationID = '" + expected + "'", TestMessage.create().changed(it -> it.setCorrelationId(id)));
    }

    /** §3.4.3: "All JMSMessageID values must start with the prefix 'ID:'." */
    @Test
    void shouldKnowMessageIdsAsJmsShowsThem() {
        UUID uuid = UUID.fromString("6e2c3c1e-4c0c-4a53-93d6-111111111111");

        assertMessageId("ID:host-1-2-3", "ID:host-1-2-3");
        assertMessageId("order 17", "ID:AMQP_NO_PREFIX:order 17");
        assertMessageId(uuid, "ID:AMQP_UUID:" + uuid);
        assertMessageId(UnsignedLong.valueOf(42), "ID:AMQP_ULONG:42");
        assertMessageId(UnsignedLong.valueOf(-1L), "ID:AMQP_ULONG:18446744073709551615");
        assertMessageId(new Binary(new byte[] {0, (byte) 0xff, 0x10}), "ID:AMQP_BINARY:00FF10");
        assertMessageId("ID:AMQP_ULONG:42", "ID:AMQP_STRING:ID:AMQP_ULONG:42");
        assertMessageId("ID:AMQP_NO_PREFIX:x", "ID:AMQP_STRING:ID:AMQP_NO_PREFIX:x");
    }

    /** §3.4.5: a message id of a provider, an application's string, or bytes. */
    @Test
    void shouldKnowCorrelationIdsAsJmsShowsThem() {
        UUID uuid = UUID.fromString("6e2c3c1e-4c0c-4a53-93d6-111111111111");

        assertCorrelationId("order 17", "order 17");
        assertCorrelationId("ID:host-1-2-3", "ID:host-1-2-3");
        assertCorrelationId(uuid, "ID:AMQP_UUID:" + uuid);
        assertCorrelationId(UnsignedLong.valueOf(42), "ID:AMQP_ULONG:42");
        assertCorrelationId(new Binary(new byte[] {0, (byte) 0xff, 0x10}), "ID:AMQP_BINARY:00FF10");
        assertCorrelationId("ID:AMQP_UUID:x", "ID:AMQP_STRING:ID:AMQP_UUID:x");
    }

    /** Dead letters can be selected by why they are there. */
    @Test
    void shouldReadAnnotationsWhenIdentifierNamesOne() {
        TestMessage deadLetter = TestMessage.create().annotated("x-opt-deadletter-reason", "max-deliveries");

        assertTrue("\"m.x-opt-deadletter-reason\" = 'max-deliveries'", deadLetter);
        assertTrue("\"m.x-opt-deadletter-reason\" LIKE 'max%' AND \"m.other\" IS NULL", deadLetter);
        assertTrue("\"x-opt-deadletter-reason\" IS NULL", deadLetter);
    }

    /** "Any name that does not begin with 'JMS' is an application-specific property name", and names have a case. */
    @Test
    void shouldReadPropertyWhenNameIsNotExactlyThatOfField() {
        TestMessage message = TestMessage.create().with("jmspriority", 1).with("JMS_VENDOR_x", "y");

        assertTrue("jmspriority = 1 AND JMS_VENDOR_x = 'y' AND JMSpriority IS NULL", message);
    }
}
