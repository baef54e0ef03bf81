/**
 * What operators may ask of a node, whichever way they ask: {@link Manager} lists, shows, creates, purges and deletes queues
 * and topics, moves dead letters back and cancels scheduled messages. Requests and answers are trees of maps, lists, texts,
 * numbers and truth values, which the endpoints (AMQP's {@code $management}, HTTP's {@code /api/v1}) write in their own way.
 * It knows neither sockets nor formats.
 */
@NullMarked
package io.sterna.broker.management;

import org.jspecify.annotations.NullMarked;
