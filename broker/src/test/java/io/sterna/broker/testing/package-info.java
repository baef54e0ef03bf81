/**
 * Brokers for tests that talk to one through its socket: inside the test's own process, as a process of its own that
 * can be killed; or another broker, by its name (system property {@code sterna.test.peer}) or as one that already runs
 * somewhere ({@code sterna.test.url}), which is how the tests
 * themselves are checked.
 */
@NullMarked
package io.sterna.broker.testing;

import org.jspecify.annotations.NullMarked;
