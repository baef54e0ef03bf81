package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.Map;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may connect: Jakarta Messaging 3.1 §6.1.1, and §10.3: JMSSecurityException when a user name or password is rejected. */
@Tag("sterna")
@Timeout(60)
class JmsSecurityTest {
    private static final String MECHANISMS = "amqp.saslMechanisms=";

    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withUsers(
            Map.of("alice", "wonder land", "b,o b", "=2C,=%&", "жук", "пароль,=%", "admin", "admin"));

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Connection connect(String user, String password, String... options) throws JMSException {
        Connection connection = jms.keep(jms.factory(options).createConnection(user, password));
        connection.start();
        return connection;
    }

    /** RFC 5802 §5.1 escapes "," and "=" in names. The client knows no SCRAM beyond ASCII. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "alice | wonder land | PLAIN",
                "alice | wonder land | SCRAM-SHA-256",
                "alice | wonder land | SCRAM-SHA-512",
                "b,o b | =2C,=%&     | PLAIN",
                "b,o b | =2C,=%&     | SCRAM-SHA-256",
                "b,o b | =2C,=%&     | SCRAM-SHA-512",
                "жук   | пароль,=%   | PLAIN"
            })
    void shouldServeUserWhenPasswordIsRight(String user, String password, String mechanism) throws JMSException {
        Session session = connect(user, password, MECHANISMS + mechanism).createSession(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(session);

        session.createProducer(queue).send(session.createTextMessage("in"));

        assertThat(Jms.receive(session.createConsumer(queue)).getBody(String.class))
                .isEqualTo("in");
    }

    /** The client takes the strongest mechanism that both know. */
    @Test
    void shouldServeUserWhenTheClientChoosesTheMechanism() throws JMSException {
        assertThat(connect("alice", "wonder land").createSession().createMessage())
                .isInstanceOf(Message.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})
    void shouldThrowSecurityExceptionWhenPasswordIsWrong(String mechanism) {
        assertThatThrownBy(() -> connect("alice", "wonderland", MECHANISMS + mechanism))
                .isInstanceOf(JMSSecurityException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})
    void shouldThrowSecurityExceptionWhenUserIsUnknown(String mechanism) {
        assertThatThrownBy(() -> connect("mallory", "wonder land", MECHANISMS + mechanism))
                .isInstanceOf(JMSSecurityException.class);
    }

    /** What is right for one user is wrong for another. */
    @Test
    void shouldThrowSecurityExceptionWhenPasswordIsAnotherUsers() {
        assertThatThrownBy(() -> connect("admin", "wonder land")).isInstanceOf(JMSSecurityException.class);
    }

    @Test
    void shouldThrowSecurityExceptionWhenNobodyIsNamed() {
        JmsConnectionFactory factory = jms.factory();

        assertThatThrownBy(() -> jms.keep(factory.createConnection()).start()).isInstanceOf(JMSSecurityException.class);
        assertThatThrownBy(() -> factory.createContext().close()).isInstanceOf(JMSSecurityRuntimeException.class);
    }

    /** A broker that has no anonymous access does not offer it, whatever the client asks for. */
    @Test
    void shouldThrowSecurityExceptionWhenClientInsistsOnAnonymous() {
        assertThatThrownBy(() -> connect("alice", "wonder land", MECHANISMS + "ANONYMOUS"))
                .isInstanceOf(JMSSecurityException.class);
    }

    /** JMSXUserID (§3.5.9) as the client put it in, for the user that the broker checked. */
    @Test
    void shouldCarryUserIdWhenConnectionIsAuthenticated() throws JMSException {
        Session session =
                connect("alice", "wonder land", "jms.populateJMSXUserID=true").createSession();
        Queue queue = Jms.uniqueQueue(session);

        session.createProducer(queue).send(session.createMessage());

        assertThat(Jms.receive(session.createConsumer(queue)).getStringProperty("JMSXUserID"))
                .isEqualTo("alice");
    }
}
