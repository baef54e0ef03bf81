package io.sterna.broker.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.Connection;
import io.sterna.amqp.ConnectionHandler;
import io.sterna.amqp.ConnectionSettings;
import io.sterna.amqp.LoopResources;
import io.sterna.amqp.OpenTerms;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.Session;
import io.sterna.broker.config.BrokerConfig;
import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What becomes of a connection to an owner when its client goes; in virtual time. */
class MirrorTest {
    private static final ConnectionSettings SETTINGS =
            new ConnectionSettings("mirror", 65536, 100, 100, 2048, 0, 10_000, 2_000);

    private final LoopResources resources = new LoopResources(Runnable::run);
    private final Map<Long, Runnable> timers = new TreeMap<>();
    private final ForwardingClient client = (ForwardingClient) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {ForwardingClient.class}, (proxy, method, arguments) -> {
                if (method.getName().equals("after")) {
                    timers.put((Long) arguments[0], (Runnable) arguments[1]);
                }
                return null;
            });
    private final Mirror mirror = new Mirror(
            new Forwarding(client, Routing.ALONE, PeerConnector.NONE),
            client,
            new PeerAddress("owner", "127.0.0.1", 1));

    /** Opens a connection to somebody who opens it, too, and then says nothing any more. */
    private Connection connect(ConnectionHandler handler) throws Exception {
        Connection there = Connection.server(
                SETTINGS,
                BrokerConfig.of().auth().authenticator(Runnable::run, new SecureRandom()),
                resources,
                new Silent(),
                () -> {},
                0);
        Connection here = Connection.client(SETTINGS, Optional.empty(), resources, handler, () -> {}, 0);
        here.open(OpenTerms.PLAIN);
        while (here.hasOutput() || there.hasOutput()) {
            pass(here, there);
            pass(there, here);
        }
        return here;
    }

    private static void pass(Connection from, Connection to) {
        from.pull(64 * 1024);
        to.receive(from.outputArray(), 0, from.outputBytes(), 0);
        from.outputTaken();
    }

    private static final class Silent implements ConnectionHandler {
        @Override
        public void onOpen(Connection connection) {
            connection.open(OpenTerms.PLAIN);
        }

        @Override
        public void onAttach(SenderLink link) {}

        @Override
        public void onAttach(ReceiverLink link) {}

        @Override
        public void onClosed(Connection connection, Optional<AmqpError> error) {}
    }

    @Test
    void shouldNotWaitForEverForAnOwnerThatTakesNothingOfAClientThatIsGone() throws Exception {
        Session ofClient = connect(new Silent()).begin();
        Connection toOwner = connect(mirror);
        mirror.session(ofClient).onUnsent(1);

        mirror.close();
        assertThat(toOwner.isOpen()).isTrue();

        assertThat(timers).containsOnlyKeys(Mirror.LEAVING_MILLIS);
        timers.get(Mirror.LEAVING_MILLIS).run();
        assertThat(toOwner.isOpen()).isFalse();
    }

    @Test
    void shouldHangUpAsSoonAsAllIsOnTheWireThatAClientHasSentThatIsGone() throws Exception {
        Connection toOwner = connect(mirror);

        mirror.close();

        assertThat(toOwner.isOpen()).isFalse();
        assertThat(timers).isEmpty();
    }
}
