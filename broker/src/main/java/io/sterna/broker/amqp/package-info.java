/**
 * What the broker says to its clients over AMQP: which connections, links and termini it grants, and how deliveries travel
 * between links and queues.
 *
 * <p>Moving parts: a {@link io.sterna.broker.amqp.ClientConnection} for each connection, a
 * {@link io.sterna.broker.amqp.ProducerLink} or {@link io.sterna.broker.amqp.ConsumerLink} for each link. All of them belong
 * to the connection's loop; queues belong to others, and what goes between goes through the loops' mailboxes.
 *
 * <p>It refuses to decide what a queue does with a message.
 */
@NullMarked
package io.sterna.broker.amqp;

import org.jspecify.annotations.NullMarked;
