package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.management.ManagementAnswer;
import io.sterna.broker.management.ManagementRequest;
import io.sterna.broker.management.ManagementRequest.Operation;
import io.sterna.broker.management.Manager;
import io.sterna.broker.partition.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dead letters on their way back, or elsewhere: each is in one place at any time, whatever happens. */
class RedriveTest {
    private static final String DEAD_LETTERS = "/$deadletterqueue";
    private static final int MESSAGES = 130;
    private static final List<Integer> ALL =
            IntStream.range(0, MESSAGES).boxed().toList();

    private Simulation broker = new Simulation(1);
    private String home = "";
    private String elsewhere = "";
    private int sent;

    private void start(long seed, String... settings) {
        broker = new Simulation(seed, settings);
        broker.pass(1_000);
        home = broker.addressOn(0, "home");
        elsewhere = broker.addressOn(1, "elsewhere");
        sent = 0;
    }

    private void send(String address, int count, Consumer<Message> change) {
        Peer producer = broker.connect(1);
        producer.send(address, 9);
        broker.settle();
        for (int number = 0; number < count; number++) {
            Message message = Message.Factory.create();
            message.setDurable(true);
            message.setMessageId("id-" + sent);
            message.setBody(new Data(new Binary(
                    java.nio.ByteBuffer.allocate(Integer.BYTES).putInt(sent++).array())));
            change.accept(message);
            byte[] buffer = new byte[1024];
            producer.transfer(9, number, java.util.Arrays.copyOf(buffer, message.encode(buffer, 0, buffer.length)));
        }
        broker.settle();
        producer.close();
        broker.settle();
    }

    private void sendAndReject(int count) {
        send(home, count, message -> {});
        Peer consumer = consume(home, count);
        consumer.dispose(0, count - 1, true, new Rejected());
        broker.settle();
        consumer.close();
        broker.settle();
    }

    private Peer consume(String from, int credit) {
        return broker.consumer(1, from, credit);
    }

    private List<ManagementAnswer> redrive(String target) {
        List<ManagementAnswer> answers = new ArrayList<>();
        new Manager(broker.partitions())
                .handle(
                        new ManagementRequest(
                                Operation.REDRIVE, Optional.empty(), home, Map.of("target", target), Map.of()),
                        answers::add);
        return answers;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldHaveEachMessageInOnePlaceWhereverItIsInterrupted(boolean home) {
        boolean interrupted = false;
        for (int steps = 0; steps < 400; steps += 1 + steps / 20) {
            start(steps);
            sendAndReject(MESSAGES);
            String target = home ? this.home : elsewhere;
            send(target, 0, message -> {});
            List<ManagementAnswer> answers = redrive(target);
            for (int step = 0; step < steps && broker.step(); step++) {
                interrupted |= answers.isEmpty();
            }
            broker.crashAndRestart();
            broker.settle();

            List<Integer> there = new ArrayList<>(consume(target, 1_000).numbers());
            List<Integer> left = consume(this.home + DEAD_LETTERS, 1_000).numbers();
            assertThat(there).isSorted();
            assertThat(left).isSorted();
            there.addAll(left);
            assertThat(there).as("after %d steps", steps).containsExactlyElementsOf(ALL);
        }
        assertThat(interrupted).isTrue();
    }

    /** It would otherwise be taken for a copy of itself, and be nowhere. */
    @Test
    void shouldNotTakeAMessageThatComesBackForACopy() {
        start(3, "queues.policies=[{match=\"#\", dedup-window=1 h}]");
        sendAndReject(3);
        List<ManagementAnswer> answers = redrive(home);
        broker.settle();
        assertThat(answers).singleElement().satisfies(answer -> assertThat(answer.body())
                .containsEntry("moved", 3L));
        assertThat(consume(home, 10).numbers()).containsExactly(0, 1, 2);
    }

    /** Its absolute-expiry-time, which nobody may change, has passed (AMQP 1.0 §3.2.4). */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldLetExpiredMessagesLiveAgain(boolean back) {
        start(4);
        send(home, 3, message -> message.setExpiryTime(broker.nowMillis() + 1_000));
        broker.pass(1_001);
        broker.pass(1);
        send(elsewhere, 0, message -> {});
        redrive(back ? home : elsewhere);
        broker.settle();
        broker.pass(1);
        assertThat(consume(back ? home : elsewhere, 10).numbers()).containsExactly(0, 1, 2);
    }

    @Test
    void shouldMoveFewAtATimeWhenTheyAreLarge() throws Exception {
        start(6);
        sendAndReject(1);
        send(elsewhere, 0, message -> {});
        Node letters = RecordLimitTest.find(broker, home + DEAD_LETTERS);
        RecordLimitTest.Large large = RecordLimitTest.Large.of(3 * 1024 * 1024);
        letters.loop().post(() -> IntStream.range(0, 10).forEach(number -> letters.publish(large)));
        broker.settle();

        List<ManagementAnswer> answers = redrive(elsewhere);
        long most = 0;
        while (broker.step()) {
            most = Math.max(most, broker.partitions().totals().unsettled());
        }

        assertThat(answers).singleElement().satisfies(answer -> assertThat(answer.body())
                .containsEntry("moved", 11L));
        assertThat(most).isEqualTo(4);
    }

    @Test
    void shouldGiveTheDeadLettersBackWhenTheTargetsPartitionStops() {
        int stopped = 0;
        for (int steps = 0; steps < 100; steps++) {
            start(7);
            sendAndReject(10);
            send(elsewhere, 1, message -> {});
            List<ManagementAnswer> answers = redrive(elsewhere);
            for (int step = 0; step < steps; step++) {
                broker.step();
            }
            DefectTest.postDefect(broker, elsewhere);
            broker.settle();

            assertThat(answers).hasSize(1);
            stopped += answers.get(0).status() == ManagementAnswer.UNAVAILABLE ? 1 : 0;
            assertThat(broker.partitions().totals().unsettled())
                    .as("after %d steps", steps)
                    .isZero();
        }
        assertThat(stopped).isPositive();
    }

    @Test
    void shouldFillTheTargetAndSayThatItTakesNoMore() {
        start(
                5,
                "queues.policies=[{match=\"elsewhere0\", max-length=4, overflow=reject},"
                        + "{match=\"elsewhere1\", max-length=4, overflow=reject}]");
        sendAndReject(10);
        send(elsewhere, 0, message -> {});
        List<ManagementAnswer> answers = redrive(elsewhere);
        broker.settle();
        assertThat(answers).singleElement().satisfies(answer -> {
            assertThat(answer.status()).isEqualTo(409);
            assertThat(new HashMap<>(answer.body())).containsEntry("moved", 4L);
        });
        assertThat(consume(elsewhere, 10).numbers()).containsExactly(0, 1, 2, 3);
        assertThat(consume(home + DEAD_LETTERS, 10).numbers()).containsExactly(4, 5, 6, 7, 8, 9);
    }
}
