package io.sterna.broker.amqp;

import io.sterna.broker.config.BrokerConfig;
import io.sterna.broker.forward.Routing;
import io.sterna.broker.partition.Partitions;

/** What every connection needs of the broker. */
public record BrokerServices(
        BrokerConfig config,
        Partitions partitions,
        Admission admission,
        ContainerIds containerIds,
        LinkRegistry links,
        TrafficCounters counters,
        Routing routing) {}
