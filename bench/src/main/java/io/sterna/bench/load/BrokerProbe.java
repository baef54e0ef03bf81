package io.sterna.bench.load;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/** What can be seen of a broker from outside its protocol. Empty where its process is not known or not readable. */
interface BrokerProbe {

    /** A broker of which only the address is known. */
    BrokerProbe NONE = sum(List.of());

    /** Several processes that are one broker: the sums of what is known of them. */
    static BrokerProbe sum(List<? extends BrokerProbe> parts) {
        return new BrokerProbe() {
            @Override
            public OptionalDouble cpuMicros() {
                return sum(BrokerProbe::cpuMicros);
            }

            @Override
            public OptionalDouble rssKib() {
                return sum(BrokerProbe::rssKib);
            }

            @Override
            public OptionalDouble liveHeapKib() {
                return sum(BrokerProbe::liveHeapKib);
            }

            private OptionalDouble sum(Function<BrokerProbe, OptionalDouble> figure) {
                return parts.stream()
                        .map(figure)
                        .filter(OptionalDouble::isPresent)
                        .mapToDouble(OptionalDouble::getAsDouble)
                        .reduce(Double::sum);
            }
        };
    }

    /** User and system time spent so far, in steps of the kernel's clock tick (10 ms). */
    OptionalDouble cpuMicros();

    /** Memory resident now. */
    OptionalDouble rssKib();

    /** What is left on the Java heap after a full collection, which this call asks for. Takes up to seconds. */
    OptionalDouble liveHeapKib();
}
