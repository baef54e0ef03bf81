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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
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

    private final BrokerServices services;
    private final ClientTasks tasks;

    /** By what the client calls its end of the link, the target's address; the latest is the last. */
    private final Map<String, ManagementReplies> replies = new LinkedHashMap<>();

    ManagementLinks(BrokerServices services, ClientTasks tasks) {
        this.services = services;
        this.tasks = tasks;
    }

    static boolean isAt(Terminus.Node node) {
        return node.address().filter(ADDRESS::equals).isPresent();
    }

    /** The client wants answers. */
    void attach(SenderLink link) {
        String name = link.remote()
                .target()
                .filter(Terminus.Target.class::isInstance)
                .flatMap(target -> ((Terminus.Target) target).node().address())
                .orElse("");
        ManagementReplies handler = new ManagementReplies(link, () -> replies.remove(name));
        if (link.accept(LinkTerms.asAsked(link.remote()), handler)) {
            replies.put(name, handler);
        }
    }

    /** The client wants to send requests. */
    void attach(ReceiverLink link) {
        LinkTerms terms = LinkTerms.asAsked(link.remote()).withMaxMessageBytes(MAX_REQUEST_BYTES);
        if (link.accept(terms, new Requests(link))) {
            link.window(REQUESTS_UNDER_WAY);
        }
    }

    private void reply(Optional<String> replyTo, byte[] message) {
        Optional<ManagementReplies> link = replyTo.isPresent()
                ? Optional.ofNullable(replies.get(replyTo.get()))
                : replies.values().stream().reduce((before, last) -> last);
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
            try {
                AmqpRequest request = AmqpRequest.of(delivery.payload());
                request.handle(
                        new Manager(services.partitions()),
                        message -> tasks.run(() -> {
                            delivery.settle(DeliveryState.Accepted.INSTANCE);
                            reply(request.replyTo(), message.get());
                        }));
            } catch (DecodeException malformed) {
                delivery.settle(new DeliveryState.Rejected(Optional.of(
                        AmqpError.of(ErrorCondition.DECODE_ERROR, String.valueOf(malformed.getMessage())))));
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
