package io.sterna.cluster.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.sterna.cluster.NodeReport;
import io.sterna.cluster.Position;
import io.sterna.cluster.ReplicaMessage;
import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.cluster.ReplicaMessage.Appended;
import io.sterna.cluster.net.Refusal.Code;
import io.sterna.cluster.table.TableMessage;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogRecord;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Nodes over real sockets. */
final class PeerNetworkTest {
    private static final ClusterSecret SECRET = new ClusterSecret("nobody else knows this");
    private static final PeerAddress ANY = new PeerAddress("127.0.0.1", 0);
    private static final PeerLimits PATIENT = new PeerLimits(50, 10_000, 10_000, 8 << 20, 1 << 20);

    /** More than sockets of this machine keep for who does not read. */
    private static final int LONG_BYTES = 24 << 20;

    private final Vertx vertx = Vertx.vertx();
    private final Logger logger = (Logger) LoggerFactory.getLogger(ProblemLog.class);
    private final ListAppender<ILoggingEvent> problems = new ListAppender<>();

    @BeforeEach
    void listen() {
        problems.start();
        logger.addAppender(problems);
    }

    @AfterEach
    void close() throws Exception {
        logger.detachAppender(problems);
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void shouldCarryMessagesOfTwoNodesInOrder() {
        TestPeer one = start("n1", PATIENT);
        TestPeer two = start("n2", PATIENT, one);
        one.awaitUp("n2");
        two.awaitUp("n1");

        for (int i = 0; i < 5_000; i++) {
            one.network().send("n2", 1, message(i));
            two.network().send("n1", 2, message(i));
        }

        List<ReplicaMessage> expected =
                LongStream.range(0, 5_000).mapToObj(PeerNetworkTest::message).toList();
        await().atMost(TestPeer.LIMIT).until(() -> one.messages.size() == 5_000 && two.messages.size() == 5_000);
        assertThat(one.messages).isEqualTo(expected);
        assertThat(two.messages).isEqualTo(expected);
        assertThat(one.generations).containsOnly(2L);
        assertThat(two.generations).containsOnly(1L);
        PeerFigures figures = one.network().figures().get(0);
        assertThat(figures.sentMessages()).isEqualTo(5_000);
        assertThat(figures.receivedMessages()).isEqualTo(5_000);
        assertThat(figures.droppedMessages()).isZero();
        assertThat(figures.queuedBytes()).isZero();
        assertThat(figures.receivedBytes()).isGreaterThan(5_000 * 40);
    }

    @Test
    void shouldConnectThreeNodesOfWhichEachKnowsOnlyTheOneBefore() {
        TestPeer two = start("n2", PATIENT);
        TestPeer three = start("n3", PATIENT, two);
        TestPeer one = start("n1", PATIENT, two, three);
        one.awaitUp("n2");
        one.awaitUp("n3");
        two.awaitUp("n1");
        two.awaitUp("n3");
        three.awaitUp("n1");
        three.awaitUp("n2");

        one.network().report(new NodeReport("n1", 1, false, Map.of()));
        await().atMost(TestPeer.LIMIT).until(() -> two.reports.size() == 1 && three.reports.size() == 1);
        two.network().sendAll(new TableMessage.Changed());
        three.network().send("n1", new TableMessage.Ask(5));
        two.network().note("n3", "hear".getBytes(UTF_8));
        await().atMost(TestPeer.LIMIT).until(() -> three.notes.equals(List.of("n2: hear")));
        await().atMost(TestPeer.LIMIT).until(() -> one.tableMessages.size() == 2 && three.tableMessages.size() == 1);
    }

    @Test
    void shouldCarryLongMessages() {
        TestPeer one = start("n1", PATIENT);
        TestPeer two = start("n2", PATIENT, one);
        one.awaitUp("n2");
        ReplicaMessage longMessage = append(700_000);

        for (int i = 0; i < 5; i++) {
            two.network().send("n1", 2, message(i));
            two.network().send("n1", 2, longMessage);
        }

        await().atMost(TestPeer.LIMIT).until(() -> one.messages.size() == 10);
        assertThat(one.messages.get(8)).isEqualTo(message(4));
        assertThat(body(one.messages.get(9))).isEqualTo(body(longMessage));
    }

    @Test
    void shouldHearOctetsWhileNothingIsSaid() {
        TestPeer one = start("n1", PATIENT);
        start("n2", PATIENT, one);

        await().atMost(TestPeer.LIMIT).until(() -> one.octets.size() >= 3);
        assertThat(one.octets).containsOnly("n2");
    }

    @Test
    void shouldDropWhatIsSentToNobody() {
        TestPeer one = start("n1", PATIENT);

        one.network().send("n7", 1, message(1));

        assertThat(one.network().figures())
                .extracting(PeerFigures::droppedMessages)
                .containsExactly(1L);
    }

    @Test
    void shouldConnectAgainWithARestartedNodeAtAnotherAddress() {
        TestPeer one = start("n1", PATIENT);
        TestPeer two = start("n2", PATIENT, one);
        one.awaitUp("n2");

        two.stopAndWait();
        await().atMost(TestPeer.LIMIT).until(() -> one.downs.size() == 1);
        assertThat(one.downs.get(0)).startsWith("n2: the connection was closed");
        TestPeer again = start("n2", PATIENT, one);
        again.awaitUp("n1");

        one.network().send("n2", 1, message(1));
        await().atMost(TestPeer.LIMIT).until(() -> again.messages.size() == 1);
        assertThat(one.ups).containsExactly("n2", "n2");
    }

    @Test
    void shouldConnectAgainWithARestartedNodeThatKnowsNobody() {
        TestPeer one = start("n1", PATIENT);
        TestPeer two = start("n2", PATIENT, one);
        one.awaitUp("n2");
        two.awaitUp("n1");
        PeerAddress address = one.address();

        one.stopAndWait();
        TestPeer again = startAt(address, List.of());

        again.awaitUp("n2");
        await().atMost(TestPeer.LIMIT).until(() -> two.ups.size() == 2);
    }

    @Test
    void shouldConnectAgainWithAForgottenNodeThatCalls() {
        TestPeer one = start("n1", PATIENT);
        TestPeer two = start("n2", PATIENT, one);
        one.awaitUp("n2");

        one.network().forget("n2");

        await().atMost(TestPeer.LIMIT).until(() -> one.ups.size() == 2 && two.ups.size() == 2);
        assertThat(one.downs).containsExactly("n2: it is not a member any more");
    }

    @Test
    void shouldNotCallItself() {
        TestPeer one = start("n1", PATIENT);
        PeerAddress own = one.address();
        one.stopAndWait();

        TestPeer again = startAt(own, List.of(own));
        TestPeer two = start("n2", PATIENT, again);

        again.awaitUp("n2");
        two.awaitUp("n1");
        assertThat(again.ups).containsExactly("n2");
        assertThat(said()).isEmpty();
    }

    @Test
    void shouldSayOnceThatANodeHasAnotherSecret() {
        TestPeer one = start("n1", PATIENT);
        TestPeer two = start("n2", PATIENT, one);
        PeerSettings wrong =
                settings(PATIENT, List.of(one.address()), ANY, "test", new ClusterSecret("somebody else knows that"));
        new TestPeer("n3", wrong).startOn(vertx);

        awaitSaid("n3 from 127.0.0.1: has called in vain: n1 and n3 have different secrets (cluster.secret)");
        awaitSaid("n1 at " + one.address() + ": it says: n1 and n3 have different secrets (cluster.secret)");
        one.awaitUp("n2");
        two.awaitUp("n1");
        start("n4", PATIENT, one).awaitUp("n1");
        assertThat(said()).hasSize(2).doesNotHaveDuplicates();
        assertThat(one.ups).doesNotContain("n3");
    }

    @Test
    void shouldSayAProblemAgainWhenItIsAnotherOrWasSolved() {
        ProblemLog log = new ProblemLog();
        for (int i = 0; i < 3; i++) {
            log.say("n1", "one");
            log.say("n2", "one");
        }
        log.say("n1", "another");
        log.solved("n1");
        log.say("n1", "another");

        assertThat(said()).containsExactly("n1: one", "n2: one", "n1: another", "n1: another");
    }

    @Test
    void shouldSayThatANodeIsOfAnotherCluster() {
        TestPeer one = start("n1", PATIENT);
        new TestPeer("n3", settings(PATIENT, List.of(one.address()), ANY, "other", SECRET)).startOn(vertx);

        await().atMost(TestPeer.LIMIT).until(() -> said().stream()
                .anyMatch(line ->
                        line.startsWith("n3 from 127.0.0.1: has called in vain: this node is of the cluster 'test'")));
        assertThat(one.ups).isEmpty();
    }

    @Test
    void shouldSayThatANodeBeginsTheClusterWithOthers() {
        TestPeer one = start("n1", PATIENT);
        PeerSettings wrong = new PeerSettings(
                "test",
                SECRET,
                ANY,
                TestPeer.CLIENT_PORT,
                false,
                List.of("n1", "n3"),
                List.of(one.address()),
                Optional.empty(),
                PATIENT);
        TestPeer three = new TestPeer("n3", wrong).startOn(vertx);

        awaitSaid(one.address() + ": it says: cluster.members must name the same nodes at all nodes: n1 at "
                + one.address() + " names n1, n2, n3, and n3 at " + three.address() + " names n1, n3");
        assertThat(one.ups).isEmpty();
        assertThat(three.ups).isEmpty();
    }

    @Test
    void shouldRefuseMoreFoundersThanAHelloHoldsAndTheSameOneTwice() {
        assertThatThrownBy(() -> withFounders(Collections.nCopies(33, "n")))
                .hasMessage("33 nodes for a cluster to begin with, at most 32 are allowed");
        assertThatThrownBy(() -> withFounders(List.of("n2", "n1", "n2")))
                .hasMessage("a node is named twice in [n1, n2, n2]");
    }

    @Test
    void shouldRefuseANodeThatIsNoMember() {
        TestPeer one = start("n1", PATIENT);
        one.rejects(other -> other.node().equals("n9"));
        TestPeer nine = start("n9", PATIENT, one);

        awaitSaid("n1 at " + one.address() + ": it says: n9 is no member");
        assertThat(one.ups).isEmpty();
        assertThat(nine.ups).isEmpty();
    }

    @Test
    void shouldRefuseTheIdOfANodeThatIsConnected() throws IOException, MalformedFrameException {
        TestPeer one = start("n1", PATIENT);
        TestPeer two = start("n2", PATIENT, one);
        one.awaitUp("n2");
        two.awaitUp("n1");

        TestPeer another = start("n2", PATIENT, one);

        awaitSaid("n1 at " + one.address() + ": it says: another process with the id 'n2' is connected to n1, from "
                + two.address());
        assertThat(another.ups).isEmpty();
        assertThat(one.downs).isEmpty();
        assertThat(two.downs).isEmpty();
    }

    @Test
    void shouldRefuseAnotherVersion() throws IOException, MalformedFrameException {
        TestPeer one = start("n1", PATIENT);
        byte[] hello = RawPeer.hello("test", "n2").toBytes();
        hello[4] = 2;
        hello[5] = 2;
        try (RawPeer raw = RawPeer.connect(one.address())) {
            raw.send(FrameKind.HELLO, hello);
            assertThat(raw.readRefusal().code()).isEqualTo(Code.VERSION);
        }
    }

    @Test
    void shouldRefuseWhatIsNoNode() throws IOException, MalformedFrameException {
        TestPeer one = start("n1", PATIENT);
        try (RawPeer raw = RawPeer.connect(one.address())) {
            raw.write("GET / HTTP/1.1\r\n".getBytes(US_ASCII));
            assertThat(raw.readRefusal())
                    .isEqualTo(
                            new Refusal(Code.PROTOCOL, "a frame of 1195725856 bytes where at most 40960 are allowed"));
        }
    }

    @Test
    void shouldRefuseWhoSaysHelloAndNoMore() throws IOException, MalformedFrameException {
        TestPeer one = start("n1", new PeerLimits(50, 10_000, 200, 8 << 20, 1 << 20));
        try (RawPeer raw = RawPeer.connect(one.address())) {
            raw.send(FrameKind.HELLO, RawPeer.hello("test", "n2").toBytes());
            assertThat(raw.readRefusal())
                    .isEqualTo(new Refusal(Code.PROTOCOL, "the handshake did not end within 200 ms"));
        }
    }

    @Test
    void shouldRefuseAFrameThatIsTooLong() throws IOException, MalformedFrameException {
        TestPeer one = start("n1", PATIENT);
        try (RawPeer raw = RawPeer.connect(one.address()).shakeHands(RawPeer.hello("test", "a"), SECRET)) {
            raw.write(new byte[] {0x7F, 0, 0, 0, 5});
            assertThat(raw.readRefusal().text())
                    .isEqualTo("a frame of 2130706432 bytes where at most 1048576 are allowed");
        }
        await().atMost(TestPeer.LIMIT).until(() -> one.downs.size() == 1);
    }

    @Test
    void shouldRefuseAMessageThatCannotBeRead() throws IOException, MalformedFrameException {
        TestPeer one = start("n1", PATIENT);
        try (RawPeer raw = RawPeer.connect(one.address()).shakeHands(RawPeer.hello("test", "a"), SECRET)) {
            raw.send(FrameKind.STREAM, Bytes.frame(FrameKind.REPLICA_MESSAGE, new byte[] {99}));
            assertThat(raw.readRefusal().text()).isEqualTo("a message of a replica is longer than its frame");
        }
    }

    @Test
    void shouldRefuseAMessageThatIsNotInTheStream() throws IOException, MalformedFrameException {
        TestPeer one = start("n1", PATIENT);
        try (RawPeer raw = RawPeer.connect(one.address()).shakeHands(RawPeer.hello("test", "a"), SECRET)) {
            raw.send(FrameKind.REPLICA_MESSAGE, new byte[20]);
            assertThat(raw.readRefusal().text()).isEqualTo("a frame of kind REPLICA_MESSAGE where there must be none");
        }
    }

    @Test
    void shouldRefuseAMessageBeforeTheHandshakeHasEnded() throws IOException, MalformedFrameException {
        TestPeer one = start("n1", PATIENT);
        try (RawPeer raw = RawPeer.connect(one.address())) {
            raw.send(FrameKind.STREAM, new byte[20]);
            assertThat(raw.readRefusal().text()).isEqualTo("a message before the handshake has ended");
        }
    }

    @Test
    void shouldSayOtherThingsWhileALongMessageIsUnderWay() throws IOException, MalformedFrameException {
        TestPeer one = start("n1", new PeerLimits(50, 60_000, 10_000, 32 << 20, 32 << 20));
        ReplicaMessage longMessage = append(LONG_BYTES);
        try (RawPeer raw = RawPeer.connect(one.address()).shakeHands(RawPeer.hello("test", "a"), SECRET)) {
            one.awaitUp("a");
            one.network().send("a", 1, longMessage);
            raw.readPiece();
            one.network().report(new NodeReport("n1", 1, false, Map.of()));

            long before = raw.readStream(FrameKind.NODE_REPORT);
            assertThat(before).isLessThan(LONG_BYTES);
            assertThat(body(raw.readMessage())).isEqualTo(body(longMessage));
        }
    }

    @Test
    void shouldNoticeThatANodeIsSilent() throws IOException {
        TestPeer one = start("n1", new PeerLimits(20, 200, 10_000, 8 << 20, 1 << 20));
        try (RawPeer raw = RawPeer.connect(one.address()).shakeHands(RawPeer.hello("test", "a"), SECRET)) {
            assertThat(raw.readFrame()).containsExactly(FrameKind.HEARTBEAT.code());
            await().atMost(TestPeer.LIMIT).until(() -> one.downs.size() == 1);
            assertThat(one.downs).containsExactly("a: it has said nothing for 200 ms");
        }
    }

    @Test
    void shouldNotTakeItsOwnSleepForTheOthersSilence() {
        TestPeer one = start("n1", PATIENT);
        TestPeer two = start("n2", PATIENT, one);
        one.awaitUp("n2");

        one.offsetMillis.addAndGet(TimeUnit.HOURS.toMillis(1));
        int before = one.octets.size();
        await().atMost(TestPeer.LIMIT).until(() -> one.octets.size() > before + 2);

        assertThat(one.downs).isEmpty();
        assertThat(two.downs).isEmpty();
    }

    @Test
    void shouldCloseAConnectionThatTakesTooLittle() throws InterruptedException {
        TestPeer one = start("n1", PATIENT);
        TestPeer two = start("n2", PATIENT, one);
        one.awaitUp("n2");
        CountDownLatch stopped = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        two.onMessage(() -> {
            stopped.countDown();
            try {
                goOn.await();
            } catch (InterruptedException end) {
                Thread.currentThread().interrupt();
            }
        });
        one.network().send("n2", 1, message(0));
        assertThat(stopped.await(20, TimeUnit.SECONDS)).isTrue();

        ReplicaMessage some = append(100_000);
        await().atMost(TestPeer.LIMIT).until(() -> {
            for (int i = 0; i < 20; i++) {
                one.network().send("n2", 1, some);
            }
            return !one.downs.isEmpty();
        });
        goOn.countDown();

        assertThat(one.downs.get(0)).isEqualTo("n2: more waited to be sent to it than the 8388608 bytes that may");
        await().atMost(TestPeer.LIMIT).until(() -> one.ups.size() == 2 && two.ups.size() == 2);
    }

    private TestPeer start(String node, PeerLimits limits, TestPeer... members) {
        List<PeerAddress> addresses = new ArrayList<>();
        for (TestPeer member : members) {
            addresses.add(member.address());
        }
        return new TestPeer(node, settings(limits, addresses, ANY, "test", SECRET)).startOn(vertx);
    }

    /** Starts n1 where it was before; somebody else may have got the port for a moment. */
    private TestPeer startAt(PeerAddress own, List<PeerAddress> members) {
        return await().atMost(TestPeer.LIMIT)
                .ignoreExceptionsMatching(
                        failure -> String.valueOf(failure.getMessage()).contains("BindException"))
                .until(
                        () -> new TestPeer("n1", settings(PATIENT, members, own, "test", SECRET)).startOn(vertx),
                        started -> true);
    }

    private static PeerSettings settings(
            PeerLimits limits, List<PeerAddress> members, PeerAddress own, String cluster, ClusterSecret secret) {
        return TestPeer.settings(cluster, secret, own, members, Optional.empty(), limits);
    }

    private static PeerSettings withFounders(List<String> founders) {
        return new PeerSettings(
                "test", SECRET, ANY, 0, false, founders, List.of(), Optional.empty(), PeerLimits.defaults());
    }

    private static ReplicaMessage message(long number) {
        return new Appended(7, 1, ReplicaMessage.IN_SYNC, number, number, false);
    }

    private static ReplicaMessage append(int bytes) {
        byte[] body = new byte[bytes];
        body[bytes - 1] = 1;
        LogRecord record = new LogRecord(7, 1, 1, new Enqueued(1, 1, new byte[3], body));
        return new Append(7, 1, ReplicaMessage.IN_SYNC, 0, Position.START, List.of(record), 0);
    }

    private static byte[] body(ReplicaMessage message) {
        LogRecord record = ((Append) message).records().get(0);
        return ((Enqueued) record.operation()).message();
    }

    private List<String> said() {
        return List.copyOf(problems.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private void awaitSaid(String line) {
        await().atMost(TestPeer.LIMIT).failFast(() -> said().size() > 20).until(() -> said().contains(line));
    }
}
