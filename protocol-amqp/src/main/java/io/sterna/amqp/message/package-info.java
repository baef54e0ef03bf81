/**
 * Looks at messages of AMQP's own format (AMQP 1.0 §3.2) without decoding them.
 *
 * <p>Moving parts: {@link io.sterna.amqp.message.MessageSections} finds where each section begins and reads the few
 * fields that a broker acts on; {@link io.sterna.amqp.message.OutgoingMessage} puts a message on its way again, with a
 * new header and annotations in front of the very bytes that came; {@link io.sterna.amqp.message.AnnotationMap} builds
 * and merges annotations in their encoded form.
 *
 * <p>It never touches the bare message, whose encoding an intermediary must not change. Messages of other formats are
 * not for this package: they pass through untouched.
 */
@NullMarked
package io.sterna.amqp.message;

import org.jspecify.annotations.NullMarked;
