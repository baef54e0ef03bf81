package io.sterna.cluster;

/** What a replica is in one epoch. It ends with the epoch. Owned by the replica's loop. */
abstract sealed class Role permits Owner, Backup, Candidate {
    private final ReplicaContext context;
    private final PartitionView view;
    private boolean ended;

    Role(ReplicaContext context, PartitionView view) {
        this.context = context;
        this.view = view;
    }

    final ReplicaContext context() {
        return context;
    }

    final Journal journal() {
        return context.journal();
    }

    final PartitionView view() {
        return view;
    }

    final int partition() {
        return view.partition();
    }

    final long epoch() {
        return view.epoch();
    }

    final void send(String node, ReplicaMessage message) {
        context.peers().send(node, context.generation(), message);
    }

    /** Runs when all that was written so far is on disk, unless the role has ended by then. */
    final void whenDurable(Runnable action) {
        journal().afterwards(() -> {
            if (!ended) {
                action.run();
            }
        });
    }

    void end() {
        ended = true;
    }

    abstract void begin();

    /** Something has come from a node: of a message, perhaps not all of it, and perhaps of another partition. */
    abstract void onOctets(String from);

    /** The connection to a node was closed. */
    void onGone(String node) {
        // Of no importance but for who waits for that node.
    }

    /** A message of this epoch. */
    abstract void onMessage(String from, ReplicaMessage message);

    /** The time has passed a little. */
    abstract void tick();
}
