/**
 * One broker node: what listens for clients and serves them from the store.
 *
 * <p>{@link io.sterna.broker.Broker} is all that the program around it sees.
 */
@NullMarked
package io.sterna.broker;

import org.jspecify.annotations.NullMarked;
