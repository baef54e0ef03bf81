package io.sterna.broker.partition;

/** A topic: each message goes to every subscription. Owned by the partition's loop. */
public final class TopicNode implements Node {
    private final Partition partition;
    private final long id;
    private final String address;
    private boolean durable;

    /** @param durable whether its creation is */
    TopicNode(Partition partition, long id, String address, boolean durable) {
        this.partition = partition;
        this.id = id;
        this.address = address;
        this.durable = durable;
        partition.loop().figures().addTopics(1);
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public NodeKind kind() {
        return NodeKind.TOPIC;
    }

    @Override
    public Loop loop() {
        return partition.loop();
    }

    @Override
    public boolean durable() {
        return durable;
    }

    void onDurable() {
        durable = true;
    }

    long id() {
        return id;
    }

    @Override
    public void publish(Publication publication) {
        if (!partition.serves()) {
            publication.onStopped(partition.problem().orElseThrow());
            return;
        }
        // Nobody has subscribed, so that nothing is kept; it waits all the same for what is before it.
        partition.loop().store().afterAppended(publication::onStored);
    }
}
