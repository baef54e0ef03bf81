package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpTypes;
import io.sterna.amqp.AmqpTypes.Described;
import io.sterna.amqp.AmqpTypes.Symbol;
import io.sterna.amqp.AmqpTypes.Unsigned;
import io.sterna.amqp.ErrorCondition;
import io.sterna.broker.partition.SelectorFilter;
import io.sterna.broker.queue.MessageFilter;
import io.sterna.broker.selector.InvalidSelectorException;
import io.sterna.broker.selector.Selector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a source's filter-set (AMQP 1.0 §3.5.8) asks for, as far as Sterna knows filters: the selector and the no-local of
 * Jakarta Messaging. They are known by their descriptors, whatever their keys.
 *
 * @param selector which messages are wanted; empty for all
 * @param noLocal whether messages of the own connection are not wanted
 * @param known the entries of the filter-set that are understood, for the answering attach
 */
record SourceFilters(Optional<Selector> selector, boolean noLocal, Map<String, Object> known) {
    private static final String SELECTOR = "apache.org:selector-filter:string";
    private static final long SELECTOR_CODE = 0x0000_468C_0000_0004L;
    private static final String NO_LOCAL = "apache.org:no-local-filter:list";
    private static final long NO_LOCAL_CODE = 0x0000_468C_0000_0003L;

    SourceFilters {
        known = Map.copyOf(known);
    }

    /** Reads a filter-set. Filters of other kinds are passed over: they are not in force, and the answer shows it. */
    static SourceFilters of(Map<String, Object> filterSet) throws Refusal {
        Optional<Selector> selector = Optional.empty();
        boolean noLocal = false;
        Map<String, Object> known = new LinkedHashMap<>();
        for (Map.Entry<String, Object> entry : filterSet.entrySet()) {
            if (entry.getValue() == AmqpTypes.Null.NULL) {
                continue;
            }
            if (!(entry.getValue() instanceof Described filter)) {
                throw invalid("filter " + entry.getKey() + " is not a described value (AMQP 1.0 §3.5.8)");
            }
            if (is(filter, SELECTOR, SELECTOR_CODE)) {
                if (selector.isPresent()) {
                    throw invalid("there is more than one selector");
                }
                selector = selector(filter.value());
                known.put(entry.getKey(), filter);
            } else if (is(filter, NO_LOCAL, NO_LOCAL_CODE)) {
                noLocal = true;
                known.put(entry.getKey(), filter);
            }
        }
        return new SourceFilters(selector, noLocal, known);
    }

    /** As the answer to an attach that did not name them. */
    static Map<String, Object> inForce(Optional<String> selector, boolean noLocal) {
        Map<String, Object> filters = new LinkedHashMap<>();
        selector.ifPresent(text -> filters.put("jms-selector", new Described(new Unsigned(64, SELECTOR_CODE), text)));
        if (noLocal) {
            filters.put("no-local", new Described(new Unsigned(64, NO_LOCAL_CODE), List.of()));
        }
        return filters;
    }

    /** What is in force at a queue, where no-local means nothing (Jakarta Messaging 3.1 has it for topics). */
    SourceFilters atQueue() {
        Map<String, Object> inForce = new LinkedHashMap<>(known);
        inForce.values().removeIf(it -> it instanceof Described filter && is(filter, NO_LOCAL, NO_LOCAL_CODE));
        return new SourceFilters(selector, false, inForce);
    }

    /** For the queue. */
    Optional<MessageFilter> messageFilter() {
        return selector.map(SelectorFilter::new);
    }

    /** Jakarta Messaging 3.1 §3.8.1.1: an empty selector is none. */
    private static Optional<Selector> selector(Object value) throws Refusal {
        if (!(value instanceof String text)) {
            throw invalid("a selector is a string");
        }
        if (text.isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Selector.parse(text));
        } catch (InvalidSelectorException e) {
            throw invalid("invalid selector: " + e.getMessage());
        }
    }

    private static boolean is(Described filter, String symbol, long code) {
        return filter.descriptor() instanceof Unsigned number
                ? number.value() == code
                : filter.descriptor() instanceof Symbol name && name.name().equals(symbol);
    }

    private static Refusal invalid(String problem) {
        return new Refusal(ErrorCondition.INVALID_FIELD, problem);
    }
}
