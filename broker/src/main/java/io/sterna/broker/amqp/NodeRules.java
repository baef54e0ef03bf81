package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpTypes.Described;
import io.sterna.amqp.AmqpTypes.Unsigned;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Terminus;
import io.sterna.broker.partition.Addresses;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which termini this version grants. */
final class NodeRules {
    private static final Set<String> OTHER_KINDS = Set.of("topic", "temporary-topic", "temporary-queue");

    /** apache.org:no-local-filter:list and apache.org:selector-filter:string by their codes. */
    private static final Set<String> REFUSED_CODES = Set.of("468c00000003", "468c00000004");

    private NodeRules() {}

    /** The address of a queue that a terminus names, or why it can't be had. */
    static String queueAddress(Terminus.Node node) throws Refusal {
        if (node.dynamic()) {
            throw new Refusal(
                    ErrorCondition.NOT_IMPLEMENTED, "temporary queues and topics are not offered; name a queue");
        }
        for (String capability : node.capabilities()) {
            if (OTHER_KINDS.contains(capability)) {
                throw new Refusal(
                        ErrorCondition.NOT_IMPLEMENTED,
                        "nodes of kind " + capability + " are not offered, only queues");
            }
        }
        String address =
                node.address().orElseThrow(() -> new Refusal(ErrorCondition.INVALID_FIELD, "no address is given"));
        checkAddress(address);
        return address;
    }

    /** Refuses what a source asks for and this version does not have, rather than deliver what was not asked for. */
    static void checkSource(Terminus.Source source) throws Refusal {
        if (source.distributionMode().filter("copy"::equals).isPresent()) {
            throw new Refusal(ErrorCondition.NOT_IMPLEMENTED, "browsing (distribution-mode copy) is not offered");
        }
        for (Map.Entry<String, Object> filter : source.filter().entrySet()) {
            String descriptor = filter.getValue() instanceof Described described ? describe(described) : "";
            if (isRefused(filter.getKey()) || isRefused(descriptor) || REFUSED_CODES.contains(descriptor)) {
                throw new Refusal(
                        ErrorCondition.NOT_IMPLEMENTED,
                        "the filter " + filter.getKey() + " is not offered; receive without selector and no-local");
            }
        }
    }

    private static boolean isRefused(String filter) {
        return filter.contains("selector") || filter.contains("no-local");
    }

    private static String describe(Described filter) {
        return filter.descriptor() instanceof Unsigned code
                ? Long.toHexString(code.value())
                : filter.descriptor().toString();
    }

    static void checkAddress(String address) throws Refusal {
        if (!Addresses.isValid(address)) {
            throw new Refusal(
                    ErrorCondition.NOT_FOUND,
                    "no queue can have the address '" + printable(address)
                            + "': it is blank, too long, begins with $, has control characters, or is of dead letters"
                            + " of dead letters");
        }
    }

    /** The node as it is: what was asked for, with the capabilities that a queue has. */
    static Terminus.Node granted(Terminus.Node asked) {
        return asked.withCapabilities(List.of("queue"));
    }

    static Refusal notFound(String address) {
        return new Refusal(
                ErrorCondition.NOT_FOUND,
                "there is no queue '" + address
                        + "', and queues.auto-create does not let it come into being by itself");
    }

    private static String printable(String address) {
        String shown = address.length() > 80 ? address.substring(0, 80) + "…" : address;
        return shown.replaceAll("\\p{Cntrl}", "?");
    }
}
