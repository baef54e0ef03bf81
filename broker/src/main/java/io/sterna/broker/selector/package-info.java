/**
 * Message selectors (Jakarta Messaging 3.1 §3.8): conditions in a subset of SQL-92 over header fields and properties.
 *
 * <p>Moving parts: {@link io.sterna.broker.selector.Selector} is all that others see. The {@code Lexer} and the {@code
 * Parser} make a tree of {@code Expression}s out of a text or say where it is wrong; the {@code Compiler} makes a condition
 * out of the tree, once; that is evaluated against the located sections of each message ({@code Subject}), which are read
 * where they lie and only as far as the condition asks.
 *
 * <p>Whatever a client sends as a selector or as a property, evaluation ends, does not throw, and takes a stack and a time
 * that the limits of {@code Selector} bound. It knows nothing of queues, links or bodies of messages.
 */
@NullMarked
package io.sterna.broker.selector;

import org.jspecify.annotations.NullMarked;
