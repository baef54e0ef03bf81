package io.sterna.broker.wire;

import io.sterna.broker.testing.BrokerExtension;
import io.sterna.broker.wire.WireLink.Delivery;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The broker that these tests share, and the connections to it, which are cut when a test has ended. */
final class WireBroker implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
    private final BrokerExtension broker = BrokerExtension.shared();
    private final List<WireClient> clients = new ArrayList<>();

    /** The address of a queue that nobody uses yet. Broker-J creates queues with this prefix when they are named. */
    static String address() {
        return "jms.wire." + UUID.randomUUID();
    }

    WireClient connect() throws IOException {
        WireClient client = WireClient.connect(broker.broker());
        clients.add(client);
        return client;
    }

    /** An open connection. */
    WireClient open() throws IOException {
        WireClient client = connect();
        client.open();
        return client;
    }

    /** A session on channel 0 of a connection of its own. */
    WireSession begin() throws IOException {
        return open().begin();
    }

    /** So many messages that have to be in a queue, waiting for them, and whatever else is there. */
    List<Delivery> messages(String address, int expected) throws IOException {
        WireLink link = begin().receiver(address);
        List<Delivery> all = new ArrayList<>();
        link.credit(expected);
        for (int i = 0; i < expected; i++) {
            all.add(link.receive());
        }
        all.addAll(link.drain());
        return all;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        broker.beforeAll(context);
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        for (WireClient client : clients) {
            client.close();
        }
        clients.clear();
        // Frames that made a peer fail may have left it in disorder, and what fails next is not to be laid to it.
        if (BrokerExtension.isPeer() && context.getExecutionException().isPresent()) {
            broker.replace(context);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        broker.afterAll(context);
    }
}
