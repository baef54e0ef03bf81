package io.sterna.broker.amqp;

import io.sterna.broker.forward.Forwarding;

/**
 * What the links of one connection have in common. Owned by the connection's loop.
 *
 * @param services what every connection needs of the broker
 * @param tasks runs what concerns this connection
 * @param leaves consumers of this connection that are giving up their place
 * @param transactions those of this connection
 * @param inbound what this connection has sent and what is in no queue yet
 * @param links the names of this connection's links
 * @param forwarding what this connection uses of other nodes
 * @param containerId the client's name for itself
 */
record ClientContext(
        BrokerServices services,
        ClientTasks tasks,
        PendingLeaves leaves,
        ClientTransactions transactions,
        ClientInbound inbound,
        ClientLinks links,
        Forwarding forwarding,
        String containerId) {}
