package io.sterna.amqp.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.Test;

/** AMQP 1.0 §3.2: what an intermediary may change of a message, and what it must not. */
class OutgoingMessageTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final AnnotationMap NONE = AnnotationMap.EMPTY;

    @Property(tries = 1000)
    void shouldChangeOnlyHeaderAndAnnotationsWhenSentOn(
            @ForAll long seed, @ForAll @IntRange(max = 2) int deliveryCount, @ForAll boolean annotate)
            throws Exception {
        Message came = Messages.random(new Random(seed));
        byte[] bytes = Messages.encode(came);
        MessageSections sections = MessageSections.scan(bytes);
        AnnotationMap additional = annotate
                ? AnnotationMap.builder()
                        .putString("x-opt-1", "new")
                        .putLong("x-opt-new", 5)
                        .build()
                : NONE;

        OutgoingMessage outgoing = OutgoingMessage.of(sections, deliveryCount, additional);
        Message sent = Messages.decode(outgoing);

        assertThat(sent.getDeliveryCount()).isEqualTo(deliveryCount);
        assertThat(sent.isFirstAcquirer()).isFalse(); // §3.2.1: it may have been acquired before.
        assertThat(sent.isDurable()).isEqualTo(came.isDurable());
        assertThat(sent.getPriority()).isEqualTo(came.getPriority());
        assertThat(sent.getTtl()).isEqualTo(came.getTtl());
        assertThat(sent.getDeliveryAnnotations()).isNull();
        Map<Symbol, Object> expected = new HashMap<>(annotations(came));
        if (annotate) {
            expected.put(Symbol.valueOf("x-opt-1"), "new");
            expected.put(Symbol.valueOf("x-opt-new"), 5L);
        }
        assertThat(annotations(sent)).isEqualTo(expected);
        assertThat(outgoing.message()).isSameAs(bytes);
        assertThat(outgoing.messageOffset())
                .isLessThanOrEqualTo(sections.properties().offset());
    }

    private static Map<Symbol, Object> annotations(Message message) {
        MessageAnnotations annotations = message.getMessageAnnotations();
        return annotations == null ? Map.of() : annotations.getValue();
    }

    @Property(tries = 200)
    void shouldCopyAnyPartWhenAskedFor(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        MessageSections sections = MessageSections.scan(Messages.encode(Messages.random(random)));
        OutgoingMessage outgoing = OutgoingMessage.of(sections, 1, NONE);
        byte[] whole = new byte[outgoing.length()];
        outgoing.copyTo(0, whole, 0, whole.length);

        int from = random.nextInt(whole.length);
        int count = random.nextInt(whole.length - from + 1);
        byte[] part = new byte[count + 2];
        outgoing.copyTo(from, part, 1, count);

        assertThat(Arrays.copyOfRange(part, 1, count + 1)).isEqualTo(Arrays.copyOfRange(whole, from, from + count));
    }

    @Test
    void shouldBeTheVeryArrayWhenNothingChanges() throws Exception {
        // Header (durable), a message annotation, data.
        byte[] bytes = HEX.parseHex("005370c0020141005372c10502a3016b41005375a00101");

        OutgoingMessage outgoing = OutgoingMessage.of(MessageSections.scan(bytes), 0, NONE);

        assertThat(outgoing.message()).isSameAs(bytes);
        assertThat(outgoing.messageOffset()).isZero();
        assertThat(outgoing.prefix()).isEmpty();
    }

    @Test
    void shouldHaveNoHeaderWhenNoneCameAndNoneIsNeeded() throws Exception {
        assertThat(sent("005371c10100005375a00101", 0, NONE)).isEqualTo("005375a00101");
    }

    @Test
    void shouldKeepTheHeaderWhenOnlyDeliveryAnnotationsGo() throws Exception {
        assertThat(sent("005370c0020141005371c10100005375a00101", 0, NONE)).isEqualTo("005370c0020141005375a00101");
    }

    @Test
    void shouldGetAHeaderWhenDeliveredAgain() throws Exception {
        assertThat(sent("005375a00101", 2, NONE)).isEqualTo("005370c0070540404042" + "5202" + "005375a00101");
    }

    @Test
    void shouldKeepTheOtherFieldsOfTheHeaderWhenDeliveredAgain() throws Exception {
        // Durable in the long form, priority 9, ttl 5.
        assertThat(sent("005370c00703560150095205005375a00101", 1, NONE))
                .isEqualTo("005370c00a0556015009520542" + "5201" + "005375a00101");
    }

    @Test
    void shouldReplaceAndAppendAnnotationsWhenModified() throws Exception {
        AnnotationMap additional =
                AnnotationMap.builder().putUbyte("b", 1).putString("c", "x").build();

        assertThat(sent("005372c10904a3016141a3016242005375a00101", 0, additional))
                .isEqualTo("005372c11006a3016141a301625001a30163a10178" + "005375a00101");
    }

    @Test
    void shouldGoOutUntouchedWhenOfAnotherFormat() {
        byte[] bytes = {1, 2, 3};

        assertThat(OutgoingMessage.untouched(bytes).message()).isSameAs(bytes);
        assertThat(OutgoingMessage.untouched(bytes).length()).isEqualTo(3);
    }

    private static String sent(String hex, long deliveryCount, AnnotationMap additional) throws Exception {
        OutgoingMessage outgoing =
                OutgoingMessage.of(MessageSections.scan(HEX.parseHex(hex)), deliveryCount, additional);
        byte[] bytes = new byte[outgoing.length()];
        outgoing.copyTo(0, bytes, 0, bytes.length);
        return HEX.formatHex(bytes);
    }
}
