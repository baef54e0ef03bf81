package io.sterna.broker.selector;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.message.MessageSections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Conditions mean the same to an evaluator that was written another way. */
class SelectorPropertyTest {

    @Property(tries = 5_000)
    void shouldAgreeWithNaiveEvaluator(@ForAll long seed) {
        Random random = new Random(seed);
        NaiveCondition condition = NaiveCondition.random(random, 4);
        for (int i = 0; i < 5; i++) {
            Map<String, Object> values = new HashMap<>();
            for (String name : List.of("a", "b", "c", "d")) {
                Object value = NaiveCondition.randomValue(random);
                if (value != null || random.nextBoolean()) {
                    values.put(name, value);
                }
            }
            MessageSections message = TestMessage.of(values);
            Truth expected = condition.meaning().apply(values).map(Truth::of).orElse(Truth.UNKNOWN);
            assertThat(TestMessage.truth(condition.text(), message))
                    .as("%s for %s", condition.text(), values)
                    .isEqualTo(expected);
        }
    }
}
