package io.sterna.amqp;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What one side of a link still holds unsettled of the link's earlier life, by delivery-tag (AMQP 1.0 §2.7.3). */
public final class UnsettledMap {
    private final Map<ByteBuffer, UnsettledDelivery> byTag;

    public UnsettledMap(List<UnsettledDelivery> deliveries) {
        byTag = deliveries.isEmpty() ? Map.of() : new LinkedHashMap<>();
        deliveries.forEach(delivery -> byTag.put(ByteBuffer.wrap(delivery.tag()), delivery));
    }

    /** All of them. */
    public List<UnsettledDelivery> deliveries() {
        return List.copyOf(byTag.values());
    }

    /** The delivery with that tag. */
    public Optional<UnsettledDelivery> find(byte[] tag) {
        return byTag.isEmpty() ? Optional.empty() : Optional.ofNullable(byTag.get(ByteBuffer.wrap(tag)));
    }

    /** Takes the delivery with that tag out: it can't be resumed twice. */
    Optional<UnsettledDelivery> take(byte[] tag) {
        return byTag.isEmpty() ? Optional.empty() : Optional.ofNullable(byTag.remove(ByteBuffer.wrap(tag)));
    }
}
