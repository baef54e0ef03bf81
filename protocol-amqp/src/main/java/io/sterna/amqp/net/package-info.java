/**
 * Ties the AMQP engine to Vert.x sockets: bytes in, bytes out, close, tick, and nothing else.
 *
 * <p>Moving parts: an {@link io.sterna.amqp.net.AmqpLoop} for each event loop holds what its connections share and
 * flushes those that have something to say, once a turn; a socket adapter for each connection; a binding between both,
 * which takes AMQP off the socket as it is, or out of a WebSocket's messages.
 *
 * <p>It refuses to know what AMQP means.
 */
@NullMarked
package io.sterna.amqp.net;

import org.jspecify.annotations.NullMarked;
