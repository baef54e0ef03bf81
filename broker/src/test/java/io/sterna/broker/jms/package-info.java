/** What a JMS application sees: Apache Qpid JMS against a running broker, cited by the Jakarta Messaging 3.1 specification. */
@NullMarked
package io.sterna.broker.jms;

import org.jspecify.annotations.NullMarked;
