package io.sterna.broker.partition;

/** Whose a temporary node is: one connection. Has nothing but its identity. Any thread. */
public final class NodeOwner {}
