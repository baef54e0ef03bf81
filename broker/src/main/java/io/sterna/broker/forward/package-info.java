/**
 * Links of clients to addresses that another node owns: each is carried over a link of the same name to the owner, with
 * credit and settlement end to end, so that any node serves any client.
 *
 * <p>Moving parts: a {@link io.sterna.broker.forward.Routing} says who owns an address. A
 * {@link io.sterna.broker.forward.Forwarding} for each client's connection has one {@code Mirror} for each node that owns
 * something the client uses: a connection to it that says what the client would say if it were connected there. All of them
 * belong to the loop of the client's connection.
 *
 * <p>It refuses to decide anything about messages and links: the owner does. It never forwards what was forwarded to this
 * node.
 */
@NullMarked
package io.sterna.broker.forward;

import org.jspecify.annotations.NullMarked;
