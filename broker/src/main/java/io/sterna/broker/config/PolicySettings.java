package io.sterna.broker.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Keys of a policy that were given in one place, and their values; it says nothing of the others. A ring is kept as what it
 * is short for.
 */
public final class PolicySettings {
    private static final String PATH = "settings";
    private static final ConfigOrigin NOWHERE = ConfigOriginFactory.newSimple("");

    /** Says nothing. */
    public static final PolicySettings NONE =
            new PolicySettings(ConfigFactory.empty().root());

    private final ConfigObject given;

    private PolicySettings(ConfigObject given) {
        this.given = given;
    }

    /** What a section of a file says, which has been read without a problem. */
    static PolicySettings of(ConfigObject section) {
        ConfigObject given = section;
        if (section.containsKey(QueueLimits.RING)) {
            int ring = section.toConfig().getInt(QueueLimits.RING);
            given = section.withoutKey(QueueLimits.RING);
            if (ring != 0) {
                QueueLimits limits = QueueLimits.ofRing(ring);
                Map<String, Object> meant = new LinkedHashMap<>();
                limits.describe(meant);
                given = ConfigValueFactory.fromMap(meant).withFallback(given);
            }
        }
        return new PolicySettings(given);
    }

    /**
     * Reads values that are texts, numbers or truth values.
     *
     * @throws ConfigException when a key is not known, or does not make sense for the target, or its value is wrong
     */
    static PolicySettings of(Map<String, Object> values, PolicyTarget target) throws ConfigException {
        refuseUnknown(values.keySet(), target);
        ConfigObject given = ConfigFactory.empty().root();
        for (Map.Entry<String, Object> entry : values.entrySet()) {
            Object value = entry.getValue();
            if (!(value instanceof String || value instanceof Number || value instanceof Boolean)) {
                throw new ConfigException(
                        PATH + "." + entry.getKey() + ": allowed is a text, a number, or true or false");
            }
            given = given.withValue(
                    entry.getKey(), ConfigValueFactory.fromAnyRef(value).withOrigin(NOWHERE));
        }
        PolicySettings settings = new PolicySettings(given);
        settings.policy(target);
        return of(given);
    }

    static void refuseUnknown(Collection<String> keys, PolicyTarget target) throws ConfigException {
        for (String key : keys) {
            if (!target.keys().contains(key)) {
                throw new ConfigException(
                        PATH + "." + key + " is not a known key here; known are " + String.join(", ", target.keys()));
            }
        }
    }

    /** What {@link #text} has given. */
    public static PolicySettings parse(String text) {
        return new PolicySettings(ConfigFactory.parseString(text).root());
    }

    /** As JSON. */
    public String text() {
        return given.render(ConfigRenderOptions.concise());
    }

    boolean has(String key) {
        return given.containsKey(key);
    }

    public boolean isEmpty() {
        return given.isEmpty();
    }

    /** These, and for keys of which they say nothing the others. */
    PolicySettings over(PolicySettings others) {
        return new PolicySettings(given.withFallback(others.given));
    }

    PolicySettings without(String key) {
        return new PolicySettings(given.withoutKey(key));
    }

    /** What they come to, with defaults for the rest; refused when they contradict each other. */
    QueuePolicy policy(PolicyTarget target) throws ConfigException {
        return QueuePolicy.read(Section.of(PATH, given), target);
    }
}
