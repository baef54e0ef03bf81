package io.sterna.cluster;

/**
 * What a replica says of itself.
 *
 * @param standing as it is on disk
 * @param end of its log, as far as it is on disk
 */
public record ReplicaReport(int partition, Standing standing, Position end) {}
