package io.sterna.amqp;

import java.util.List;
import java.util.Map;

/** What we say in our open besides the limits, which come from the {@link ConnectionSettings}. */
public record OpenTerms(
        List<String> offeredCapabilities, List<String> desiredCapabilities, Map<String, Object> properties) {
    /** Nothing to say. */
    public static final OpenTerms PLAIN = new OpenTerms(List.of(), List.of(), Map.of());
}
