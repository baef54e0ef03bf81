package io.sterna.broker.config;

import java.util.List;
import java.util.Optional;

/**
 * Where clients connect that speak AMQP over WebSocket; on the same host as all others.
 *
 * @param port empty when there are none; 0 picks a free one
 * @param origins where the web pages come from that may connect, besides those of the same host and port; "*" for all
 */
public record WebSocketConfig(Optional<Integer> port, List<String> origins) {

    static WebSocketConfig read(Section section) throws ConfigException {
        WebSocketConfig config = new WebSocketConfig(
                section.wholeNumberOr("off", "port", 0, 65_535), section.texts("origins", List.of()));
        section.refuseUnknown();
        return config;
    }
}
