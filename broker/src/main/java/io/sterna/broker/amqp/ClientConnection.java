package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.AmqpTypes.Symbol;
import io.sterna.amqp.Connection;
import io.sterna.amqp.ConnectionHandler;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Link;
import io.sterna.amqp.OpenTerms;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.RemoteOpen;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.Terminus;
import io.sterna.broker.partition.Loop;
import io.sterna.broker.partition.Partition;
import io.sterna.broker.partition.QueueNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client. Owned by its connection's loop. */
public final class ClientConnection implements ConnectionHandler {
    private static final Logger log = LoggerFactory.getLogger(ClientConnection.class);

    private static final String SOLE_CONNECTION = "sole-connection-for-container";
    private static final String ESTABLISHMENT_FAILED = "amqp:connection-establishment-failed";

    private final BrokerServices services;
    private final Loop loop;
    private final Set<Connection> open;
    private boolean holdsContainerId;
    private boolean counted;

    /** Makes the handler of a connection; {@code open} is its loop's set of open connections. */
    public ClientConnection(BrokerServices services, Loop loop, Set<Connection> open) {
        this.services = services;
        this.loop = loop;
        this.open = open;
    }

    @Override
    public void onOpen(Connection connection) {
        RemoteOpen remote = connection.remote();
        boolean sole = remote.desiredCapabilities().contains(SOLE_CONNECTION);
        if (sole && !services.containerIds().take(remote.containerId())) {
            refuseSecond(connection, remote.containerId());
            return;
        }
        holdsContainerId = sole;
        counted = true;
        services.counters().onOpened();
        open.add(connection);
        connection.open(
                new OpenTerms(List.of(SOLE_CONNECTION, "ANONYMOUS-RELAY"), List.of(), Map.of("product", "Sterna")));
        log.debug("connection of {} as {} opened", remote.containerId(), connection.user());
    }

    /** The open tells that a close follows, the close tells why; clients raise an invalid client id then. */
    private static void refuseSecond(Connection connection, String containerId) {
        connection.open(new OpenTerms(List.of(SOLE_CONNECTION), List.of(), Map.of(ESTABLISHMENT_FAILED, true)));
        connection.close(Optional.of(new AmqpError(
                ErrorCondition.INVALID_FIELD,
                "another connection has the container id " + containerId + "; close it or take another client id",
                Map.of("invalid-field", new Symbol("container-id")))));
    }

    @Override
    public void onAttach(SenderLink link) {
        try {
            Terminus.Source source = link.remote()
                    .source()
                    .orElseThrow(() -> new Refusal(ErrorCondition.INVALID_FIELD, "the attach names no source"));
            ConsumerLink.check(source);
            find(NodeRules.queueAddress(source.node()), link, node -> new ConsumerLink(
                            services, loop, link, source, node)
                    .start());
        } catch (Refusal refusal) {
            link.refuse(refusal.error());
        }
    }

    @Override
    public void onAttach(ReceiverLink link) {
        try {
            Terminus asked = link.remote()
                    .target()
                    .orElseThrow(() -> new Refusal(ErrorCondition.INVALID_FIELD, "the attach names no target"));
            if (!(asked instanceof Terminus.Target target)) {
                throw new Refusal(ErrorCondition.NOT_IMPLEMENTED, "transactions are not offered");
            }
            if (target.node().address().isEmpty() && !target.node().dynamic()) {
                new AnonymousProducerLink(services, loop, link).start(target);
            } else {
                find(NodeRules.queueAddress(target.node()), link, node -> new QueueProducerLink(
                                services, loop, link, node)
                        .start(target));
            }
        } catch (Refusal refusal) {
            link.refuse(refusal.error());
        }
    }

    private void find(String address, Link link, Consumer<QueueNode> found) {
        Partition partition = services.partitions().of(address);
        boolean mayCreate = services.config().queues().mayAutoCreate(address);
        partition
                .loop()
                .run(() -> partition.find(
                        address,
                        mayCreate,
                        node -> loop.run(() -> node.ifPresentOrElse(
                                found,
                                () -> link.refuse(NodeRules.notFound(address).error())))));
    }

    @Override
    public void onClosed(Connection connection, Optional<AmqpError> error) {
        open.remove(connection);
        if (holdsContainerId) {
            holdsContainerId = false;
            services.containerIds().release(connection.remote().containerId());
        }
        if (counted) {
            services.counters().onClosed();
        }
        error.ifPresent(reason -> log.info("a connection ended: {}", reason));
    }
}
