import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import org.apache.qpid.jms.JmsConnectionFactory;

/** Sends a durable message and receives it. Takes the broker's address; the default is this machine. */
public final class HelloJms {
    private HelloJms() {}

    public static void main(String[] arguments) {
        String address = arguments.length > 0 ? arguments[0] : "amqp://127.0.0.1:5672";
        var factory = new JmsConnectionFactory(address);
        try (JMSContext context = factory.createContext()) {
            Queue queue = context.createQueue("hello");
            context.createProducer().send(queue, "Hello, Sterna");
            String text = context.createConsumer(queue).receiveBody(String.class, 10_000);
            System.out.println("received: " + text);
        }
    }
}
