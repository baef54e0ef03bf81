package io.sterna.bench.load;

import jakarta.jms.JMSException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Runs scenarios against one broker and turns whatever happens into a {@link Result}. */
final class Runner {

    private final Target target;
    private final Load load;
    private final String broker;
    private final int round;

    Runner(Target target, Load load, String broker, int round) {
        this.target = target;
        this.load = load;
        this.broker = broker;
        this.round = round;
    }

    /** Runs one scenario on queues of its own. A refusal or a failure is a result, too. */
    Result run(Scenario scenario) throws InterruptedException {
        try (Clients clients = new Clients(target, scenario.name())) {
            try {
                clients.connect().close();
            } catch (JMSException e) {
                return problem(scenario, "failed: no connection: " + oneLine(e));
            }
            Scenario.Measurement measurement;
            try {
                measurement = scenario.prepare(clients, load);
            } catch (JMSException e) {
                return problem(scenario, "not supported: " + oneLine(e));
            }
            try {
                Figures figures = measurement.measure();
                if (!figures.asMap().containsKey(Figure.RSS_MIB)) {
                    figures.put(Figure.RSS_MIB, mib(target.probe().rssKib()));
                }
                return new Result(broker, round, scenario.name(), figures.asMap(), Optional.empty());
            } catch (JMSException | ScenarioFailedException e) {
                return problem(scenario, "failed: " + oneLine(e));
            }
        }
    }

    static OptionalDouble mib(OptionalDouble kib) {
        return kib.isPresent() ? OptionalDouble.of(kib.getAsDouble() / 1024) : kib;
    }

    private Result problem(Scenario scenario, String text) {
        return new Result(broker, round, scenario.name(), Map.of(), Optional.of(text));
    }

    private static String oneLine(Exception e) {
        return (e.getClass().getSimpleName() + ": " + e.getMessage()).replaceAll("\\s+", " ");
    }
}
