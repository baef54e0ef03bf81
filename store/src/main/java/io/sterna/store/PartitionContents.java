package io.sterna.store;

import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.ValuePut;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Makes jobs of what is asked, which the worker does. */
final class PartitionContents implements Contents {
    private final Consumer<ContentJobs.Job> jobs;
    private final StoreState state;
    private final ValueReader values;
    private final MessageWalk walk;

    /** @param jobs takes jobs from any thread, or refuses them */
    PartitionContents(WorkerParts parts, MessageFinder finder, Consumer<ContentJobs.Job> jobs) {
        this.jobs = jobs;
        state = parts.state();
        values = new ValueReader(state, parts.blocks());
        walk = new MessageWalk(parts, finder);
    }

    /** A job that is done in one slice, or finds out then what there is to be done. */
    private static ContentJobs.Job later(Begin begin, Consumer<StoreException> onFailed) {
        return new ContentJobs.Job() {
            private Optional<ContentJobs.Job> begun = Optional.empty();

            @Override
            public boolean step() throws StoreException {
                if (begun.isEmpty()) {
                    begun = begin.begin();
                    return begun.isPresent();
                }
                return begun.get().step();
            }

            @Override
            public void onFailed(StoreException cause) {
                onFailed.accept(cause);
            }
        };
    }

    private interface Begin {
        Optional<ContentJobs.Job> begin();
    }

    @Override
    public void open(int partition, PartitionVisitor visitor) {
        jobs.accept(new OpenJob(partition, visitor, state, values, walk));
    }

    @Override
    public void holdings(int partition, HoldingsVisitor visitor) {
        jobs.accept(new HoldingsJob(partition, visitor, state, values, walk));
    }

    @Override
    public void nodes(int partition, long fromNodeId, long maxBytes, PageReader<NodeCreated> reader) {
        jobs.accept(later(
                () -> {
                    readNodes(partition, fromNodeId, maxBytes, reader);
                    return Optional.empty();
                },
                reader::onFailed));
    }

    private void readNodes(int partition, long fromNodeId, long maxBytes, PageReader<NodeCreated> reader) {
        List<NodeCreated> page = new ArrayList<>();
        long bytes = 0;
        for (StoreState.NodeEntry entry :
                state.nodes().tailMap(fromNodeId, true).values()) {
            if (entry.partition() != partition) {
                continue;
            }
            if (bytes >= maxBytes) {
                reader.onPage(page, false);
                return;
            }
            page.add(entry.node());
            bytes += OperationWriter.bytes(entry.node());
        }
        reader.onPage(page, true);
    }

    @Override
    public void values(int partition, ValuePut from, long maxBytes, PageReader<ValuePut> reader) {
        jobs.accept(later(
                () -> {
                    ValueReader.Page page = values.next(
                            ValueScope.ofContent(partition),
                            new EntryKey(partition, from.nodeId(), from.key()),
                            maxBytes);
                    reader.onPage(
                            page.values().stream().map(PartitionContents::value).toList(), page.end());
                    return Optional.empty();
                },
                reader::onFailed));
    }

    private static ValuePut value(Map.Entry<EntryKey, byte[]> entry) {
        EntryKey key = entry.getKey();
        return new ValuePut(key.nodeId(), key.key(), entry.getValue());
    }

    @Override
    public void updates(
            int partition, UpdatePlace after, HeldMessages held, long maxBytes, PageReader<UpdatePlace> reader) {
        jobs.accept(later(
                () -> Optional.of(new UpdatesJob(partition, after, held, maxBytes, reader, state, walk)),
                reader::onFailed));
    }

    @Override
    public void messages(
            int partition,
            List<MessageStart> starts,
            HeldMessages held,
            long maxBytes,
            PageReader<MessageCopy> reader) {
        jobs.accept(new MessagesJob(
                new MessagesJob.Request(partition, List.copyOf(starts), held, maxBytes), reader, state, walk));
    }
}
