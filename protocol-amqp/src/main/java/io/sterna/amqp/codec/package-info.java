/**
 * Reads and writes AMQP 1.0 encoded values in byte arrays, without building objects for them.
 *
 * <p>Moving parts: {@link io.sterna.amqp.codec.AmqpValues} checks, skips and reads values in place;
 * {@link io.sterna.amqp.codec.AmqpWriter} appends them to a growing array. {@link io.sterna.amqp.codec.DecodeException}
 * says what is wrong with a peer's bytes, and where.
 *
 * <p>It stands in front of the decoder that builds objects: whatever passes
 * {@link io.sterna.amqp.codec.AmqpValues#validate} is bounded in depth and truthful about its sizes and counts. It
 * knows no performative and no section: which fields must be there is for the callers to say.
 */
@NullMarked
package io.sterna.amqp.codec;

import org.jspecify.annotations.NullMarked;
