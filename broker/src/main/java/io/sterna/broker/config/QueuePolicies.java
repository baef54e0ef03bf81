package io.sterna.broker.config;

import java.util.ArrayList;
import java.util.List;

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
     */
    public record Rule(AddressPattern match, boolean deadLetters, QueuePolicy policy) {}

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
            QueuePolicy policy = QueuePolicy.read(section);
            if (deadLetters && policy.limits().overflow() == QueueLimits.Overflow.DEAD_LETTER) {
                throw section.refused("overflow", "dead-letter", "another one: dead letters have none of their own");
            }
            rules.add(new Rule(parsed, deadLetters, deadLetters ? policy.forDeadLetters() : policy));
        }
        return new QueuePolicies(rules);
    }

    /**
     * The policy of a node. A subscription has that of its topic; dead letters have that of a rule that names them, never
     * that of their queue.
     */
    public QueuePolicy of(String address) {
        boolean deadLetters = address.endsWith(DEAD_LETTER_SUFFIX);
        String queue = deadLetters ? address.substring(0, address.length() - DEAD_LETTER_SUFFIX.length()) : address;
        int subscription = queue.indexOf(SUBSCRIPTIONS);
        String named = subscription < 0 ? queue : queue.substring(0, subscription);
        for (Rule rule : rules) {
            if (rule.deadLetters() == deadLetters && rule.match().matches(named)) {
                return rule.policy();
            }
        }
        return deadLetters ? QueuePolicy.OF_DEAD_LETTERS : QueuePolicy.DEFAULT;
    }
}
