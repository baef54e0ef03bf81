package io.sterna.cluster.table;

import io.sterna.cluster.TableContent;

/** What a {@link KeptTable} does. All of it returns at once. */
public interface TablePorts {
    /** A number that rises with time. */
    long nowMillis();

    /** Any number, by chance. */
    long random();

    /** To another node, if it can be reached. */
    void send(String node, TableMessage message);

    /** To all other nodes that can be reached. */
    void sendAll(TableMessage message);

    /** Puts a keeper's state on the disk, in place of the former one; then calls {@link KeptTable#onWritten}. One at a time. */
    void write(KeeperState state);

    /** What the table holds: after each request that reached it, and at least each second while it can be reached. */
    void onTable(TableContent content);
}
