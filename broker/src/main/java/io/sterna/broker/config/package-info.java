/**
 * What a node runs with: a tree of small validated records, one for each part of the configuration.
 *
 * <p>Moving parts: {@link io.sterna.broker.config.ConfigSources} names where settings come from and puts them in their
 * order; a section reads one subtree, checks every value and refuses what it does not know; each record names its keys,
 * their defaults and their limits in one place, its {@code read} method.
 *
 * <p>It refuses to guess: an unknown key, a wrong type or a value out of range is one {@link
 * io.sterna.broker.config.ConfigException} that names the key, what was found and what is allowed. It opens no
 * sockets and touches no data.
 */
@NullMarked
package io.sterna.broker.config;

import org.jspecify.annotations.NullMarked;
