/**
 * Ties the partitions of this node to the cluster: a {@link io.sterna.cluster.Replica} for each on its event loop, whose log
 * is on this node's store, the partition table on the disks of the founders, and connections to the other nodes.
 *
 * <p>Moving parts: {@link io.sterna.broker.cluster.ClusterNode} starts and stops it all, {@link
 * io.sterna.broker.cluster.LoopReplicas} has the replicas of one loop, and each {@link
 * io.sterna.broker.cluster.SharedPartition} opens and closes its partition as its replica comes to own it or loses it.
 */
@NullMarked
package io.sterna.broker.cluster;

import org.jspecify.annotations.NullMarked;
