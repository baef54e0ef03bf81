/**
 * The load generator: it drives any AMQP 1.0 broker through Apache Qpid JMS and says what came of it.
 *
 * <p>A {@link io.sterna.bench.load.Scenario} opens its connections and links on a queue of its own, which tells whether
 * the broker can do it at all, then loads the broker for a warm-up and for a measured window, and empties its queue. A
 * {@link io.sterna.bench.load.Meter} counts what happened in the window, while
 * {@link io.sterna.bench.load.BrokerProcess} reads what the broker's process spent on it. What comes out is a
 * {@link io.sterna.bench.load.Result}: one line of JSON, which {@link io.sterna.bench.load.Table} compares with those of
 * other brokers and other rounds.
 *
 * <p>The generator does not start brokers; the script {@code bench/compare} does. Every wait has a limit, every
 * quantity of messages too: a broker that stalls costs a scenario, never the run.
 *
 * <p>The {@link io.sterna.bench.load.Soak} is the other program here. It starts Sterna itself ({@link
 * io.sterna.bench.load.SoakBroker}), restarts it under load again and again ({@link io.sterna.bench.load.Outages}),
 * keeps account of every message ({@link io.sterna.bench.load.Ledger} of what was sent, {@link
 * io.sterna.bench.load.Receipts} of what came), and says at the end whether something was lost or has grown
 * ({@link io.sterna.bench.load.SoakVerdict}).
 */
@NullMarked
package io.sterna.bench.load;

import org.jspecify.annotations.NullMarked;
