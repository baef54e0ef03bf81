/**
 * The partition table in one register that the founders of the cluster keep on their disks: single-decree Paxos over a
 * register whose value may change (CASPaxos), without a leader and without a log (decision 0033).
 *
 * <p>Moving parts: each founder has a {@link io.sterna.cluster.table.Keeper}, which remembers what it has promised and
 * accepted, and each node a {@link io.sterna.cluster.table.Proposer}, which reads and changes the table with a majority of
 * keepers; a keeper whose disk is empty becomes one by {@link io.sterna.cluster.table.Joining}. {@link
 * io.sterna.cluster.table.KeptTable} is all of that on one node: a state machine without IO, owned by one event loop. {@link
 * io.sterna.cluster.table.KeeperFile} is the disk.
 */
@NullMarked
package io.sterna.cluster.table;

import org.jspecify.annotations.NullMarked;
