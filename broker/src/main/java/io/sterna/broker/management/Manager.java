package io.sterna.broker.management;

import io.sterna.broker.partition.Partitions;
import java.util.function.Consumer;

/** Does what operators ask for. Any thread; answers come on the loop of the node that was asked for. */
public final class Manager {
    private final Partitions partitions;
    private final NodeRequests nodes;
    private final MessageRequests messages;

    public Manager(Partitions partitions) {
        this.partitions = partitions;
        NodeFinder finder = new NodeFinder(partitions);
        nodes = new NodeRequests(finder);
        messages = new MessageRequests(finder);
    }

    /**
     * Does it.
     *
     * @param answer takes one answer; none when the store fails meanwhile
     */
    public void handle(ManagementRequest request, Consumer<ManagementAnswer> answer) {
        try {
            switch (request.operation()) {
                case QUERY -> Listing.of(request, partitions, answer).start();
                case READ -> nodes.read(request, answer);
                case CREATE -> nodes.create(request, answer);
                case UPDATE -> nodes.update(request, answer);
                case DELETE -> nodes.delete(request, answer);
                case PURGE -> messages.purge(request, answer);
                case REDRIVE -> messages.redrive(request, answer);
                case SCHEDULED -> messages.scheduled(request, answer);
                case CANCEL -> messages.cancel(request, answer);
                case RENEW_LOCK -> messages.renewLock(request, answer);
            }
        } catch (BadRequestException e) {
            answer.accept(ManagementAnswer.refused(ManagementAnswer.BAD_REQUEST, String.valueOf(e.getMessage())));
        }
    }
}
