/**
 * What a node tells over HTTP: whether it lives, whether it serves, and its figures for Prometheus; and management.
 *
 * <p>{@link io.sterna.broker.http.HttpEndpoint} answers the few paths on one event loop; {@link
 * io.sterna.broker.http.Metrics} holds the meter registry. Management ({@code ApiEndpoint}) asks for a user where there are
 * users ({@code Login}). Elsewhere only reading requests without a body are taken, there only small bodies, so nobody can
 * make the node buffer much.
 */
@NullMarked
package io.sterna.broker.http;

import org.jspecify.annotations.NullMarked;
