package io.sterna.cluster.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.cluster.PartitionView;
import io.sterna.cluster.TableContent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Three nodes whose messages arrive at once and in order, unless a test says otherwise. */
class KeptTableTest {
    private static final List<String> FOUNDERS = List.of("a", "b", "c");

    private final Map<String, Node> nodes = new TreeMap<>();
    private final Map<String, KeeperState> disks = new HashMap<>();
    private final Deque<Runnable> underWay = new ArrayDeque<>();
    private final Random random = new Random(1);
    private long nowMillis = 1_000;

    private final class Node implements TablePorts {
        private final String id;
        private final KeptTable table;
        private final List<TableContent> told = new ArrayList<>();

        Node(String id) {
            this.id = id;
            table = new KeptTable(id, FOUNDERS, this, Optional.ofNullable(disks.get(id)));
            nodes.put(id, this);
        }

        @Override
        public long nowMillis() {
            return nowMillis;
        }

        @Override
        public long random() {
            return random.nextLong();
        }

        @Override
        public void send(String to, TableMessage message) {
            underWay.add(() -> Optional.ofNullable(nodes.get(to)).ifPresent(node -> node.table.onMessage(id, message)));
        }

        @Override
        public void sendAll(TableMessage message) {
            List.copyOf(nodes.keySet()).stream().filter(to -> !to.equals(id)).forEach(to -> send(to, message));
        }

        @Override
        public void write(KeeperState state) {
            underWay.add(() -> {
                disks.put(id, state);
                table.onWritten();
            });
        }

        @Override
        public void onTable(TableContent content) {
            told.add(content);
        }

        TableContent last() {
            return told.get(told.size() - 1);
        }
    }

    private void pass(long millis) {
        for (long end = nowMillis + millis; nowMillis < end; nowMillis += 10) {
            nodes.values().forEach(node -> node.table.tick());
            while (!underWay.isEmpty()) {
                underWay.remove().run();
            }
        }
    }

    private static PartitionView view(long epoch, String owner) {
        return view(0, epoch, owner);
    }

    private static PartitionView view(int partition, long epoch, String owner) {
        return new PartitionView(partition, epoch, 4, owner, new TreeMap<>(Map.of(owner, 1L)));
    }

    private void begin() {
        FOUNDERS.forEach(Node::new);
        pass(1_000);
        nodes.get("a").table.begin(0, 17);
        pass(100);
        nodes.get("a").table.compareAndSet(17, 0, view(1, "a"));
        pass(100);
    }

    @Test
    void shouldTellNothingBeforeAllFoundersHaveBeenThere() {
        Node a = new Node("a");
        new Node("b");
        pass(5_000);

        assertThat(a.told).isEmpty();
        assertThat(a.table.missing()).containsExactly("c");

        new Node("c");
        pass(1_000);
        assertThat(a.last()).isEqualTo(TableContent.NONE);
        assertThat(a.table.missing()).isEmpty();
    }

    @Test
    void shouldTellAllOfAChangeAtOnce() {
        begin();

        nodes.values().forEach(node -> assertThat(node.last().views()).containsEntry(0, view(1, "a")));
    }

    @Test
    void shouldChangeNothingWhenAnotherEpochIsThere() {
        begin();
        nodes.get("b").table.compareAndSet(17, 0, view(1, "b"));
        nodes.get("c").table.compareAndSet(16, 1, view(2, "c"));
        pass(1_000);

        assertThat(nodes.get("c").last().views()).containsEntry(0, view(1, "a"));
    }

    @Test
    void shouldGoOnWithTwoOfThree() {
        begin();
        nodes.remove("a");
        nodes.get("b").table.onGone("a");
        nodes.get("b").table.compareAndSet(17, 1, view(2, "b"));
        pass(200);

        assertThat(nodes.get("c").last().views()).containsEntry(0, view(2, "b"));
        assertThat(nodes.get("c").table.answering()).containsExactly("b", "c");
    }

    @Test
    void shouldNotWaitForTheDeadWhenTheOthersAreInEachOthersWay() {
        begin();
        nodes.remove("a");
        for (String node : List.of("b", "c")) {
            nodes.get(node).table.onGone("a");
        }
        nodes.get("b").table.compareAndSet(17, 1, view(2, "b"));
        nodes.get("c").table.compareAndSet(17, 0, view(1, 1, "c"));
        pass(150);

        assertThat(nodes.get("c").last().views()).containsEntry(0, view(2, "b")).containsEntry(1, view(1, 1, "c"));
    }

    @Test
    void shouldTellNothingToOneOfThree() {
        begin();
        nodes.remove("a");
        nodes.remove("b");
        Node c = nodes.get("c");
        int told = c.told.size();
        c.table.compareAndSet(17, 1, view(2, "c"));
        pass(5_000);

        assertThat(c.told).hasSize(told);
        assertThat(c.table.answering()).containsExactly("c");
    }

    @Test
    void shouldForgetWhatWasAskedForLongAgo() {
        begin();
        Node b = nodes.remove("b");
        Node c = nodes.remove("c");
        nodes.get("a").table.compareAndSet(17, 1, view(2, "a"));
        pass(5_000);
        nodes.put("b", b);
        nodes.put("c", c);
        pass(1_000);

        assertThat(nodes.get("a").last().views()).containsEntry(0, view(1, "a"));
    }

    @Test
    void shouldGoOnFromTheDisksOfAnyTwoWhenAllWereDown() {
        begin();
        nodes.clear();
        new Node("b");
        Node c = new Node("c");
        pass(1_000);

        assertThat(c.last().views()).containsEntry(0, view(1, "a"));
        assertThat(c.last().generation()).isEqualTo(17);
    }

    @Test
    void shouldHearFromBothOthersWhatWasOnADiskThatIsEmpty() {
        begin();
        nodes.clear();
        disks.remove("c");
        Node a = new Node("a");
        Node c = new Node("c");
        pass(2_000);
        assertThat(a.told).isEmpty();
        assertThat(c.table.missing()).containsExactly("b");

        new Node("b");
        pass(2_000);
        assertThat(c.table.missing()).isEmpty();
        assertThat(disks.get("c").content().views()).containsEntry(0, view(1, "a"));
        assertThat(a.last().views()).containsEntry(0, view(1, "a"));
    }

    /** 0026: a table that is lost is followed by another generation, not by what the last of its keepers remembers. */
    @Test
    void shouldBeginWithNothingWhenMostDisksAreEmpty() {
        begin();
        nodes.clear();
        disks.remove("b");
        disks.remove("c");
        FOUNDERS.forEach(Node::new);
        pass(3_000);

        nodes.values().forEach(node -> assertThat(node.last()).isEqualTo(TableContent.NONE));
    }

    @Test
    void shouldLetANodeThatKeepsNothingReadAndChangeTheTable() {
        begin();
        Node guest = new Node("guest");
        pass(100);
        assertThat(guest.last().views()).containsEntry(0, view(1, "a"));

        guest.table.compareAndSet(17, 1, view(2, "guest"));
        pass(100);
        assertThat(nodes.get("a").last().views()).containsEntry(0, view(2, "guest"));
    }
}
