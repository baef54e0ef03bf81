package io.sterna.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.queue.MessageTraits;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TraitsCodecTest {

    @Example
    void shouldTakeNoBytesWhenTraitsAreOrdinary() {
        assertThat(TraitsCodec.encode(MessageTraits.DEFAULT)).isEmpty();
        assertThat(TraitsCodec.decode(new byte[0])).isSameAs(MessageTraits.DEFAULT);
    }

    @Property(tries = 1000)
    void shouldReadBackWhatWasWritten(@ForAll("traits") MessageTraits traits) {
        byte[] encoded = TraitsCodec.encode(traits);

        assertThat(TraitsCodec.decode(encoded)).isEqualTo(traits);
        for (int length = 1; length < encoded.length; length++) {
            byte[] cut = Arrays.copyOf(encoded, length);
            assertThatThrownBy(() -> TraitsCodec.decode(cut)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> TraitsCodec.decode(Arrays.copyOf(encoded, Math.max(2, encoded.length + 1))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Property(tries = 2000)
    void shouldGiveTraitsOrRefuseWhenBytesAreArbitrary(@ForAll byte[] bytes) {
        try {
            assertThat(TraitsCodec.decode(bytes).priority()).isBetween(0, MessageTraits.MAX_PRIORITY);
        } catch (IllegalArgumentException refused) {
            assertThat(refused).hasMessageMatching(".+");
        }
    }

    @Provide
    Arbitrary<MessageTraits> traits() {
        Arbitrary<Long> times = Arbitraries.longs().between(0, Long.MAX_VALUE).injectDuplicates(0.1);
        return Combinators.combine(
                        Arbitraries.integers().between(0, MessageTraits.MAX_PRIORITY),
                        Arbitraries.oneOf(Arbitraries.just(0L), times),
                        Arbitraries.oneOf(Arbitraries.just(0L), times),
                        texts(),
                        texts())
                .as(MessageTraits::new);
    }

    private static Arbitrary<String> texts() {
        return Arbitraries.strings().ofMaxLength(20).filter(it -> it.chars()
                .noneMatch(c -> Character.isSurrogate((char) c)));
    }
}
