package io.sterna.bench.load;

import jakarta.jms.JMSException;

/** One kind of load. */
interface Scenario {

    /** Its name on the command line and in the table. */
    String name();

    /** What it does, in a sentence. */
    String about();

    /**
     * Opens what it needs on a queue or topic of its own. Connections that {@code clients} opens are closed by it.
     *
     * @return what is to be measured then
     * @throws JMSException when the broker refuses something that the scenario needs; the scenario is then reported as
     *     not supported
     */
    Measurement prepare(Clients clients, Load load) throws JMSException;

    /** Puts the load on, and cleans up what it left in the broker. Bounded in time. */
    interface Measurement {
        Figures measure() throws JMSException, InterruptedException, ScenarioFailedException;
    }
}
