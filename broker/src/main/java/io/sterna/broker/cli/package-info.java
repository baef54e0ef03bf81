/**
 * The program around a broker: its commands, its life from start to signal, and its words to the operator.
 *
 * <p>{@link io.sterna.broker.cli.Main} parses the command line; a node opens the store, then listens for HTTP and AMQP, and
 * takes both down in the opposite order. What an operator got wrong is one line on standard error and an exit code,
 * never a stack trace; a stack trace means that the program is wrong.
 */
@NullMarked
package io.sterna.broker.cli;

import org.jspecify.annotations.NullMarked;
