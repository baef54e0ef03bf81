package io.sterna.amqp.sasl;

/**
 * Whom a client claims to be.
 *
 * @param user the name, prepared
 * @param hash of the password, or a made-up one
 * @param exists whether there is such a user; without it no proof is good enough
 */
record Account(String user, PasswordHash hash, boolean exists) {}
