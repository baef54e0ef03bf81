package io.sterna.broker.partition;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sterna.broker.config.ConfigException;
import io.sterna.broker.config.PolicyChange;
import io.sterna.broker.config.PolicySettings;
import io.sterna.broker.config.PolicyTarget;
import io.sterna.broker.config.QueuePolicies;
import io.sterna.broker.config.QueuePolicy;
import java.nio.ByteBuffer;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a node treats its messages: its own settings, as management has given them, above those of the configuration. In
 * the store a node has its own ones, if any:
 *
 * <pre>
 * +---+---------
 * | 1 | JSON …
 * +---+---------
 * </pre>
 *
 * <p>Owned by the partition's loop; until it starts by the thread that recovers it.
 */
final class NodeSettings {
    private static final Logger log = LoggerFactory.getLogger(NodeSettings.class);
    private static final byte VERSION = 1;

    private final QueuePolicies policies;
    private final String address;
    private final PolicyTarget target;

    /** As they were appended last, so that the next change begins with them. */
    private PolicySettings own;

    // Loop writes, any thread reads.
    private volatile QueuePolicy policy;

    private NodeSettings(QueuePolicies policies, String address, PolicyTarget target, PolicySettings own) {
        this.policies = policies;
        this.address = address;
        this.target = target;
        this.own = own;
        policy = policies.of(address);
    }

    /** Of a node that is made, with settings that are known to be acceptable. */
    static NodeSettings of(QueuePolicies policies, String address, NodeKind kind, PolicySettings own) {
        NodeSettings settings = new NodeSettings(policies, address, kind.policyTarget(address), own);
        settings.policy = settings.acceptable(own);
        return settings;
    }

    /** The configuration may have changed since, so that both contradict each other; then it does not count here. */
    private QueuePolicy acceptable(PolicySettings settings) {
        try {
            return policies.of(address, settings);
        } catch (ConfigException contradiction) {
            log.warn(
                    "{}: its own settings contradict the configuration, of which nothing counts for it: {}",
                    address,
                    contradiction.getMessage());
            try {
                return QueuePolicies.NONE.of(address, settings);
            } catch (ConfigException neverAlone) {
                throw new IllegalStateException(neverAlone);
            }
        }
    }

    /** The policy in force. Any thread. */
    QueuePolicy policy() {
        return policy;
    }

    /** Whether it has settings of its own, or has had some. */
    boolean changed() {
        return !own.isEmpty() || !policy.equals(policies.of(address));
    }

    /** What a change would make of the policy; throws when that can't be. */
    QueuePolicy preview(PolicyChange change) throws ConfigException {
        return policies.of(address, change.appliedTo(own));
    }

    /** A change has been appended. */
    void onAppended(PolicyChange change) {
        own = change.appliedTo(own);
    }

    /** A policy is in force from now on. */
    void inForce(QueuePolicy changed) {
        policy = changed;
    }

    /** A subscription has what its topic has. */
    void inForceAsOf(NodeSettings topic) {
        own = topic.own;
        policy = topic.policy;
    }

    /** Adds what operators see: values, and where they come from. */
    void describe(Map<String, Object> attributes) {
        attributes.putAll(policies.values(policy, target));
        attributes.put("settings-from", policies.sources(address, own, target));
    }

    byte[] encoded() {
        return encoded(own);
    }

    static byte[] encoded(PolicySettings own) {
        if (own.isEmpty()) {
            return Partition.NONE;
        }
        byte[] text = own.text().getBytes(UTF_8);
        return ByteBuffer.allocate(1 + text.length).put(VERSION).put(text).array();
    }

    static PolicySettings decode(String address, byte[] encoded) {
        if (encoded.length == 0) {
            return PolicySettings.NONE;
        }
        if (encoded[0] != VERSION) {
            throw new IllegalStateException(address + " has settings in the unknown version " + encoded[0]);
        }
        return PolicySettings.parse(new String(encoded, 1, encoded.length - 1, UTF_8));
    }
}
