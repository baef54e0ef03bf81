package io.sterna.broker.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Policies by address; the first that matches is the one that counts.
 *
 * @param rules in the order in which they are tried
 */
public record QueuePolicies(List<Rule> rules) {
    private static final String DEAD_LETTER_SUFFIX = "/$deadletterqueue";
    private static final String SUBSCRIPTIONS = "/subscriptions/";

    /** Of queues that all have {@link QueuePolicy#DEFAULT}. */
    public static final QueuePolicies NONE = new QueuePolicies(List.of());

    /**
     * One policy and whom it is for.
     *
     * @param match addresses of queues, or of topics for their subscriptions
     * @param deadLetters whether it is for the dead letters of those queues instead
     * @param settings what it says
     * @param policy what that comes to
     */
    public record Rule(AddressPattern match, boolean deadLetters, PolicySettings settings, QueuePolicy policy) {}

    public QueuePolicies {
        rules = List.copyOf(rules);
    }

    static QueuePolicies read(Section queues) throws ConfigException {
        List<Rule> rules = new ArrayList<>();
        for (Section section : queues.children("policies")) {
            String match = section.text("match", "");
            boolean deadLetters = match.endsWith(DEAD_LETTER_SUFFIX);
            String pattern = deadLetters ? match.substring(0, match.length() - DEAD_LETTER_SUFFIX.length()) : match;
            AddressPattern parsed = AddressPattern.parse(pattern)
                    .orElseThrow(() -> section.refused("match", match, AddressPattern.SYNTAX));
            PolicyTarget target = deadLetters ? PolicyTarget.DEAD_LETTERS : PolicyTarget.QUEUE;
            QueuePolicy policy = QueuePolicy.read(section, target);
            PolicySettings settings = PolicySettings.of(section.object().withoutKey("match"));
            rules.add(new Rule(parsed, deadLetters, settings, policy));
        }
        return new QueuePolicies(rules);
    }

    /**
     * The policy of a node. A subscription has that of its topic; dead letters have that of a rule that names them, never
     * that of their queue.
     */
    public QueuePolicy of(String address) {
        return rule(address)
                .map(Rule::policy)
                .orElseGet(() -> isOfDeadLetters(address) ? QueuePolicy.OF_DEAD_LETTERS : QueuePolicy.DEFAULT);
    }

    /**
     * As {@link #of(String)}, of a node that has settings of its own, which count before those of the configuration.
     *
     * @throws ConfigException when these contradict each other
     */
    public QueuePolicy of(String address, PolicySettings own) throws ConfigException {
        return own.isEmpty() ? of(address) : own.over(configured(address)).policy(target(address));
    }

    /** The value of each key that a node has, as they come to. */
    public Map<String, Object> values(QueuePolicy policy, PolicyTarget target) {
        Map<String, Object> values = policy.describe();
        values.keySet().retainAll(target.keys());
        return values;
    }

    /** Where the value of each key that a node has comes from: {@code management}, {@code configuration}, {@code default}. */
    public Map<String, Object> sources(String address, PolicySettings own, PolicyTarget target) {
        PolicySettings configured = configured(address);
        Map<String, Object> sources = new LinkedHashMap<>();
        for (String key : target.keys()) {
            if (!key.equals(QueueLimits.RING)) {
                sources.put(key, own.has(key) ? "management" : configured.has(key) ? "configuration" : "default");
            }
        }
        return sources;
    }

    private PolicySettings configured(String address) {
        return rule(address).map(Rule::settings).orElse(PolicySettings.NONE);
    }

    private static PolicyTarget target(String address) {
        return isOfDeadLetters(address) ? PolicyTarget.DEAD_LETTERS : PolicyTarget.QUEUE;
    }

    private static boolean isOfDeadLetters(String address) {
        return address.endsWith(DEAD_LETTER_SUFFIX);
    }

    private Optional<Rule> rule(String address) {
        boolean deadLetters = isOfDeadLetters(address);
        String queue = deadLetters ? address.substring(0, address.length() - DEAD_LETTER_SUFFIX.length()) : address;
        int subscription = queue.indexOf(SUBSCRIPTIONS);
        String named = subscription < 0 ? queue : queue.substring(0, subscription);
        for (Rule rule : rules) {
            if (rule.deadLetters() == deadLetters && rule.match().matches(named)) {
                return Optional.of(rule);
            }
        }
        return Optional.empty();
    }
}
