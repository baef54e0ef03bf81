package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpTypes.Unsigned;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Terminus;
import io.sterna.broker.queue.ConsumerOptions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a receiving link asks for beside its source's fields: the priority of the consumer, and whether it wants to be the
 * only one. AMQP 1.0 has no words for that. Clients say it by properties of the link, {@code priority} as at Artemis and
 * Broker-J and {@code exclusive}; or, where an API such as JMS does not let them set those, behind the address: {@code
 * orders?consumer-priority=5} as at Artemis, {@code orders?consumer.exclusive=true&consumer.priority=5} as at ActiveMQ.
 *
 * @param source with the address as it is, without options
 * @param options as the address gives them
 * @param properties of the link; they win over the options
 */
record ConsumerTerms(Terminus.Source source, Map<String, String> options, Map<String, Object> properties) {
    private static final Set<String> PRIORITY = Set.of("consumer-priority", "consumer.priority");
    private static final Set<String> EXCLUSIVE = Set.of("consumer-exclusive", "consumer.exclusive");

    /** Options are taken for such only when all of them are known: a question mark may be part of an address. */
    static ConsumerTerms of(Terminus.Source source, Map<String, Object> properties) {
        String address = source.node().address().orElse("");
        int mark = address.lastIndexOf('?');
        if (mark < 0) {
            return new ConsumerTerms(source, Map.of(), properties);
        }
        Map<String, String> options = new HashMap<>();
        for (String option : address.substring(mark + 1).split("&", -1)) {
            int equals = option.indexOf('=');
            String key = equals < 0 ? option : option.substring(0, equals);
            if (!PRIORITY.contains(key) && !EXCLUSIVE.contains(key)) {
                return new ConsumerTerms(source, Map.of(), properties);
            }
            options.put(key, option.substring(equals + 1));
        }
        Terminus.Node named = source.node().withAddress(address.substring(0, mark));
        return new ConsumerTerms(source.withNode(named), options, properties);
    }

    /** The part of a consumer in its queue. */
    ConsumerOptions consumer() throws Refusal {
        if (source.defaultOutcome().orElse(null) instanceof DeliveryState.Declared) {
            throw new Refusal(ErrorCondition.INVALID_FIELD, "declared is no outcome of a message; AMQP 1.0 §4.5.5");
        }
        ConsumerOptions consumer =
                ConsumerOptions.of(Outcomes.defaultOf(source)).withPriority(priority());
        return exclusive() ? consumer.asExclusive() : consumer;
    }

    private int priority() throws Refusal {
        Object property = properties.get("priority");
        if (property == null) {
            Optional<String> option = option(PRIORITY);
            return option.isEmpty() ? 0 : integer(option.get());
        } else if (property instanceof Unsigned number) {
            return integer(Long.toUnsignedString(number.value()));
        } else if (property instanceof Number) {
            return integer(property.toString());
        }
        throw invalid("priority", property);
    }

    private boolean exclusive() throws Refusal {
        Object property = properties.get("exclusive");
        if (property instanceof Boolean exclusive) {
            return exclusive;
        } else if (property != null) {
            throw invalid("exclusive", property);
        }
        String option = option(EXCLUSIVE).orElse("false");
        return switch (option) {
            case "true" -> true;
            case "false" -> false;
            default -> throw invalid("exclusive", option);
        };
    }

    private Optional<String> option(Set<String> keys) {
        return keys.stream().filter(options::containsKey).map(options::get).findFirst();
    }

    private static int integer(String text) throws Refusal {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException notOne) {
            throw invalid("priority", text);
        }
    }

    private static Refusal invalid(String what, Object value) {
        String shown = NodeRules.printable(value.toString());
        return new Refusal(
                ErrorCondition.INVALID_FIELD,
                what + " of a consumer is " + (what.equals("priority") ? "an integer" : "true or false") + ", not '"
                        + shown + "'");
    }
}
