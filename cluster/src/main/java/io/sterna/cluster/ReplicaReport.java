package io.sterna.cluster;

/**
 * What a replica says of itself.
 *
 * @param disk the data directory that it is in
 * @param standing as it is on disk
 * @param end of its log, as far as it is on disk
 * @param failed it takes part in nothing until its process starts anew
 */
public record ReplicaReport(int partition, long disk, Standing standing, Position end, boolean failed) {

    /** Whether it may be, or become, the owner: its content is as its log says, and it can write. */
    boolean isFit() {
        return !failed && standing.whole();
    }
}
