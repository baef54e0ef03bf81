/**
 * The broker killed under load, again and again on the same data directory. Producers and consumers note what they were
 * told in a {@link io.sterna.broker.crash.Ledger}, which at the end says whether anything was lost or came back. So do clients of
 * a cluster whose nodes are killed, stopped, paused, restarted and cut off.
 */
@NullMarked
package io.sterna.broker.crash;

import org.jspecify.annotations.NullMarked;
