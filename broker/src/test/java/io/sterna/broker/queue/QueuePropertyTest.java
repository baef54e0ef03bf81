package io.sterna.broker.queue;

import io.sterna.broker.queue.QueueModel.Variety;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;

/** Whatever commands come in whatever order, the queue does what {@link QueueModel} says. */
class QueuePropertyTest {

    enum Command {
        ENQUEUE,
        ENQUEUE_NON_DURABLE,
        RESTORE,
        ADD_CONSUMER,
        REMOVE_CONSUMER,
        GRANT,
        DRAIN,
        SETTLE,
        SETTLE_ALL,
        SETTLE_UNKNOWN,
        STEP_LOAD,
        FAIL_LOAD,
        RESUME_LOADING,
        GO_ON,
        DROP_PAYLOADS,
        SPILL,
        SPILL_WRITTEN,
        SPILL_FAILED,
        TAKE_BACK,
        LOSE,
        PURGE,
        PASS_TIME
    }

    record Step(Command command, int first, int second, int third) {}

    @Property(tries = 1500, shrinking = ShrinkingMode.BOUNDED)
    void shouldDoAsTheModelWhenCommandsAreRandom(
            @ForAll("varieties") Variety variety, @ForAll("steps") List<Step> steps) {
        run(variety, steps);
    }

    @Tag("long")
    @Property(tries = 50_000, shrinking = ShrinkingMode.BOUNDED)
    void shouldDoAsTheModelWhenTriedForLong(@ForAll("varieties") Variety variety, @ForAll("steps") List<Step> steps) {
        run(variety, steps);
    }

    private static void run(Variety variety, List<Step> steps) {
        QueueModel model = new QueueModel(variety);
        for (Step step : steps) {
            apply(model, step);
            model.check();
        }
        model.finish();
    }

    private static void apply(QueueModel model, Step step) {
        switch (step.command()) {
            case ENQUEUE -> model.enqueue(step.first(), step.second(), true);
            case ENQUEUE_NON_DURABLE -> model.enqueue(step.first(), step.second(), false);
            case RESTORE -> model.restore(step.first(), step.second());
            case ADD_CONSUMER -> model.addConsumer(step.first(), step.second(), step.third());
            case REMOVE_CONSUMER -> model.removeConsumer(step.first(), step.second() % 2 == 0);
            case GRANT -> model.flow(step.first(), step.second(), false);
            case DRAIN -> model.flow(step.first(), step.second(), true);
            case SETTLE -> model.settle(step.first(), step.second(), step.third());
            case SETTLE_ALL -> model.settleAll(step.first(), step.third());
            case SETTLE_UNKNOWN -> model.settleUnknown(step.first(), step.second(), step.third());
            case STEP_LOAD -> model.stepLoad();
            case FAIL_LOAD -> model.failLoad();
            case RESUME_LOADING -> model.resumeLoading();
            case GO_ON -> model.goOn();
            case DROP_PAYLOADS -> model.dropPayloads(10 * step.first());
            case SPILL -> model.spill(10 * step.first());
            case SPILL_WRITTEN -> model.stepSpill(true);
            case SPILL_FAILED -> model.stepSpill(false);
            case TAKE_BACK -> model.takeBack(step.first());
            case LOSE -> model.lose(step.first());
            case PURGE -> model.purge();
            case PASS_TIME -> model.passTime(step.first());
        }
    }

    @Provide
    Arbitrary<Variety> varieties() {
        Arbitrary<Boolean> either = Arbitraries.of(true, false);
        return Combinators.combine(either, either, either, either, either, Arbitraries.of(2, 1_000))
                .as(Variety::new);
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Command> commands = Arbitraries.frequency(
                Tuple.of(12, Command.ENQUEUE),
                Tuple.of(7, Command.ENQUEUE_NON_DURABLE),
                Tuple.of(4, Command.RESTORE),
                Tuple.of(4, Command.ADD_CONSUMER),
                Tuple.of(2, Command.REMOVE_CONSUMER),
                Tuple.of(14, Command.GRANT),
                Tuple.of(3, Command.DRAIN),
                Tuple.of(14, Command.SETTLE),
                Tuple.of(3, Command.SETTLE_ALL),
                Tuple.of(1, Command.SETTLE_UNKNOWN),
                Tuple.of(14, Command.STEP_LOAD),
                Tuple.of(1, Command.FAIL_LOAD),
                Tuple.of(3, Command.RESUME_LOADING),
                Tuple.of(8, Command.GO_ON),
                Tuple.of(6, Command.DROP_PAYLOADS),
                Tuple.of(8, Command.SPILL),
                Tuple.of(8, Command.SPILL_WRITTEN),
                Tuple.of(1, Command.SPILL_FAILED),
                Tuple.of(2, Command.TAKE_BACK),
                Tuple.of(1, Command.LOSE),
                Tuple.of(1, Command.PURGE),
                Tuple.of(3, Command.PASS_TIME));
        Arbitrary<Integer> numbers = Arbitraries.integers().between(0, 99);
        return Combinators.combine(commands, numbers, numbers, numbers)
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(120);
    }
}
