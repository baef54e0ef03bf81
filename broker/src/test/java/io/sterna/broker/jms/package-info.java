/**
 * What a JMS application sees: Apache Qpid JMS against a running broker. Sections are those of Jakarta Messaging 3.1.
 */
@NullMarked
package io.sterna.broker.jms;

import org.jspecify.annotations.NullMarked;
