package io.sterna.bench.load;

import java.util.OptionalDouble;

/** What can be seen of a broker from outside its protocol. Empty where its process is not known or not readable. */
interface BrokerProbe {

    /** A broker of which only the address is known. */
    BrokerProbe NONE = new BrokerProbe() {
        @Override
        public OptionalDouble cpuMicros() {
            return OptionalDouble.empty();
        }

        @Override
        public OptionalDouble rssKib() {
            return OptionalDouble.empty();
        }

        @Override
        public OptionalDouble liveHeapKib() {
            return OptionalDouble.empty();
        }
    };

    /** User and system time spent so far, in steps of the kernel's clock tick (10 ms). */
    OptionalDouble cpuMicros();

    /** Memory resident now. */
    OptionalDouble rssKib();

    /** What is left on the Java heap after a full collection, which this call asks for. Takes up to seconds. */
    OptionalDouble liveHeapKib();
}
