/**
 * Brokers for tests that talk to one through its socket: inside the test's own process, as a process of its own that
 * can be killed, or one that already runs somewhere (system property {@code sterna.test.url}), which is how the tests
 * themselves are checked against another broker.
 */
@NullMarked
package io.sterna.broker.testing;

import org.jspecify.annotations.NullMarked;
