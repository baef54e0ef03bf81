package io.sterna.amqp;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the peer said in its open (AMQP 1.0 §2.7.1).
 *
 * @param containerId the peer's name for itself
 * @param hostname the host that it means to talk to
 * @param maxFrameBytes the largest frame that it takes, 512 … 2³²-1
 * @param channelMax the highest channel that it takes
 * @param idleTimeoutMillis how often it wants to hear of us, 0 for no limit
 */
public record RemoteOpen(
        String containerId,
        Optional<String> hostname,
        long maxFrameBytes,
        int channelMax,
        long idleTimeoutMillis,
        List<String> offeredCapabilities,
        List<String> desiredCapabilities,
        Map<String, Object> properties) {}
