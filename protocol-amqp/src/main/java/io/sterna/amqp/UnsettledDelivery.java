package io.sterna.amqp;

import java.util.Optional;

/**
 * An entry of an attach's unsettled map (AMQP 1.0 §2.7.3).
 *
 * @param tag the delivery-tag
 * @param state its state where it is held, if it has one
 */
public record UnsettledDelivery(byte[] tag, Optional<DeliveryState> state) {}
