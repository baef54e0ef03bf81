/**
 * A replica's log on the store of its node. {@link io.sterna.cluster.log.StoreReplicaLog} writes on the lane of the
 * partition's loop and asks the store what it holds; {@link io.sterna.cluster.log.DifferenceTelling} tells one candidate, part
 * by part, how it differs, as decision 0024 says. Nothing here waits: answers of the store are handed over to the loop.
 *
 * <p>Records are not kept here once they are in the store. So after a start the log begins where it ends, and who lacks more
 * catches up by difference.
 */
@NullMarked
package io.sterna.cluster.log;

import org.jspecify.annotations.NullMarked;
