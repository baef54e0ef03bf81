/**
 * SASL mechanisms (RFC 4422) for both sides of an AMQP connection: ANONYMOUS, PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512.
 *
 * <p>Moving parts: a {@link io.sterna.amqp.sasl.SaslAuthenticator} says what a server offers and begins a
 * {@link io.sterna.amqp.sasl.SaslExchange} for each client; {@link io.sterna.amqp.sasl.UserAuthenticator} is the one
 * that knows users by their {@link io.sterna.amqp.sasl.PasswordHash}. {@link io.sterna.amqp.sasl.SaslClientMechanism}
 * is the client's side.
 *
 * <p>It deals in the mechanisms' messages only. Frames, time-outs and closing the socket after a failure are the
 * engine's.
 */
@NullMarked
package io.sterna.amqp.sasl;

import org.jspecify.annotations.NullMarked;
