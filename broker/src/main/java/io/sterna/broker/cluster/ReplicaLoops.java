package io.sterna.broker.cluster;

import io.sterna.broker.partition.Loop;
import io.sterna.cluster.ReplicaMessage;
import io.sterna.cluster.ReplicaReport;
import io.sterna.store.Contents;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The replicas of this node, each on its event loop. Any thread. */
final class ReplicaLoops implements LoopReplicas.Moves {
    private final List<Loop> loops;
    private final List<LoopReplicas> replicas;
    private final ClusterRouting routing;

    /**
     * @param clock milliseconds, as replicas are told
     * @param contents there once the store was recovered
     */
    ReplicaLoops(List<Loop> loops, LongSupplier clock, Supplier<Contents> contents, ClusterRouting routing) {
        this.loops = List.copyOf(loops);
        this.routing = routing;
        replicas = loops.stream()
                .map(loop -> new LoopReplicas(loop, clock, contents, this))
                .toList();
    }

    /** The one on which a node hears of others. */
    Loop first() {
        return loops.get(0);
    }

    /** Puts in what there is, and begins. */
    void start(BiConsumer<LoopReplicas, Loop> filler) {
        for (int number = 0; number < loops.size(); number++) {
            Loop loop = loops.get(number);
            LoopReplicas its = replicas.get(number);
            loop.run(() -> {
                filler.accept(its, loop);
                its.start();
            });
        }
    }

    void end() {
        forEach(LoopReplicas::end);
    }

    /** On the loop of each. */
    void forEach(Consumer<LoopReplicas> what) {
        for (int number = 0; number < loops.size(); number++) {
            LoopReplicas its = replicas.get(number);
            loops.get(number).post(() -> what.accept(its));
        }
    }

    void onMessage(String node, long generation, ReplicaMessage message) {
        int loop = message.partition() % loops.size();
        loops.get(loop).post(() -> replicas.get(loop).onMessage(node, generation, message));
    }

    /** What all said of themselves a moment ago. */
    List<ReplicaReport> reports() {
        return replicas.stream().flatMap(each -> each.reports().stream()).toList();
    }

    /** Whether somebody else may serve what is served on a loop. To be asked on that loop. */
    BooleanSupplier unsure(int loop) {
        LoopReplicas its = replicas.get(loop);
        return () -> !its.isSure();
    }

    /** Has something done on a loop before it goes on after it was unsure. */
    void onSureAgain(int loop, Runnable task) {
        loops.get(loop).run(() -> replicas.get(loop).onSureAgain(task));
    }

    /** A loop may go on when all have closed what is not theirs, and it has itself hung up on whoever used that. */
    void sureUntil(long millis) {
        afterAll(() -> forEach(its -> its.sureUntil(millis)));
    }

    @Override
    public void onOpened(int partition) {
        routing.open(partition, true);
    }

    /** Every loop hears of it, and has hung up on its clients, before what is in memory goes. */
    @Override
    public void onClosed(int partition, Runnable then) {
        routing.open(partition, false);
        afterAll(then);
    }

    /** Runs it on any loop, when each has done what it was given so far. */
    private void afterAll(Runnable then) {
        AtomicInteger left = new AtomicInteger(loops.size());
        forEach(any -> {
            if (left.decrementAndGet() == 0) {
                then.run();
            }
        });
    }
}
