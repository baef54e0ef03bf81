package io.sterna.broker.crash;

import io.sterna.broker.crash.Ledger.MessageName;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Tracker;
import org.apache.qpid.protonj2.client.exceptions.ClientException;

/**
 * Sends durable messages as fast as their acceptance allows, until the connection is lost. What was not accepted by
 * then is in doubt and is not sent again.
 *
 * @param ledgers one for each queue that gets the messages
 * @param name unique over all lives of the broker
 * @param inFlight how many may wait for their acceptance; 1 sends one by one
 * @param payload bytes of each message beside its name
 */
record LoadProducer(List<Ledger> ledgers, String host, int port, String address, String name, int inFlight, int payload)
        implements Runnable {

    private record Sent(MessageName id, Future<Tracker> settlement) {}

    @Override
    public void run() {
        Deque<Sent> pending = new ArrayDeque<>();
        try (Client client = Client.create();
                Connection connection = client.connect(host, port, LoadConsumer.options());
                Sender sender = connection.openSender(address)) {
            for (int number = 0; ; number++) {
                MessageName id = new MessageName(name, number);
                ledgers.forEach(ledger -> ledger.sending(id));
                Tracker tracker = sender.send(message(id, payload));
                pending.add(new Sent(id, tracker.settlementFuture()));
                while (pending.size() >= inFlight) {
                    noteAcceptance(pending.remove());
                }
            }
        } catch (ClientException | ExecutionException e) {
            noteWhatWasAnswered(pending);
        } catch (InterruptedException asked) {
            return; // The test has seen enough; what is pending is in doubt.
        }
    }

    /** As consumers know it again. */
    static Message<byte[]> message(MessageName id, int payload) throws ClientException {
        return Message.create(new byte[payload])
                .durable(true)
                .subject(id.producer())
                .messageId(id.producer() + "/" + id.number())
                .property("n", id.number());
    }

    private void noteAcceptance(Sent sent) throws InterruptedException, ExecutionException {
        Tracker tracker = sent.settlement().get();
        if (tracker.remoteState().isAccepted()) {
            ledgers.forEach(ledger -> ledger.accepted(sent.id()));
        } else {
            ledgers.get(0)
                    .violation(sent.id() + " was answered with "
                            + tracker.remoteState().getType());
        }
    }

    /** Answers may have come in before the connection was lost. */
    private void noteWhatWasAnswered(Deque<Sent> pending) {
        for (Sent sent : pending) {
            if (sent.settlement().isDone()) {
                try {
                    noteAcceptance(sent);
                } catch (ExecutionException e) {
                    return; // in doubt, and so is all that follows
                } catch (InterruptedException e) {
                    throw new IllegalStateException("interrupted while sending", e);
                }
            }
        }
    }
}
