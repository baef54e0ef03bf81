/** Measures how long queues of a cluster are not served when their owner is lost. */
@NullMarked
package io.sterna.bench.failover;

import org.jspecify.annotations.NullMarked;
