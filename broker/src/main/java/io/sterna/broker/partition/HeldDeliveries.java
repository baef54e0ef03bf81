package io.sterna.broker.partition;

import java.util.List;

/**
 * What a consumer holds whose link was suspended.
 *
 * @param unsettled deliveries without an outcome, in the order of their sequences
 * @param sent how many the consumer has had in all, credit given up included
 */
public record HeldDeliveries(List<Delivery> unsettled, long sent) {
    /** The messages' bytes. */
    public long bytes() {
        return unsettled.stream().mapToLong(each -> each.message().length()).sum();
    }
}
