package io.sterna.bench.load;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What a quiet broker took at one time. What could not be read is not there. */
record Sample(Map<Quantity, Double> values) {

    Sample {
        values = Collections.unmodifiableMap(new EnumMap<>(values));
    }

    String toText() {
        return values.entrySet().stream()
                .map(entry -> entry.getKey().label() + " " + entry.getKey().format(entry.getValue()))
                .collect(Collectors.joining(", "));
    }
}
