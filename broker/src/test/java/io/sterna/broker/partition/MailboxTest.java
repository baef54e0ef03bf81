package io.sterna.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MailboxTest {
    private static final int TASKS = 500_000;
    private static final long WHILE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final Queue<Runnable> given = new ConcurrentLinkedQueue<>();
    private final Thread owner = new Thread(this::takeTurns, "mailbox-owner");

    @AfterEach
    void end() throws InterruptedException {
        owner.interrupt();
        owner.join();
    }

    private void takeTurns() {
        while (!Thread.currentThread().isInterrupted()) {
            Runnable turn = given.poll();
            if (turn == null) {
                Thread.onSpinWait();
            } else {
                turn.run();
            }
        }
    }

    @Test
    void shouldRunTasksInTheirOrderAndLetOthersHaveTheirTurn() {
        List<Runnable> turns = new ArrayList<>();
        List<Integer> ran = new ArrayList<>();
        Mailbox mailbox = new Mailbox(2, 2, turns::add, Runnable::run);
        for (int task = 0; task < 3; task++) {
            int number = task;
            mailbox.post(() -> ran.add(number));
        }
        assertThat(turns).hasSize(1);
        turns.remove(0).run();
        assertThat(ran).containsExactly(0, 1);
        assertThat(turns).hasSize(1);
        turns.remove(0).run();
        assertThat(ran).containsExactly(0, 1, 2);
    }

    /** Nothing is posted before all has run, so that the owner goes to rest all the time, and the queue always grows. */
    @Test
    void shouldWakeItsOwnerAlsoWhenItIsJustGoingToRest() {
        owner.start();
        AtomicLong ran = new AtomicLong();
        Mailbox mailbox = new Mailbox(2, 4096, given::add, Runnable::run);
        long endNanos = System.nanoTime() + WHILE_NANOS;
        for (long posted = 0; posted < TASKS && System.nanoTime() < endNanos; ) {
            for (long rest = 1 + posted % 3; rest > 0; rest--) {
                mailbox.post(ran::incrementAndGet);
                posted++;
            }
            long deadlineNanos = System.nanoTime() + PATIENCE_NANOS;
            while (ran.get() < posted) {
                assertThat(System.nanoTime()).as("a task lies in the mailbox").isLessThan(deadlineNanos);
                Thread.onSpinWait();
            }
        }
    }
}
