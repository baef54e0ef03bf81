package io.sterna.broker.interop;

import io.sterna.broker.testing.BrokerExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The ProtonJ2 client of one test, closed after it. */
final class ProtonClient implements AfterEachCallback {
    /** Long enough for a busy machine; only a failing test waits so long. */
    static final long PATIENCE_SECONDS = 20;

    private final BrokerExtension broker;
    private final List<Client> clients = new ArrayList<>();

    ProtonClient(BrokerExtension broker) {
        this.broker = broker;
    }

    /** A connection with a container id of its own. */
    Connection connect() throws ClientException {
        return connect(new ConnectionOptions());
    }

    Connection connect(ConnectionOptions options) throws ClientException {
        Client client = Client.create();
        clients.add(client);
        options.openTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .sendTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .requestTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .drainTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .closeTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return client.connect(broker.broker().host(), broker.broker().port(), options);
    }

    /** An address that no other test uses. */
    static String uniqueAddress() {
        return "interop." + UUID.randomUUID();
    }

    /** Options of a receiver that leaves credit, outcome and settlement to the test. */
    static ReceiverOptions byHand() {
        return new ReceiverOptions().creditWindow(0).autoAccept(false).autoSettle(false);
    }

    /** Sends durable messages with the bodies {@code 0 … count-1} and waits until all are accepted. */
    static void sendNumbered(Connection connection, String address, int count) throws ClientException {
        try (Sender sender = connection.openSender(address)) {
            for (int n = 0; n < count; n++) {
                sender.send(Message.create(Integer.toString(n)).durable(true))
                        .awaitAccepted(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    /** The next delivery, which has to come. */
    static Delivery receive(Receiver receiver) throws ClientException {
        Delivery delivery = receiver.receive(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (delivery == null) {
            throw new AssertionError("no delivery within " + PATIENCE_SECONDS + " s");
        }
        return delivery;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        clients.forEach(Client::close);
    }
}
