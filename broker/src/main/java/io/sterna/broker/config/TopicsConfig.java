package io.sterna.broker.config;

import java.util.List;

/**
 * How topics come into being.
 *
 * @param autoCreate a topic at an address that one of these matches is created when a link first names it
 * @param addresses what one of these matches is a topic, whatever a client takes it for
 */
public record TopicsConfig(List<AddressPattern> autoCreate, List<AddressPattern> addresses) {

    public TopicsConfig {
        autoCreate = List.copyOf(autoCreate);
        addresses = List.copyOf(addresses);
    }

    static TopicsConfig read(Section section) throws ConfigException {
        TopicsConfig config = new TopicsConfig(
                AddressPattern.readAll(section, "auto-create", List.of("#")),
                AddressPattern.readAll(section, "addresses", List.of()));
        section.refuseUnknown();
        return config;
    }

    /** Whether a topic may be created at {@code address} without anybody's doing. */
    public boolean mayAutoCreate(String address) {
        return AddressPattern.anyMatches(autoCreate, address);
    }

    /** Whether an address is meant to be a topic. */
    public boolean has(String address) {
        return AddressPattern.anyMatches(addresses, address);
    }
}
