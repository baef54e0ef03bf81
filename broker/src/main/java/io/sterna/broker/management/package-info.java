/**
 * What operators may ask of a node, whichever way they ask: {@link Manager} lists, shows, creates, changes, purges and
 * deletes queues and topics, moves dead letters back, cancels scheduled messages and renews locks. Requests and answers are trees of maps, lists, texts,
 * numbers and truth values, which the endpoints (AMQP's {@code $management}, HTTP's {@code /api/v1}) write in their own way.
 * It knows neither sockets nor formats.
 */
@NullMarked
package io.sterna.broker.management;

import org.jspecify.annotations.NullMarked;
