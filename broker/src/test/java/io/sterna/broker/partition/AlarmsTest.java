package io.sterna.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.partition.Alarms.Alarm;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;

class AlarmsTest {
    private final FakeLoop events = new FakeLoop();
    private final Alarms alarms = new Alarms(new Loop(events, 1_000));
    private final List<String> rung = new ArrayList<>();

    @Test
    void shouldRingInTheOrderOfTimesWhenTheyCome() {
        alarms.start();
        alarm("b").set(200);
        alarm("a").set(100);
        alarm("c").set(300);

        events.passTo(99);
        assertThat(rung).isEmpty();
        events.passTo(250);
        assertThat(rung).containsExactly("a", "b");
        events.passTo(300);
        assertThat(rung).containsExactly("a", "b", "c");
    }

    @Test
    void shouldRingOnceAtTheLatestTimeSet() {
        alarms.start();
        Alarm alarm = alarm("a");
        alarm.set(100);
        alarm.set(500);
        events.passTo(499);
        assertThat(rung).isEmpty();
        events.passTo(10_000);
        assertThat(rung).containsExactly("a");
        alarm.set(10_100);
        events.passTo(10_100);
        assertThat(rung).containsExactly("a", "a");
    }

    @Test
    void shouldNotRingWhenTakenBack() {
        alarms.start();
        Alarm alarm = alarm("a");
        alarm.set(100);
        alarm.set(Long.MAX_VALUE);
        events.passTo(1_000);
        assertThat(rung).isEmpty();
    }

    @Test
    void shouldRingAtOnceWhenTheTimeIsPast() {
        alarms.start();
        alarm("a").set(-5);
        events.passTo(1);
        assertThat(rung).containsExactly("a");
    }

    @Test
    void shouldKeepToOneTimerForManyAlarms() {
        alarms.start();
        for (int count = 0; count < 1_000; count++) {
            alarm("a").set(5_000 + count);
        }
        assertThat(events.timers).hasSize(1);
        events.passTo(6_000);
        assertThat(rung).hasSize(1_000);
        assertThat(events.timers).isEmpty();
    }

    @Test
    void shouldNoticeWithinSecondsWhenTheClockIsSetForward() {
        alarms.start();
        alarm("a").set(86_400_000);
        events.clockAheadMillis = 86_400_000;
        events.passTo(10_000);
        assertThat(rung).containsExactly("a");
    }

    @Test
    void shouldArmNothingBeforeTheStart() {
        alarm("a").set(100);
        assertThat(events.timers).isEmpty();
        alarms.start();
        events.passTo(100);
        assertThat(rung).containsExactly("a");
    }

    private Alarm alarm(String name) {
        return alarms.alarm(() -> rung.add(name));
    }

    private static final class FakeLoop implements EventLoop {
        private record Timer(long atMillis, Runnable task) {}

        final PriorityQueue<Timer> timers = new PriorityQueue<>(Comparator.comparingLong(Timer::atMillis));
        final ArrayDeque<Runnable> turns = new ArrayDeque<>();
        long elapsedMillis;
        long clockAheadMillis;

        @Override
        public void execute(Runnable turn) {
            turns.add(turn);
        }

        @Override
        public void schedule(long delayMillis, Runnable task) {
            timers.add(new Timer(elapsedMillis + delayMillis, task));
        }

        @Override
        public long nowMillis() {
            return elapsedMillis + clockAheadMillis;
        }

        @Override
        public boolean isCurrent() {
            return true;
        }

        void passTo(long millis) {
            while (!timers.isEmpty() && timers.peek().atMillis() <= millis) {
                Timer timer = timers.remove();
                elapsedMillis = timer.atMillis();
                timer.task().run();
                while (!turns.isEmpty()) {
                    turns.remove().run();
                }
            }
            elapsedMillis = millis;
        }
    }
}
