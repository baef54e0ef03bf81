/**
 * What AMQP 1.0 demands of a broker, frame by frame, over a socket. Each test asserts what the text demands and no more: a
 * MUST, or a condition that the text names for the case. Where it leaves a choice (how much is ended, and with which
 * condition), every answer that it allows is right; where it forbids something to a client and does not say what the broker
 * does then, the test asks only that the connection is not dropped without a close frame (§2.4.3). What a broker may leave
 * out and refuses is no failure.
 *
 * <p>Tests tagged {@code deviation} are of what Sterna does otherwise than the text, with reasons that docs/decisions gives. They
 * run where brokers are compared, and nowhere else.
 *
 * <p>Frames are made octet by octet ({@link io.sterna.broker.testing.Wire}) and read with a codec that is not Sterna's. The
 * same tests run against other brokers, see {@code docs/conformance.md}.
 */
@NullMarked
package io.sterna.broker.wire;

import org.jspecify.annotations.NullMarked;
