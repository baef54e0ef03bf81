package io.sterna.broker.partition;

import io.sterna.broker.queue.Acquisition;
import java.util.List;

/**
 * What a consumer holds whose link was suspended.
 *
 * @param unsettled deliveries without an outcome, in the order of their sequences
 * @param enlisted deliveries whose outcome transactions decide; they are none of the above
 * @param sent how many the consumer has had in all, credit given up included
 */
public record HeldDeliveries(List<Delivery> unsettled, List<Acquisition> enlisted, long sent) {
    /** The unsettled messages' bytes. */
    public long bytes() {
        return unsettled.stream().mapToLong(each -> each.message().length()).sum();
    }
}
