package io.sterna.bench.jmh;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.Connection;
import io.sterna.amqp.ConnectionHandler;
import io.sterna.amqp.ConnectionSettings;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.IncomingDelivery;
import io.sterna.amqp.LinkTerms;
import io.sterna.amqp.LoopResources;
import io.sterna.amqp.OpenTerms;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.amqp.ReceiverHandler;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.SenderHandler;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.SettleMode;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.message.OutgoingMessage;
import io.sterna.amqp.sasl.SaslAuthenticator;
import io.sterna.amqp.sasl.UserAuthenticator;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;

/** A client and a server whose bytes are carried from one to the other by hand. Owned by one thread. */
final class EnginePair {

    private static final int PULL_BYTES = 256 * 1024;
    private static final int MAX_ROUNDS = 50;
    private static final Object NO_CONTEXT = new Object();

    private final Connection client;
    private final Connection server;
    private final SenderLink sender;
    private final byte[] message = Messages.jmsBytesMessage(1_024);
    private long tag;
    private long settled;

    /** @param window how many deliveries may be under way; twice that is granted */
    EnginePair(int window) {
        LoopResources resources = new LoopResources(Runnable::run);
        ConnectionSettings settings = new ConnectionSettings("bench", 64 * 1024, 255, 255, 2_048, 0, 10_000, 10_000);
        SaslAuthenticator anonymous = new UserAuthenticator(Map.of(), true, Runnable::run, new SecureRandom());
        server = Connection.server(settings, anonymous, resources, new Server(2 * window), () -> {}, 0);
        client = Connection.client(settings, Optional.empty(), resources, new Client(), () -> {}, 0);
        client.open(OpenTerms.PLAIN);
        carry();
        sender = client.begin()
                .attachSender(
                        "sender",
                        LinkTerms.of(
                                Terminus.Source.at("bench"),
                                Terminus.Target.at("bench"),
                                SettleMode.Sender.UNSETTLED,
                                SettleMode.Receiver.FIRST),
                        new Sender());
        carry();
        if (sender.credit() < window) {
            throw new IllegalStateException("the link did not come up: credit " + sender.credit());
        }
    }

    /** Sends a message; it is on its way with the next {@link #exchange}. */
    void send() {
        byte[] name = ByteBuffer.allocate(Long.BYTES).putLong(tag++).array();
        sender.send(name, 0, OutgoingMessage.untouched(message), false, NO_CONTEXT);
    }

    /**
     * Carries bytes to and fro until both sides are quiet.
     *
     * @return deliveries settled so far
     */
    long exchange() {
        carry();
        if (settled != tag) {
            throw new IllegalStateException(tag + " were sent, " + settled + " settled");
        }
        return settled;
    }

    private void carry() {
        boolean moved = true;
        for (int round = 0; moved; round++) {
            if (round == MAX_ROUNDS) {
                throw new IllegalStateException("the two sides do not come to rest");
            }
            moved = carry(client, server);
            moved |= carry(server, client);
        }
    }

    private static boolean carry(Connection from, Connection to) {
        from.pull(PULL_BYTES);
        int length = from.outputBytes();
        if (length == 0) {
            return false;
        }
        to.receive(from.outputArray(), 0, length, 0);
        from.outputTaken();
        return true;
    }

    private static class Client implements ConnectionHandler {
        @Override
        public void onOpen(Connection connection) {}

        @Override
        public void onAttach(SenderLink link) {}

        @Override
        public void onAttach(ReceiverLink link) {}

        @Override
        public void onClosed(Connection connection, Optional<AmqpError> error) {
            throw new IllegalStateException("closed: " + error);
        }
    }

    private static final class Server extends Client {
        private final int window;

        Server(int window) {
            this.window = window;
        }

        @Override
        public void onOpen(Connection connection) {
            connection.open(OpenTerms.PLAIN);
        }

        @Override
        public void onAttach(ReceiverLink link) {
            link.accept(LinkTerms.asAsked(link.remote()), new Acceptor());
            link.window(window);
        }
    }

    private static final class Acceptor implements ReceiverHandler {
        @Override
        public void onDelivery(IncomingDelivery delivery) {
            delivery.settle(DeliveryState.Accepted.INSTANCE);
        }

        @Override
        public void onDetached(boolean closed, Optional<AmqpError> error) {}

        @Override
        public void onLost(boolean inOrder) {}
    }

    private final class Sender implements SenderHandler {
        @Override
        public void onCredit() {}

        @Override
        public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean bySettling) {
            if (bySettling) {
                settled++;
            }
        }

        @Override
        public void onDetached(boolean closed, Optional<AmqpError> error) {}

        @Override
        public void onLost(boolean inOrder) {}
    }
}
