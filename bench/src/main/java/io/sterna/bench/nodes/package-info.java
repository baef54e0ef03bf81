/**
 * Clusters of real processes on this machine: how long queues are not served when a node is lost or drained, and how
 * evenly nodes share what there is.
 */
@NullMarked
package io.sterna.bench.nodes;

import org.jspecify.annotations.NullMarked;
