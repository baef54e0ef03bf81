package io.sterna.bench.load;

import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/**
 * What happened between two instants.
 *
 * @param messages how many were finished
 * @param seconds how long it took
 * @param cpuMicros what the broker's process spent, where it is known
 * @param latencyNanos of those messages whose latency was recorded
 */
record Window(long messages, double seconds, OptionalDouble cpuMicros, Histogram latencyNanos) {}
