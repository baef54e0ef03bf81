package io.sterna.cluster.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.cluster.PartitionView;
import io.sterna.cluster.Position;
import io.sterna.cluster.Standing;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Replicas on real stores catch up while clients go on, and hold the same in the end. A failing seed is printed. */
final class StoreReplicaLogTest {
    private static final long FIRST_SEED = Long.getLong("sterna.firstSeed", 1);
    private static final long SEEDS = Long.getLong("sterna.seeds", 12);

    @Test
    void shouldHoldWhatTheOwnerHoldsWhenCaughtUpWhileClientsGoOn() throws Exception {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            try {
                run(new Random(seed));
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static void run(Random random) throws Exception {
        LogCluster cluster = new LogCluster(random);
        cluster.start("a");
        cluster.until(() -> cluster.owner().isOpened());
        int rounds = 2 + random.nextInt(3);
        for (int round = 0; round < rounds; round++) {
            work(cluster, random, 50 + random.nextInt(1_000));
            if (!cluster.other().isUp()) {
                cluster.start(cluster.other().id());
            }
            for (int left = random.nextInt(3); left > 0; left--) {
                work(cluster, random, random.nextInt(100));
                restart(cluster, random);
            }
            work(cluster, random, random.nextInt(500));
            cluster.untilInSync();
            checkEqual(cluster);
            if (random.nextBoolean()) {
                work(cluster, random, random.nextInt(200));
                takeOver(cluster, random);
            }
        }
        cluster.untilInSync();
        checkEqual(cluster);
        cluster.close();
    }

    /** The one that is not the owner crashes, and when it was in sync it is taken out. */
    private static void restart(LogCluster cluster, Random random) throws Exception {
        LogNode other = cluster.other();
        other.crash(random);
        if (cluster.view().inSync().size() == 2) {
            cluster.put(alone(cluster, cluster.owner()));
            cluster.until(() -> cluster.owner().isOpened());
        }
        cluster.start(other.id());
    }

    /** The owner crashes with what was under way, the other one follows it, and the former owner comes back. */
    private static void takeOver(LogCluster cluster, Random random) throws Exception {
        LogNode former = cluster.owner();
        former.crash(random);
        cluster.put(alone(cluster, cluster.other()));
        cluster.until(() -> cluster.owner().isOpened());
        work(cluster, random, random.nextInt(300));
        cluster.start(former.id());
    }

    private static PartitionView alone(LogCluster cluster, LogNode owner) {
        return new PartitionView(
                LogCluster.PARTITION,
                cluster.view().epoch() + 1,
                cluster.view().lineage(),
                owner.id(),
                new TreeMap<>(Map.of(owner.id(), owner.disk())));
    }

    private static void work(LogCluster cluster, Random random, int operations) throws Exception {
        LogNode owner = cluster.owner();
        Position begin = owner.end();
        RandomClients clients = null;
        long epoch = 0;
        for (int i = 0; i < operations; i++) {
            while (cluster.view().epoch() != epoch) {
                epoch = cluster.view().epoch();
                cluster.until(owner::isOpened);
                clients = clients(cluster, random);
                cluster.until(() -> owner.replica().accepts(cluster.nowMillis()));
            }
            cluster.propose(clients.operation());
            if (random.nextInt(20) == 0) {
                owner.replica().flush(cluster.nowMillis());
                cluster.step();
                cluster.until(() -> owner.replica().accepts(cluster.nowMillis()));
            }
        }
        owner.replica().flush(cluster.nowMillis());
        assertThat(owner.end()).isGreaterThanOrEqualTo(begin);
    }

    /** Numbers are given once in each life of an owner and each call, as counters of another epoch would be. */
    private static RandomClients clients(LogCluster cluster, Random random) throws Exception {
        LogNode owner = cluster.owner();
        Position[] end = new Position[1];
        cluster.until(() -> {
            boolean rests = owner.end().equals(end[0]);
            end[0] = owner.end();
            return rests;
        });
        return new RandomClients(random, cluster.nextNumbers(), PartitionLines.of(owner.store()));
    }

    private static void checkEqual(LogCluster cluster) throws Exception {
        List<String> expected = PartitionLines.of(cluster.owner().store()).lines();
        assertThat(PartitionLines.of(cluster.other().store()).lines()).isEqualTo(expected);
        assertThat(cluster.other().store().metrics().damages()).isZero();
    }

    @Test
    void shouldShowWhatWasAcknowledgedWhenABackupIsRecovered() throws Exception {
        Random random = new Random(7);
        LogCluster cluster = new LogCluster(random);
        cluster.start("a");
        cluster.until(() -> cluster.owner().isOpened());
        cluster.start("b");
        work(cluster, random, 200);
        cluster.untilInSync();
        List<String> expected = PartitionLines.of(cluster.owner().store()).lines();
        LogNode backup = cluster.other();
        backup.crash(random);
        backup.start();
        assertThat(PartitionLines.of(backup.store()).lines()).isEqualTo(expected);
        assertThat(backup.replica().report().standing().view()).contains(cluster.view());
        cluster.close();
    }

    @Test
    void shouldBeBlankWhenRemoved() throws Exception {
        Random random = new Random(8);
        LogCluster cluster = new LogCluster(random);
        cluster.start("a");
        cluster.until(() -> cluster.owner().isOpened());
        work(cluster, random, 200);
        LogNode node = cluster.owner();
        node.log().remove();
        node.store().close();
        node.start();
        assertThat(PartitionLines.of(node.store()).lines()).isEmpty();
        assertThat(node.replica().report().standing()).isEqualTo(Standing.BLANK);
        assertThat(node.end()).isEqualTo(Position.START);
        cluster.close();
    }

    @Test
    void shouldReadAStandingAsItWasWritten() {
        PartitionView view = new PartitionView(3, 7, 77, "a", new TreeMap<>(Map.of("a", 1L, "b", -2L)));
        for (Standing standing : List.of(
                Standing.BLANK,
                new Standing(Optional.of(view), Optional.empty(), false, 5),
                new Standing(Optional.empty(), Optional.of(view), true, 0))) {
            assertThat(StandingFormat.decode(StandingFormat.encode(standing))).isEqualTo(standing);
        }
    }
}
