package io.sterna.broker.config;

import java.util.List;

/**
 * How queues come into being, and how they treat their messages.
 *
 * @param autoCreate a queue at an address that one of these matches is created when a link first names it
 * @param policies how queues treat their messages
 */
public record QueuesConfig(List<AddressPattern> autoCreate, QueuePolicies policies) {

    public QueuesConfig {
        autoCreate = List.copyOf(autoCreate);
    }

    static QueuesConfig read(Section section) throws ConfigException {
        List<AddressPattern> patterns = AddressPattern.readAll(section, "auto-create", List.of("#"));
        QueuePolicies policies = QueuePolicies.read(section);
        section.refuseUnknown();
        return new QueuesConfig(patterns, policies);
    }

    /** Whether a queue may be created at {@code address} without anybody's doing. */
    public boolean mayAutoCreate(String address) {
        return AddressPattern.anyMatches(autoCreate, address);
    }
}
