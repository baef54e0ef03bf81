package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.store.Contents.HeldMessages;
import io.sterna.store.Contents.MessageCopy;
import io.sterna.store.Contents.MessageSource;
import io.sterna.store.Contents.MessageStart;
import io.sterna.store.Contents.PageReader;
import io.sterna.store.Contents.PartitionVisitor;
import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.PartitionRemoved;
import io.sterna.store.LogOperation.ValuePut;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class ContentsTest {
    private static final StoreConfig SMALL = new StoreConfig(64 << 10, 4, 4 << 10, 1 << 10, 4 << 10, 1);
    private static final int PARTITIONS = 3;

    private final CrashDisk disk = new CrashDisk();

    @Test
    void shouldTellOfOnePartitionWhatRecoveryTellsOfAll() throws Exception {
        for (long seed = 1; seed <= 25; seed++) {
            tellAtAnyTime(new Random(seed));
        }
    }

    private static void tellAtAnyTime(Random random) throws Exception {
        CrashDisk disk = new CrashDisk();
        RandomLog log = new RandomLog(random, PARTITIONS);
        for (int life = 0; life < 2; life++) {
            try (DurableStore store = DurableStore.open(disk, SMALL)) {
                Recovered recovered = new Recovered();
                store.recoverPartitions(recovered);
                assertThat(recovered.lines()).isEqualTo(onlyReplicas(log.model()));
                log.openLanes(store);
                for (int round = 0; round < 3; round++) {
                    compare(store, log.model());
                    for (int i = random.nextInt(400); i > 0; i--) {
                        log.appendRandom();
                    }
                    log.awaitDurable();
                }
                compare(store, log.model());
            }
        }
        disk.discard();
    }

    private static void compare(Store store, StoreModel model) throws Exception {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            int only = partition;
            assertThat(open(store, only)).isEqualTo(lines(model, only));
            assertThat(content(copy(store, only), only)).isEqualTo(content(model, only));
        }
    }

    /** Without the mark, and what is the replica's. */
    private static List<String> content(StoreModel model, int partition) {
        return lines(model, partition).stream()
                .filter(line -> !line.startsWith("partition") && !line.startsWith("value " + ValuePut.REPLICA))
                .toList();
    }

    /** What recovery tells of partitions alone. */
    private static List<String> onlyReplicas(StoreModel model) {
        return Recovered.of(model).lines().stream()
                .filter(line -> line.startsWith("partition") || line.startsWith("value " + ValuePut.REPLICA))
                .toList();
    }

    private static List<String> lines(StoreModel model, int partition) {
        return Recovered.of(model).lines().stream()
                .filter(line ->
                        line.startsWith("partition " + partition + " ") || line.contains(" in " + partition + " "))
                .filter(line -> !line.startsWith("partition") || line.startsWith("partition " + partition + " "))
                .toList();
    }

    private static List<String> open(Store store, int partition) throws Exception {
        Recovered told = new Recovered();
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        store.contents().open(partition, new PartitionVisitor() {
            @Override
            public void onEnd() {
                done.complete(true);
            }

            @Override
            public void onFailed(StoreException cause) {
                done.completeExceptionally(cause);
            }

            @Override
            public void onPartition(int its, long epoch, long index) {
                told.onPartition(its, epoch, index);
            }

            @Override
            public void onNode(int its, NodeCreated node) {
                told.onNode(its, node);
            }

            @Override
            public void onValue(int its, long nodeId, byte[] key, byte[] value) {
                told.onValue(its, nodeId, key, value);
            }

            @Override
            public void onMessage(int its, long queueId, RecoveredMessage message) {
                told.onMessage(its, queueId, message);
            }
        });
        done.get(30, TimeUnit.SECONDS);
        return told.lines();
    }

    /** A partition put together again from all pages of what it holds. */
    private static StoreModel copy(Store store, int partition) throws Exception {
        Contents contents = store.contents();
        StoreModel copy = new StoreModel();
        long[] node = {Long.MIN_VALUE};
        pages(reader -> contents.nodes(partition, node[0], 100, reader), (NodeCreated each) -> {
            node[0] = each.nodeId() + 1;
            copy.apply(new LogRecord(partition, 0, 0, each));
        });
        ValuePut[] value = {new ValuePut(ValuePut.REPLICA + 1, new byte[0], new byte[0])};
        pages(reader -> contents.values(partition, value[0], 300, reader), (ValuePut each) -> {
            value[0] = each;
            copy.apply(new LogRecord(partition, 0, 0, each));
        });
        List<MessageStart> starts = new ArrayList<>();
        for (long id = 1; id < 1_000; id++) {
            starts.add(new MessageStart(new MessageSource(true, id), Long.MIN_VALUE));
            starts.add(new MessageStart(new MessageSource(false, id), Long.MIN_VALUE));
        }
        starts.add(new MessageStart(new MessageSource(true, 1_000_000 + partition), Long.MIN_VALUE));
        pages(reader -> contents.messages(partition, starts, NOTHING_HELD, 5_000, reader), (MessageCopy each) -> {
            while (!starts.get(0).source().equals(each.source())) {
                starts.remove(0);
            }
            starts.set(0, new MessageStart(each.source(), each.sequence() + 1));
            copy.apply(new LogRecord(partition, 0, 0, each.message()));
            each.updates().forEach(update -> copy.apply(new LogRecord(partition, 0, 0, update)));
        });
        return copy;
    }

    private static final HeldMessages NOTHING_HELD = new HeldMessages() {
        @Override
        public boolean holds(MessageSource source, long sequence) {
            return false;
        }

        @Override
        public boolean holds(long queueId, long sequence) {
            return false;
        }

        @Override
        public boolean isUpdated(long queueId, long sequence) {
            return false;
        }
    };

    private interface Asking<T> {
        void ask(PageReader<T> reader);
    }

    private static <T> void pages(Asking<T> asking, Consumer<T> taker)
            throws ExecutionException, InterruptedException, TimeoutException {
        boolean end = false;
        while (!end) {
            CompletableFuture<Boolean> done = new CompletableFuture<>();
            List<T> found = new ArrayList<>();
            asking.ask(reader(found::addAll, done));
            end = done.get(30, TimeUnit.SECONDS);
            assertThat(end || !found.isEmpty()).isTrue();
            found.forEach(taker);
        }
    }

    private static <T> PageReader<T> reader(Consumer<List<T>> page, CompletableFuture<Boolean> done) {
        BiConsumer<List<T>, Boolean> taken = (found, end) -> {
            page.accept(found);
            done.complete(end);
        };
        return new PageReader<>() {
            @Override
            public void onPage(List<T> found, boolean end) {
                taken.accept(found, end);
            }

            @Override
            public void onFailed(StoreException cause) {
                done.completeExceptionally(cause);
            }
        };
    }

    @Test
    void shouldAnswerWithTheReasonWhenTheStoreIsClosed() throws StoreException {
        DurableStore store = DurableStore.open(disk, SMALL);
        Recovered.of(store);
        store.close();
        assertThatThrownBy(() -> open(store, 0)).hasCauseInstanceOf(StoreException.class);
    }

    @Test
    void shouldGiveBackTheSpaceOfAPartitionThatWasRemoved() throws StoreException, IOException {
        RecordingLane listener = new RecordingLane();
        try (DurableStore store = DurableStore.open(disk, SMALL)) {
            Recovered.of(store);
            Lane lane = store.lane(listener);
            lane.append(new LogRecord(1, 1, 1, new NodeCreated(1, 1, "goes", new byte[0])));
            for (int i = 1; i <= 2_000; i++) {
                lane.append(new LogRecord(1, 1, i + 1, new Enqueued(1, i, new byte[0], new byte[1_000])));
            }
            lane.append(new LogRecord(2, 1, 1, new Atomic(List.of())));
        }
        Checkpoints before = new Checkpoints(disk, SMALL);
        assertThat(before.blocks().neededBytes()).isGreaterThan(2_000_000);
        before.blocks().close();
        try (DurableStore store = DurableStore.open(disk, SMALL)) {
            Recovered.of(store);
            store.lane(listener).append(new LogRecord(1, 1, 2_001, new PartitionRemoved()));
        }
        Checkpoints after = new Checkpoints(disk, SMALL);
        assertThat(after.blocks().neededBytes()).isLessThan(1_000);
        assertThat(after.state().partitions()).containsOnlyKeys(2);
        after.blocks().close();
    }
}
