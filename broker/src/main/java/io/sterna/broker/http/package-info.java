/**
 * What a node tells over HTTP: whether it lives, whether it serves, and its figures for Prometheus.
 *
 * <p>{@link io.sterna.broker.http.HttpEndpoint} answers the few paths on one event loop; {@link
 * io.sterna.broker.http.Metrics} holds the meter registry. Only reading requests without a body are taken, so nobody can
 * make the node buffer anything.
 */
@NullMarked
package io.sterna.broker.http;

import org.jspecify.annotations.NullMarked;
