package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.amqp.AmqpTypes.Described;
import io.sterna.amqp.AmqpTypes.Symbol;
import io.sterna.amqp.codec.DecodeException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TerminusCodecTest {
    private static final Terminus.Node NODE = new Terminus.Node(
            Optional.of("orders"),
            Terminus.Durability.UNSETTLED_STATE,
            Terminus.ExpiryPolicy.LINK_DETACH,
            60,
            false,
            Map.of(),
            List.of("queue"));

    @Test
    void shouldGiveTheSourceBack() throws DecodeException {
        Terminus source = new Terminus.Source(
                NODE,
                Optional.of("move"),
                Map.of("selector", new Described(new Symbol("apache.org:selector-filter:string"), "a = 1")),
                Optional.of(new DeliveryState.Modified(true, false, Map.of())),
                List.of("amqp:accepted:list"));

        assertThat(TerminusCodec.decode(TerminusCodec.encode(source))).isEqualTo(source);
    }

    @Test
    void shouldGiveTheTargetBack() throws DecodeException {
        Terminus target = new Terminus.Target(NODE);

        assertThat(TerminusCodec.decode(TerminusCodec.encode(target))).isEqualTo(target);
    }

    @Test
    void shouldRefuseWhatIsNoTerminus() {
        byte[] map = AmqpTypes.encode(Map.of());

        assertThatThrownBy(() -> TerminusCodec.decode(map)).isInstanceOf(DecodeException.class);
    }
}
