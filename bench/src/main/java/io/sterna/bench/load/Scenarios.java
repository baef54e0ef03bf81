package io.sterna.bench.load;

import jakarta.jms.DeliveryMode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** All scenarios, in the order in which they run: what fills the broker comes last. */
final class Scenarios {

    static final List<Scenario> ALL = List.of(
            new SendBlocking("send-blocking-1", 1),
            new SendBlocking("send-blocking-16", 16),
            new SendAsync("send-async"),
            new Drain("drain"),
            new SendAndReceive(
                    "both",
                    DeliveryMode.PERSISTENT,
                    "one producer and one consumer at once, persistent, asynchronous sends; counts what is received,"
                            + " order is checked"),
            new Paced("paced", 1_000),
            new SendAndReceive(
                    "both-non-persistent", DeliveryMode.NON_PERSISTENT, "the same with non-persistent messages"),
            new Transacted("transacted", 100),
            new Topic("topic", 10),
            new Memory("memory"),
            new IdleConnections("idle-connections"),
            new ManyNodes("many-subscriptions", true),
            new ManyNodes("many-queues", false),
            new RareMatch("rare-match"),
            new Backlog("backlog"));

    private Scenarios() {}

    /** @throws IllegalArgumentException naming those that exist when one does not */
    static List<Scenario> named(List<String> names) {
        List<Scenario> chosen = new ArrayList<>();
        for (String name : names) {
            chosen.add(ALL.stream()
                    .filter(scenario -> scenario.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no scenario is named " + name + "; there are "
                            + ALL.stream().map(Scenario::name).collect(Collectors.joining(", ")))));
        }
        return chosen;
    }
}
