/**
 * JMH benchmarks of single parts: finding the sections of a message, the AMQP engine in memory, the queue, the journal.
 *
 * <p>They say what a part costs by itself, in time and, with {@code -prof gc}, in bytes allocated. What a broker does
 * under load is another question, for {@link io.sterna.bench.load}.
 */
@NullMarked
package io.sterna.bench.jmh;

import org.jspecify.annotations.NullMarked;
