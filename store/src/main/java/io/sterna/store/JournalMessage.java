package io.sterna.store;

/** A message as its record in the journal holds it. */
record JournalMessage(byte[] traits, byte[] message) {}
