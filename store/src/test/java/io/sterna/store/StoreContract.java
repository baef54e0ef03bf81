package io.sterna.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.EpochStarted;
import io.sterna.store.LogOperation.LogRestarted;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.NodeDeleted;
import io.sterna.store.LogOperation.PartitionRemoved;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every store does; run against the fake and against the real one. */
abstract class StoreContract {
    static final byte[] NONE = {};

    private final List<Store> opened = new ArrayList<>();
    private long index;

    /** Opens an empty store, not yet recovered. */
    abstract Store open() throws StoreException;

    /** Opens what {@code closed} has left. */
    abstract Store reopen(Store closed) throws StoreException;

    @AfterEach
    void closeAll() {
        opened.forEach(Store::close);
    }

    @Test
    void shouldReportNothingWhenEmpty() throws StoreException {
        assertThat(Recovered.of(opened(open())).lines()).isEmpty();
    }

    @Test
    void shouldCountPositionsFromOneOnEachLane() throws StoreException {
        Store store = openRecovered();
        Lane first = store.lane(new RecordingLane());
        Lane second = store.lane(new RecordingLane());
        assertThat(first.append(enqueue(1, 1, "a"))).isEqualTo(1);
        assertThat(first.append(enqueue(1, 2, "b"))).isEqualTo(2);
        assertThat(second.append(enqueue(2, 3, "c"))).isEqualTo(1);
    }

    @Test
    void shouldReportDurablePositionsOfEachLane() throws StoreException {
        Store store = openRecovered();
        RecordingLane first = new RecordingLane();
        RecordingLane second = new RecordingLane();
        Lane firstLane = store.lane(first);
        Lane secondLane = store.lane(second);
        for (int i = 1; i <= 500; i++) {
            firstLane.append(enqueue(1, 2L * i, "a"));
            if (i % 2 == 0) {
                secondLane.append(enqueue(2, 2L * i + 1, "b"));
            }
        }
        await().untilAsserted(() -> assertThat(first.durable()).isEqualTo(500));
        await().untilAsserted(() -> assertThat(second.durable()).isEqualTo(250));
        assertThat(first.broken()).isEmpty();
        assertThat(second.broken()).isEmpty();
    }

    @Test
    void shouldRecoverPartitionsThenNodesThenMessagesInOrder() throws StoreException {
        Store store = openRecovered();
        Lane lane = store.lane(new RecordingLane());
        lane.append(new LogRecord(3, 5, 1, new EpochStarted()));
        lane.append(new LogRecord(3, 5, 2, new NodeCreated(7, 1, "orders.ä", NONE)));
        lane.append(new LogRecord(3, 5, 3, new Enqueued(7, 10, NONE, utf8("ten"))));
        lane.append(new LogRecord(3, 5, 4, new Enqueued(7, 11, NONE, utf8(""))));
        lane.append(new LogRecord(1, 9, 44, new NodeCreated(8, 2, "news", NONE)));
        assertThat(reopened(store).lines())
                .containsExactly(
                        "partition 1 epoch 9 index 44",
                        "partition 3 epoch 5 index 4",
                        "node 7 in 3 kind 1 orders.ä ",
                        "node 8 in 1 kind 2 news ",
                        "message 7/10 in 3 bytes 3 count 0 traits  annotations ",
                        "message 7/11 in 3 bytes 0 count 0 traits  annotations ");
    }

    @Test
    void shouldGoOnWhereTheLogWasRestarted() throws StoreException {
        Store store = openRecovered();
        Lane lane = store.lane(new RecordingLane());
        lane.append(new LogRecord(3, 5, 70, new Enqueued(7, 10, NONE, utf8("ten"))));
        lane.append(new LogRecord(4, 5, 70, new EpochStarted()));
        lane.append(new LogRecord(5, 5, 70, new EpochStarted()));
        lane.append(new LogRecord(3, 6, 20, new LogRestarted()));
        lane.append(new LogRecord(4, 5, 20, new LogRestarted()));
        lane.append(new LogRecord(4, 5, 21, new Enqueued(8, 9, NONE, utf8("nine"))));
        lane.append(new LogRecord(5, 6, 20, new EpochStarted()));
        assertThat(reopened(store).lines())
                .containsExactly(
                        "partition 3 epoch 6 index 20",
                        "partition 4 epoch 5 index 21",
                        "partition 5 epoch 6 index 20",
                        "message 7/10 in 3 bytes 3 count 0 traits  annotations ",
                        "message 8/9 in 4 bytes 4 count 0 traits  annotations ");
    }

    @Test
    void shouldKeepTheMarkWhenARecordOfAReplicaSaysItAgain() throws StoreException {
        Store store = openRecovered();
        Lane lane = store.lane(new RecordingLane());
        lane.append(new LogRecord(3, 5, 2, new EpochStarted()));
        lane.append(new LogRecord(3, 5, 2, new ValuePut(ValuePut.REPLICA, utf8("standing"), utf8("whole"))));
        assertThat(reopened(store).lines())
                .containsExactly("partition 3 epoch 5 index 2", "value " + Long.MIN_VALUE + " in 3 standing=whole");
    }

    @Test
    void shouldTakeSequencesThatRiseInTheirQueueAloneWhenToldSo() throws StoreException {
        Store store = openRecovered();
        Lane lane = store.lane(new RecordingLane());
        lane.append(enqueue(1, 10, "later"));
        lane.stageUnordered(enqueue(2, 5, "between"));
        lane.append(enqueue(2, 11, "last"));
        assertThatThrownBy(() -> lane.append(enqueue(2, 11, "again"))).isInstanceOf(IllegalArgumentException.class);
        assertThat(messages(reopened(store))).containsExactly("1/10", "2/5", "2/11");
    }

    @Test
    void shouldTakeAnySequenceWhenTheLogWasRestarted() throws StoreException {
        Store store = openRecovered();
        Lane lane = store.lane(new RecordingLane());
        lane.append(enqueue(1, 10, "former"));
        lane.append(new LogRecord(0, 2, 1, new LogRestarted()));
        lane.append(enqueue(2, 5, "later"));
        assertThat(messages(reopened(store))).containsExactly("1/10", "2/5");
    }

    @Test
    void shouldHoldNothingOfAPartitionThatWasRemoved() throws StoreException {
        Store store = openRecovered();
        Lane lane = store.lane(new RecordingLane());
        lane.append(new LogRecord(1, 1, 1, new NodeCreated(5, 1, "stays", NONE)));
        lane.append(new LogRecord(1, 1, 2, new Enqueued(5, 1, NONE, utf8("stays"))));
        lane.append(record(new NodeCreated(2, 1, "goes", NONE)));
        lane.append(record(new ValuePut(ValuePut.REPLICA, utf8("standing"), utf8("whole"))));
        lane.append(record(new ValuePut(0, utf8("a"), utf8("1"))));
        lane.append(enqueue(2, 1, "own"));
        lane.append(record(new Published(9, 2, new long[] {2, 3}, NONE, utf8("published"))));
        lane.append(record(new PartitionRemoved()));
        assertThat(reopened(store).lines())
                .containsExactly(
                        "partition 1 epoch 1 index 2",
                        "node 5 in 1 kind 1 stays ",
                        "message 5/1 in 1 bytes 5 count 0 traits  annotations ");
    }

    @Test
    void shouldHoldOnlyWhatTheSameRecordSaysOfAPartitionThatBeginsAnew() throws StoreException {
        Store store = openRecovered();
        Lane lane = store.lane(new RecordingLane());
        lane.append(new LogRecord(0, 4, 9, new Enqueued(2, 20, NONE, utf8("former"))));
        lane.append(new LogRecord(0, 4, 9, new ValuePut(ValuePut.REPLICA, utf8("a"), utf8("former"))));
        lane.append(new LogRecord(
                0,
                0,
                0,
                new Atomic(List.of(
                        new PartitionRemoved(),
                        new LogRestarted(),
                        new ValuePut(ValuePut.REPLICA, utf8("b"), utf8("kept"))))));
        assertThat(reopened(store).lines())
                .containsExactly("partition 0 epoch 0 index 0", "value " + Long.MIN_VALUE + " in 0 b=kept");
    }

    @Test
    void shouldHoldWhatComesAfterAPartitionWasRemoved() throws StoreException {
        Store store = openRecovered();
        Lane lane = store.lane(new RecordingLane());
        lane.append(new LogRecord(0, 4, 9, new Published(9, 20, new long[] {2, 3}, NONE, utf8("former"))));
        lane.append(new LogRecord(0, 4, 9, new PartitionRemoved()));
        lane.append(new LogRecord(0, 1, 1, new Published(9, 3, new long[] {2}, NONE, utf8("new"))));
        assertThat(reopened(store).lines())
                .containsExactly(
                        "partition 0 epoch 1 index 1", "message 2/3 in 0 bytes 3 count 0 traits  annotations ");
    }

    @Test
    void shouldForgetMessagesWhenAcknowledged() throws StoreException {
        Store store = openRecovered();
        Lane lane = store.lane(new RecordingLane());
        for (int i = 1; i <= 5; i++) {
            lane.append(enqueue(1, i, "m" + i));
        }
        lane.append(record(new Acknowledged(1, new long[] {4, 2, 99})));
        lane.append(record(new Acknowledged(77, new long[] {1})));
        assertThat(messages(reopened(store))).containsExactly("1/1", "1/3", "1/5");
    }

    @Test
    void shouldKeepLatestDeliveryCountAndAnnotations() throws StoreException {
        Store store = openRecovered();
        Lane lane = store.lane(new RecordingLane());
        lane.append(enqueue(1, 1, "a"));
        lane.append(enqueue(1, 2, "b"));
        lane.append(record(new DeliveryUpdated(1, 1, 1, NONE, utf8("first"))));
        lane.append(record(new DeliveryUpdated(1, 1, 2, NONE, utf8("second"))));
        lane.append(record(new DeliveryUpdated(1, 50, 3, NONE, utf8("nobody"))));
        assertThat(reopened(store).lines())
                .contains(
                        "message 1/1 in 0 bytes 1 count 2 traits  annotations second",
                        "message 1/2 in 0 bytes 1 count 0 traits  annotations ")
                .hasSize(3);
    }

    @Test
    void shouldApplyAllPartsOfAnAtomicOperation() throws StoreException {
        Store store = openRecovered();
        Lane lane = store.lane(new RecordingLane());
        lane.append(enqueue(1, 1, "old"));
        byte[] shared = utf8("published");
        lane.append(record(new Atomic(List.of(
                new NodeCreated(2, 1, "two", NONE),
                new Enqueued(2, 2, NONE, shared),
                new Enqueued(3, 3, NONE, shared),
                new Enqueued(3, 4, NONE, utf8("other")),
                new Acknowledged(1, new long[] {1})))));
        Recovered recovered = reopened(store);
        assertThat(messages(recovered)).containsExactly("2/2", "3/3", "3/4");
        assertThat(recovered.lines()).contains("message 3/3 in 0 bytes 9 count 0 traits  annotations ");
    }

    @Test
    void shouldReadEachMessageOfAnAtomicOperation() throws StoreException {
        Store store = openRecovered();
        byte[] shared = utf8("published");
        appendDurably(
                store,
                record(new Atomic(List.of(
                        new Enqueued(2, 2, NONE, shared),
                        new Enqueued(3, 3, NONE, shared),
                        new Enqueued(3, 4, NONE, utf8("other"))))));
        assertThat(texts(Reading.read(store, 2, 0, 10, 1000))).containsExactly("2=published");
        assertThat(texts(Reading.read(store, 3, 0, 10, 1000))).containsExactly("3=published", "4=other");
    }

    @Test
    void shouldKeepTraits() throws StoreException {
        Store store = openRecovered();
        Lane lane = store.lane(new RecordingLane());
        lane.append(record(new Enqueued(1, 1, utf8("p9"), utf8("a"))));
        lane.append(record(new Enqueued(1, 2, utf8("p8"), utf8("b"))));
        lane.append(record(new DeliveryUpdated(1, 2, 1, utf8("later"), utf8("why"))));
        List<String> expected = List.of(
                "partition 0 epoch 1 index 3",
                "message 1/1 in 0 bytes 1 count 0 traits p9 annotations ",
                "message 1/2 in 0 bytes 1 count 1 traits later annotations why");
        store.close();
        Store again = opened(reopen(store));
        assertThat(Recovered.of(again).lines()).isEqualTo(expected);
        assertThat(reopened(again).lines()).isEqualTo(expected);
    }

    @Test
    void shouldKeepLatestSettingsOfNodes() throws StoreException {
        Store store = openRecovered();
        Lane lane = store.lane(new RecordingLane());
        lane.append(record(new NodeCreated(1, 1, "one", utf8("first"))));
        lane.append(record(new NodeCreated(2, 1, "two", utf8("kept"))));
        lane.append(record(new NodeChanged(1, utf8("second"))));
        lane.append(record(new NodeChanged(99, utf8("nobody"))));
        store.close();
        Store again = opened(reopen(store));
        assertThat(Recovered.of(again).lines())
                .contains("node 1 in 0 kind 1 one second", "node 2 in 0 kind 1 two kept")
                .hasSize(3);
        appendDurably(again, record(new NodeChanged(2, utf8("changed"))));
        assertThat(reopened(again).lines()).contains("node 2 in 0 kind 1 two changed");
    }

    @Test
    void shouldKeepValuesOfNodesAndPartitions() throws StoreException {
        Store store = openRecovered();
        Lane lane = store.lane(new RecordingLane());
        lane.append(record(new ValuePut(0, utf8("tx"), utf8("prepared"))));
        lane.append(new LogRecord(4, 1, 1, new ValuePut(0, utf8("tx"), utf8("other"))));
        lane.append(record(new ValuePut(7, utf8("b"), utf8("1"))));
        lane.append(record(new ValuePut(7, utf8("a"), utf8("2"))));
        lane.append(record(new ValuePut(8, utf8("a"), utf8("3"))));
        store.close();
        Store second = opened(reopen(store));
        assertThat(values(Recovered.of(second)))
                .containsExactly(
                        "value 0 in 0 tx=prepared",
                        "value 7 in 0 a=2",
                        "value 7 in 0 b=1",
                        "value 8 in 0 a=3",
                        "value 0 in 4 tx=other");
        appendDurably(second, record(new ValuePut(7, utf8("a"), utf8("replaced"))));
        appendDurably(second, record(new ValuePut(7, utf8("c"), utf8(""))));
        appendDurably(second, record(new ValueRemoved(7, utf8("b"))));
        appendDurably(second, record(new ValueRemoved(7, utf8("z"))));
        appendDurably(second, record(new NodeDeleted(8)));
        appendDurably(second, record(new ValueRemoved(0, utf8("tx"))));
        assertThat(values(reopened(second)))
                .containsExactly("value 7 in 0 a=replaced", "value 7 in 0 c=", "value 0 in 4 tx=other");
    }

    @Test
    void shouldGivePublishedMessageToEachQueue() throws StoreException {
        Store store = openRecovered();
        appendDurably(store, record(new Published(9, 1, new long[] {1, 2, 5}, utf8("p9"), utf8("news"))));
        appendDurably(store, record(new Enqueued(2, 2, NONE, utf8("own"))));
        appendDurably(store, record(new Published(10, 3, new long[] {2}, NONE, utf8("more"))));
        appendDurably(store, record(new Published(9, 4, new long[] {5, 2}, NONE, utf8("last"))));
        appendDurably(store, record(new Acknowledged(1, new long[] {1})));
        appendDurably(store, record(new DeliveryUpdated(5, 1, 1, utf8("p1"), utf8("back"))));
        List<String> lines = List.of(
                "partition 0 epoch 1 index 6",
                "message 2/1 in 0 bytes 4 count 0 traits p9 annotations ",
                "message 2/2 in 0 bytes 3 count 0 traits  annotations ",
                "message 2/3 in 0 bytes 4 count 0 traits  annotations ",
                "message 2/4 in 0 bytes 4 count 0 traits  annotations ",
                "message 5/1 in 0 bytes 4 count 1 traits p1 annotations back",
                "message 5/4 in 0 bytes 4 count 0 traits  annotations ");
        Store second = assertPublished(store, lines);
        Store third = assertPublished(second, lines);
        appendDurably(third, record(new NodeDeleted(2)));
        appendDurably(third, record(new NodeDeleted(9)));
        assertThat(texts(Reading.read(third, 2, 0, 10, 1000))).isEmpty();
        assertThat(texts(Reading.read(third, 5, 0, 10, 1000))).containsExactly("1=news", "4=last");
        assertThat(messages(reopened(third))).containsExactly("5/1", "5/4");
    }

    private Store assertPublished(Store store, List<String> lines) throws StoreException {
        assertThat(texts(Reading.read(store, 1, 0, 10, 1000))).isEmpty();
        assertThat(texts(Reading.read(store, 2, 0, 10, 1000))).containsExactly("1=news", "2=own", "3=more", "4=last");
        assertThat(texts(Reading.read(store, 2, 2, 2, 1000))).containsExactly("2=own", "3=more");
        assertThat(texts(Reading.read(store, 2, 0, 10, 5))).containsExactly("1=news", "2=own");
        assertThat(texts(Reading.read(store, 5, 0, 10, 1000))).containsExactly("1=news", "4=last");
        store.close();
        Store again = opened(reopen(store));
        assertThat(Recovered.of(again).lines()).isEqualTo(lines);
        return again;
    }

    @Test
    void shouldForgetNodeAndMessagesWhenDeleted() throws StoreException {
        Store store = openRecovered();
        RecordingLane listener = new RecordingLane();
        Lane lane = store.lane(listener);
        lane.append(record(new NodeCreated(1, 1, "one", NONE)));
        lane.append(enqueue(1, 1, "a"));
        lane.append(enqueue(2, 2, "b"));
        lane.append(record(new NodeDeleted(1)));
        listener.awaitDurable(4);
        assertThat(Reading.read(store, 1, 0, 10, 1000)).isEmpty();
        Recovered recovered = reopened(store);
        assertThat(messages(recovered)).containsExactly("2/2");
        assertThat(recovered.lines()).noneMatch(line -> line.startsWith("node"));
    }

    @Test
    void shouldReadWithinLimits() throws StoreException {
        Store store = openRecovered();
        for (int i = 1; i <= 9; i++) {
            appendDurably(store, enqueue(1, i * 10L, "0123456789"));
        }
        appendDurably(store, record(new Acknowledged(1, new long[] {30})));
        assertThat(sequences(Reading.read(store, 1, 15, 3, 1000))).containsExactly(20L, 40L, 50L);
        assertThat(sequences(Reading.read(store, 1, 20, 100, 15))).containsExactly(20L, 40L);
        assertThat(sequences(Reading.read(store, 1, 20, 100, 20))).containsExactly(20L, 40L);
        assertThat(sequences(Reading.read(store, 1, 20, 100, 1))).containsExactly(20L);
        assertThat(sequences(Reading.read(store, 1, 91, 100, 1000))).isEmpty();
        assertThat(sequences(Reading.read(store, 5, 0, 100, 1000))).isEmpty();
    }

    @Test
    void shouldReadSameBytesAfterReopening() throws StoreException {
        Store store = openRecovered();
        for (int i = 1; i <= 50; i++) {
            appendDurably(store, enqueue(1, i, "text " + i));
        }
        store.close();
        Store again = opened(reopen(store));
        again.recover(new Recovered());
        List<StoredMessage> found = Reading.read(again, 1, 0, 100, 100_000);
        assertThat(found).hasSize(50);
        assertThat(texts(found)).startsWith("1=text 1", "2=text 2").endsWith("50=text 50");
    }

    @Test
    void shouldGoOnAfterReopening() throws StoreException {
        Store store = openRecovered();
        appendDurably(store, enqueue(1, 1, "a"));
        store.close();
        Store second = opened(reopen(store));
        second.recover(new Recovered());
        appendDurably(second, enqueue(1, 2, "b"));
        appendDurably(second, record(new Acknowledged(1, new long[] {1})));
        assertThat(messages(reopened(second))).containsExactly("1/2");
    }

    @Test
    void shouldRefuseAppendsWhenClosed() throws StoreException {
        Store store = openRecovered();
        RecordingLane listener = new RecordingLane();
        Lane lane = store.lane(listener);
        lane.append(enqueue(1, 1, "a"));
        store.close();
        store.close();
        assertThatThrownBy(() -> lane.append(enqueue(1, 2, "b"))).isInstanceOf(IllegalStateException.class);
        await().untilAsserted(() -> assertThat(listener.durable()).isEqualTo(1));
        assertThat(listener.failures()).isZero();
    }

    @Test
    void shouldFailReadsWhenClosed() throws StoreException {
        Store store = openRecovered();
        store.close();
        assertThatThrownBy(() -> Reading.read(store, 1, 0, 1, 1)).isInstanceOf(StoreException.class);
    }

    @Test
    void shouldInsistOnOneRecoveryBeforeLanes() throws StoreException {
        Store store = opened(open());
        assertThatThrownBy(() -> store.lane(new RecordingLane())).isInstanceOf(IllegalStateException.class);
        store.recover(new Recovered());
        assertThatThrownBy(() -> store.recover(new Recovered())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldRefuseSequencesThatDoNotRise() throws StoreException {
        Store store = openRecovered();
        appendDurably(store, enqueue(1, 5, "a"));
        store.close();
        Store again = opened(reopen(store));
        again.recover(new Recovered());
        RecordingLane listener = new RecordingLane();
        Lane lane = again.lane(listener);
        assertThatThrownBy(() -> lane.append(enqueue(2, 5, "b"))).isInstanceOf(IllegalArgumentException.class);
        assertThat(lane.append(enqueue(2, 6, "c"))).isEqualTo(1);
        listener.awaitDurable(1);
        assertThatThrownBy(() -> lane.append(record(new Atomic(List.of(new Enqueued(1, 6, NONE, utf8("d")))))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldCountRecords() throws StoreException {
        Store store = openRecovered();
        for (int i = 1; i <= 3; i++) {
            appendDurably(store, enqueue(1, i, "abc"));
        }
        assertThat(store.metrics().recordsAppended()).isEqualTo(3);
        assertThat(store.metrics().bytesAppended()).isGreaterThan(3 * 3);
        assertThat(store.metrics().forces()).isPositive();
        assertThat(store.metrics().damages()).isZero();
    }

    final Store opened(Store store) {
        opened.add(store);
        return store;
    }

    final Store openRecovered() throws StoreException {
        Store store = opened(open());
        store.recover(new Recovered());
        return store;
    }

    final Recovered reopened(Store store) throws StoreException {
        store.close();
        return Recovered.of(opened(reopen(store)));
    }

    final LogRecord enqueue(long queueId, long sequence, String text) {
        return record(new Enqueued(queueId, sequence, NONE, utf8(text)));
    }

    final LogRecord record(LogOperation operation) {
        return new LogRecord(0, 1, ++index, operation);
    }

    static void appendDurably(Store store, LogRecord record) {
        RecordingLane listener = new RecordingLane();
        store.lane(listener).append(record);
        listener.awaitDurable(1);
    }

    static List<String> messages(Recovered recovered) {
        return recovered.lines().stream()
                .filter(line -> line.startsWith("message"))
                .map(line -> line.substring(8, line.indexOf(" in ")))
                .toList();
    }

    static List<String> values(Recovered recovered) {
        return recovered.lines().stream()
                .filter(line -> line.startsWith("value"))
                .toList();
    }

    static List<Long> sequences(List<StoredMessage> messages) {
        return messages.stream().map(StoredMessage::sequence).toList();
    }

    static List<String> texts(List<StoredMessage> messages) {
        return messages.stream()
                .map(message -> message.sequence() + "=" + new String(message.message(), UTF_8))
                .toList();
    }

    static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }
}
