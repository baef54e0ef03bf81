package io.sterna.bench.load;

/** What the broker holds on to after all that went before, once it is quiet. Sends nothing. */
record Memory(String name) implements Scenario {

    @Override
    public String about() {
        return "no load: memory of the broker after the scenarios before, and its live heap";
    }

    @Override
    public Measurement prepare(Clients clients, Load load) {
        return () -> {
            try (Crew idle = new Crew()) {
                idle.awaitFailure(load.time());
            }
            BrokerProbe probe = clients.target().probe();
            Figures figures = new Figures().put(Figure.RSS_MIB, Runner.mib(probe.rssKib()));
            // The collection that this asks for comes after the resident size was read: it may give memory back.
            return figures.put(Figure.LIVE_HEAP_MIB, Runner.mib(probe.liveHeapKib()));
        };
    }
}
