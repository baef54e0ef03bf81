package io.sterna.broker.amqp;

import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Terminus;
import io.sterna.broker.partition.Addresses;
import java.util.List;
import java.util.Set;

/** Which termini this version grants. */
final class NodeRules {
    private static final Set<String> OTHER_KINDS = Set.of("topic", "temporary-topic", "temporary-queue");

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

    static void checkAddress(String address) throws Refusal {
        if (!Addresses.isValid(address)) {
            throw new Refusal(
                    ErrorCondition.NOT_FOUND,
                    "no queue can have the address '" + printable(address)
                            + "': it is blank, too long, begins with $ or has" + " control characters");
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
