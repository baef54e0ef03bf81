package io.sterna.broker.amqp;

import io.sterna.broker.partition.EventLoop;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;

/** An event loop whose turns the simulation takes. */
final class SimulatedLoop implements EventLoop {
    private final Simulation simulation;
    private final ArrayDeque<Runnable> turns = new ArrayDeque<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>(Comparator.comparingLong(Timer::dueMillis));

    private record Timer(long dueMillis, Runnable task) {}

    SimulatedLoop(Simulation simulation) {
        this.simulation = simulation;
    }

    @Override
    public void execute(Runnable turn) {
        turns.add(turn);
    }

    @Override
    public void schedule(long delayMillis, Runnable task) {
        timers.add(new Timer(simulation.nowMillis() + delayMillis, task));
    }

    @Override
    public long nowMillis() {
        return simulation.nowMillis();
    }

    @Override
    public boolean isCurrent() {
        return simulation.isCurrent(this);
    }

    boolean hasTurn() {
        return !turns.isEmpty();
    }

    void takeTurn() {
        turns.remove().run();
    }

    /** Makes turns of the timers that are due. */
    void onTime(long nowMillis) {
        while (!timers.isEmpty() && timers.peek().dueMillis() <= nowMillis) {
            turns.add(timers.remove().task());
        }
    }
}
