/** AMQP 1.0 clients of other code bases than our own and Qpid JMS's, against a running broker. */
@NullMarked
package io.sterna.broker.interop;

import org.jspecify.annotations.NullMarked;
