package io.sterna.broker.crash;

import io.sterna.broker.crash.Ledger.MessageName;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.DeliveryState;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.exceptions.ClientException;

/**
 * Receives on one link and gives each delivery its outcome unsettled, so that the broker's settlement confirms it
 * (AMQP 1.0 §2.6.12). Ends when the connection is lost, or, asked to {@link #drain}, when the queue is empty.
 *
 * @param life number of the broker's life, in which no message may be seen twice
 * @param holdEvery every so many deliveries one is left without outcome; 0 for none
 */
record LoadConsumer(Ledger ledger, String host, int port, String address, int life, int holdEvery) implements Runnable {
    private static final long POLL_MILLIS = 5;
    private static final long PATIENCE_SECONDS = 30;
    private static final int CREDIT = 100;

    private record Pending(MessageName id, Delivery delivery) {}

    /** Time-outs that end a test that hangs; reconnecting is left to the next life. */
    static ConnectionOptions options() {
        return new ConnectionOptions()
                .reconnectEnabled(false)
                .openTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .sendTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .requestTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .drainTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .closeTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static ReceiverOptions byHand() {
        return new ReceiverOptions().creditWindow(0).autoAccept(false).autoSettle(false);
    }

    @Override
    public void run() {
        try (Client client = Client.create();
                Connection connection = client.connect(host, port, options());
                Receiver receiver = connection.openReceiver(address, byHand())) {
            Deque<Pending> pending = new ArrayDeque<>();
            Map<String, Integer> lastByProducer = new HashMap<>();
            receiver.addCredit(CREDIT);
            for (int count = 1; ; count++) {
                Delivery delivery = receiver.receive(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (delivery != null) {
                    MessageName id = note(delivery, lastByProducer);
                    if (holdEvery == 0 || count % holdEvery != 0) {
                        pending.add(acknowledge(id, delivery));
                    }
                    receiver.addCredit(1);
                }
                noteConfirmations(pending);
            }
        } catch (ClientException e) {
            // The broker is gone, and what is pending is in doubt.
            return;
        }
    }

    /** Empties the queue, confirms everything, and returns how much there was. */
    int drain() throws ClientException {
        try (Client client = Client.create();
                Connection connection = client.connect(host, port, options());
                Receiver receiver = connection.openReceiver(address, byHand())) {
            Deque<Pending> pending = new ArrayDeque<>();
            Map<String, Integer> lastByProducer = new HashMap<>();
            int count = 0;
            for (boolean empty = false; !empty; ) {
                receiver.addCredit(CREDIT);
                receiver.drain().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                empty = true;
                for (Delivery next = receiver.tryReceive(); next != null; next = receiver.tryReceive()) {
                    pending.add(acknowledge(note(next, lastByProducer), next));
                    count++;
                    empty = false;
                }
            }
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (!pending.isEmpty()) {
                noteConfirmations(pending);
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("not settled by the broker: " + pending.peek());
                }
                Thread.onSpinWait();
            }
            return count;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ClientException lost) {
                throw lost;
            }
            throw new AssertionError("the drain was not answered", e);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("the drain was not answered", e);
        }
    }

    private MessageName note(Delivery delivery, Map<String, Integer> lastByProducer) throws ClientException {
        Message<byte[]> message = delivery.message();
        MessageName id = new MessageName(message.subject(), (Integer) message.property("n"));
        ledger.received(id, life);
        Integer last = lastByProducer.put(id.producer(), id.number());
        if (last != null && last >= id.number()) {
            ledger.violation(id + " came after number " + last + " on one link in life " + life);
        }
        return id;
    }

    private Pending acknowledge(MessageName id, Delivery delivery) throws ClientException {
        ledger.acknowledging(id);
        delivery.disposition(DeliveryState.accepted(), false);
        return new Pending(id, delivery);
    }

    private void noteConfirmations(Deque<Pending> pending) throws ClientException {
        while (!pending.isEmpty() && pending.peek().delivery().remoteSettled()) {
            Pending done = pending.remove();
            ledger.confirmed(done.id());
            done.delivery().settle();
        }
    }
}
