/** Peers that do not speak AMQP, or mean harm: they are shut out in bounded time, and nobody else notices. */
@NullMarked
package io.sterna.broker.garbage;

import org.jspecify.annotations.NullMarked;
