/**
 * The queue: who gets which message, and what becomes of it, as a state machine without IO, threads or clocks.
 *
 * <p>Moving parts: a {@link io.sterna.broker.queue.Queue} takes commands as method calls. What has to happen outside
 * (records to store, payloads to load, messages to dead letters) goes to its {@link
 * io.sterna.broker.queue.QueueEffects}, and what a consumer has to be told to its {@link
 * io.sterna.broker.queue.Receiver}; both are called before the command returns, and must not call back. A message is
 * handed to the queue only once it is committed, so that whatever the queue knows may be delivered.
 *
 * <p>Inside, a message is <em>fresh</em> (never delivered, in the order of sequences), <em>returned</em>,
 * <em>scheduled</em> (held back until its time) or <em>acquired</em> by a consumer. Fresh and returned ones are the
 * {@link io.sterna.broker.queue.Backlog}: a lane for each priority, in which cursors look for what is next. Consumers
 * that may have every message share a cursor; one with a filter, or one to which a message is not to come back, has its
 * own, so that its search takes a bounded piece of each turn and holds up nobody. Of a message group only the first
 * message is open to cursors, and only while nobody owns the group. What happens by itself, to scheduled messages,
 * expired ones and locks, is on one agenda, whose next time the shell is told. Whether its payload is in memory is
 * another matter: payloads that are elsewhere, too, can be let go and are asked for again before they are needed
 * ({@code Payloads}, {@link io.sterna.broker.queue.Loading}), and others can be written elsewhere first ({@link
 * io.sterna.broker.queue.Spilling}). Fresh messages without a payload of which there is nothing else to say are not
 * even objects, but where somebody looks ({@code Fresh}, {@code Stretch}).
 *
 * <p>Who does what: {@code Membership} lets consumers come and go, {@code Dispatcher} decides who is next and what it
 * gets, {@code Verdicts} what an outcome means, {@code Lifecycle} how messages enter, wait, expire and leave, {@code
 * Loads} which payloads to read ahead. {@code QueueParts} puts them together.
 *
 * <p>It refuses to know AMQP's encoding, links and sessions, the store, and other queues. Time comes in as a clock;
 * what becomes of messages that leave for another reason than having been processed is for the partition around it.
 */
@NullMarked
package io.sterna.broker.queue;

import org.jspecify.annotations.NullMarked;
