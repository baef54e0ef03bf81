/**
 * AMQP 1.0, both roles, without IO: bytes and a time in, events and bytes out.
 *
 * <p>Moving parts: a {@link io.sterna.amqp.Connection} takes what the socket read and holds what is to be written;
 * {@link io.sterna.amqp.Session}s keep the transfer windows, {@link io.sterna.amqp.SenderLink}s and
 * {@link io.sterna.amqp.ReceiverLink}s the link credit, deliveries their settlement. The application hears of the peer
 * through {@link io.sterna.amqp.ConnectionHandler}, {@link io.sterna.amqp.SenderHandler} and
 * {@link io.sterna.amqp.ReceiverHandler} and answers by calling methods of the object it was told of, at once or later.
 *
 * <p>Everything here belongs to one event loop, the one that feeds the connection. What the peer does wrong is answered
 * here with the condition and at the scope that the specification gives; what the application does wrong is an
 * {@link java.lang.IllegalStateException}.
 *
 * <p>It refuses to know queues, to decode messages, to read a clock and to touch a socket.
 */
@NullMarked
package io.sterna.amqp;

import org.jspecify.annotations.NullMarked;
