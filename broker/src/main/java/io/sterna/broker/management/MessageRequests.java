package io.sterna.broker.management;

import io.sterna.broker.partition.CreationRule;
import io.sterna.broker.partition.Lookup;
import io.sterna.broker.partition.Partition;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requests about the messages of queues. Any thread. */
final class MessageRequests {
    private static final Logger log = LoggerFactory.getLogger(MessageRequests.class);

    private final NodeFinder finder;

    MessageRequests(NodeFinder finder) {
        this.finder = finder;
    }

    void purge(ManagementRequest request, Consumer<ManagementAnswer> answer) throws BadRequestException {
        finder.withQueue(request, answer, queue -> queue.operations().purge(count -> {
            log.info("{} messages of {} purged by management", count, queue.address());
            answer.accept(ManagementAnswer.ok(Map.of("removed", count)));
        }));
    }

    void redrive(ManagementRequest request, Consumer<ManagementAnswer> answer) throws BadRequestException {
        RedriveOrder order = RedriveOrder.of(request, NodeFinder.address(request));
        Partition to = finder.partition(order.target());
        NodeFinder.run(to, answer, () -> {
            Lookup target = to.find(order.target(), CreationRule.NEVER);
            if (target instanceof Lookup.Found found) {
                finder.onQueue(order.source(), answer, letters -> Redrive.start(order, letters, found.node(), answer));
            } else if (target instanceof Lookup.Stopped stopped) {
                answer.accept(ManagementAnswer.refused(ManagementAnswer.UNAVAILABLE, stopped.reason()));
            } else {
                answer.accept(
                        ManagementAnswer.refused(ManagementAnswer.NOT_FOUND, "there is no target " + order.target()));
            }
        });
    }

    void scheduled(ManagementRequest request, Consumer<ManagementAnswer> answer) throws BadRequestException {
        long after = request.number("after", 0, Long.MAX_VALUE).orElse(0L);
        int limit = request.number("limit", 1, Listing.MAX_PAGE)
                .orElse(Listing.DEFAULT_PAGE)
                .intValue();
        finder.withQueue(
                request,
                answer,
                queue -> answer.accept(ManagementAnswer.ok(
                        Map.of("scheduled", queue.operations().scheduledAbove(after, limit)))));
    }

    void cancel(ManagementRequest request, Consumer<ManagementAnswer> answer) throws BadRequestException {
        Named named = Named.of(request);
        finder.withQueue(request, answer, queue -> {
            Consumer<Boolean> done = cancelled -> answer.accept(
                    cancelled
                            ? new ManagementAnswer(ManagementAnswer.NO_CONTENT, "Cancelled", Map.of())
                            : ManagementAnswer.refused(
                                    ManagementAnswer.NOT_FOUND, "no message " + named + " is scheduled there"));
            named.sequence()
                    .ifPresentOrElse(
                            sequence -> queue.operations().cancelScheduled(sequence, done),
                            () -> queue.operations().cancelScheduled(named.messageId(), done));
        });
    }

    void renewLock(ManagementRequest request, Consumer<ManagementAnswer> answer) throws BadRequestException {
        Named named = Named.of(request);
        finder.withQueue(request, answer, queue -> {
            OptionalLong untilMillis = named.sequence()
                    .map(sequence -> queue.operations().renewLock(sequence))
                    .orElseGet(() -> queue.operations().renewLock(named.messageId()));
            answer.accept(
                    untilMillis.isPresent()
                            ? ManagementAnswer.ok(Map.of("lockedUntil", untilMillis.getAsLong()))
                            : ManagementAnswer.refused(
                                    ManagementAnswer.NOT_FOUND, "no lock is held on message " + named));
        });
    }

    /** A message: by its number in the queue, which is its delivery-tag, too, or by its message-id. */
    private record Named(Optional<Long> sequence, String messageId) {

        static Named of(ManagementRequest request) throws BadRequestException {
            Optional<Long> sequence = request.number("message", 0, Long.MAX_VALUE);
            Optional<Object> messageId = Optional.ofNullable(request.arguments().get("messageId"));
            if (sequence.isPresent() == messageId.isPresent()) {
                throw new BadRequestException("either message or messageId is to name the message");
            }
            return new Named(sequence, messageId.map(Object::toString).orElse(""));
        }

        @Override
        public String toString() {
            return sequence.map(String::valueOf).orElse(messageId);
        }
    }
}
