package io.sterna.broker.partition;

import io.sterna.amqp.AmqpError;
import java.util.Optional;

/**
 * A message for a topic and for those with wildcards that match it, whose sender must not find it in some of them only
 * when it asks again: published as a transaction of its own. Any thread.
 */
final class AtomicPublication implements Publication {
    private final Publication publication;

    private AtomicPublication(Publication publication) {
        this.publication = publication;
    }

    static void publish(TopicNode topic, Publication publication) {
        TransactionWork work = new TransactionWork();
        work.post(topic, new AtomicPublication(publication));
        work.commit(new CommitAnswer() {
            @Override
            public void onCommitted() {
                publication.onStored();
            }

            @Override
            public void onRefused(AmqpError reason) {
                publication.onRefused(reason);
            }

            @Override
            public void onStopped(String reason) {
                publication.onStopped(reason);
            }
        });
    }

    @Override
    public BrokerMessage message() {
        return publication.message();
    }

    @Override
    public Producer producer() {
        return publication.producer();
    }

    @Override
    public Optional<KeptTag> tag() {
        return publication.tag();
    }

    @Override
    public void onStored() {
        // The commit is answered as a whole.
    }

    @Override
    public void onDeleted() {
        // What is posted to a node that goes before it can enter, goes with the node.
    }

    @Override
    public void onStopped(String reason) {
        // As above.
    }
}
