package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.IncomingDelivery;
import io.sterna.amqp.LinkTerms;
import io.sterna.amqp.ReceiverHandler;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.codec.DecodeException;
import io.sterna.broker.management.AmqpRequest;
import io.sterna.broker.management.Manager;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The management node as one connection sees it: links on which requests come, and links on which answers go that are not
 * sent to a queue. Owned by the connection's loop.
 */
final class ManagementLinks {
    /** Where management is. */
    static final String ADDRESS = "$management";

    private static final Logger log = LoggerFactory.getLogger(ManagementLinks.class);
    private static final int REQUESTS_UNDER_WAY = 16;
    private static final long MAX_REQUEST_BYTES = 64 * 1024;

    /** All that is to be said of it, whatever a client asks for: it keeps nothing of a link. */
    private static final Terminus.Node NODE = Expiry.withLink(Terminus.Node.at(ADDRESS));

    private final BrokerServices services;
    private final ClientTasks tasks;
    private final ClientTransactions transactions;

    /** The latest is the last. */
    private final List<ManagementReplies> replies = new ArrayList<>();

    ManagementLinks(ClientContext client) {
        services = client.services();
        tasks = client.tasks();
        transactions = client.transactions();
    }

    static boolean isAt(Terminus.Node node) {
        return node.address().filter(ADDRESS::equals).isPresent();
    }

    /** The client wants answers. */
    void attach(SenderLink link) {
        ManagementReplies handler = new ManagementReplies(link, replies::remove);
        LinkTerms terms = LinkTerms.asAsked(link.remote())
                .withSource(Terminus.Source.at(ADDRESS).withNode(NODE));
        if (link.accept(terms, handler)) {
            replies.add(handler);
        }
    }

    /** The client wants to send requests. */
    void attach(ReceiverLink link) {
        LinkTerms terms = LinkTerms.asAsked(link.remote())
                .withTarget(new Terminus.Target(NODE))
                .withMaxMessageBytes(MAX_REQUEST_BYTES);
        if (link.accept(terms, new Requests(link))) {
            link.window(REQUESTS_UNDER_WAY);
        }
    }

    /**
     * Has a request done.
     *
     * @param onDone is called on the connection's loop, before the answer goes out
     * @param onRefused is called when it is no request, or too large for one
     */
    void handle(byte[] message, Runnable onDone, Consumer<AmqpError> onRefused) {
        if (message.length > MAX_REQUEST_BYTES) {
            onRefused.accept(AmqpError.of(
                    ErrorCondition.MESSAGE_SIZE_EXCEEDED,
                    "a management request has at most " + MAX_REQUEST_BYTES + " bytes"));
            return;
        }
        try {
            AmqpRequest request = AmqpRequest.of(message);
            request.handle(
                    new Manager(services.partitions()),
                    answer -> tasks.run(() -> {
                        onDone.run();
                        reply(request.replyTo(), answer.get());
                    }));
        } catch (DecodeException malformed) {
            onRefused.accept(AmqpError.of(ErrorCondition.DECODE_ERROR, String.valueOf(malformed.getMessage())));
        }
    }

    /** Why there are no requests in transactions: what they do can't be undone. */
    static Refusal noTransactions() {
        return new Refusal(
                ErrorCondition.NOT_IMPLEMENTED,
                "a management request is done at once and can't be part of a transaction; send it outside of one");
    }

    private void reply(Optional<String> replyTo, byte[] message) {
        Optional<ManagementReplies> link = replies.stream()
                .filter(each -> replyTo.isEmpty() || replyTo.get().equals(each.address()))
                .reduce((before, last) -> last);
        if (link.isPresent()) {
            link.get().send(message);
        } else if (replyTo.isPresent()) {
            ReplyPublication.publish(services.partitions(), replyTo.get(), message);
        } else {
            log.debug("a management request says nowhere where its answer is to go");
        }
    }

    private final class Requests implements ReceiverHandler {
        private final ReceiverLink link;

        Requests(ReceiverLink link) {
            this.link = link;
        }

        @Override
        public void onDelivery(IncomingDelivery delivery) {
            if (delivery.remoteState().orElse(null) instanceof DeliveryState.Transactional state) {
                refuse(delivery, state);
            } else {
                handle(
                        delivery.payload(),
                        () -> delivery.settle(DeliveryState.Accepted.INSTANCE),
                        error -> delivery.settle(new DeliveryState.Rejected(Optional.of(error))));
            }
        }

        /** §4.4.1: it is refused as what it is, a part of a transaction, which can't be committed without it. */
        private void refuse(IncomingDelivery delivery, DeliveryState.Transactional state) {
            try {
                Transaction transaction = transactions.require(state.transactionId());
                AmqpError error = noTransactions().error();
                transaction.doom(error);
                delivery.settle(transaction.rejected(error));
            } catch (Refusal unknown) {
                delivery.settle(new DeliveryState.Rejected(Optional.of(unknown.error())));
            }
        }

        @Override
        public void onDetached(boolean closed, Optional<AmqpError> error) {
            link.detach(closed, Optional.empty());
        }

        @Override
        public void onLost(boolean inOrder) {
            // What is under way is done all the same; its answer goes where it can.
        }
    }
}
