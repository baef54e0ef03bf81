package io.sterna.broker.partition;

/** What addresses look like. */
public final class Addresses {
    /** What a queue's dead letters are called, behind the queue's own address. */
    public static final String DEAD_LETTER_SUFFIX = "/$deadletterqueue";

    /** What stands between a topic and the name of a subscription to it. */
    public static final String SUBSCRIPTIONS = "/subscriptions/";

    private static final String TEMPORARY_QUEUE = "temporary-queue/";
    private static final String TEMPORARY_TOPIC = "temporary-topic/";

    /** Of an address, without the suffix for dead letters. */
    public static final int MAX_CHARACTERS = 1024;

    private Addresses() {}

    /** Whether a node could have this address. */
    public static boolean isValid(String address) {
        String ofMessages = isDeadLetterQueue(address)
                ? address.substring(0, address.length() - DEAD_LETTER_SUFFIX.length())
                : address;
        String base = base(address);
        return !base.isBlank()
                && ofMessages.length() <= MAX_CHARACTERS
                && ofMessages.chars().noneMatch(Character::isISOControl)
                && !base.startsWith("$")
                && !isDeadLetterQueue(ofMessages);
    }

    /** How addresses begin that the broker gives to nodes that clients ask it to make. */
    public static String temporaryPrefix(NodeKind kind) {
        return kind == NodeKind.TOPIC ? TEMPORARY_TOPIC : TEMPORARY_QUEUE;
    }

    /** Whether the broker has given this address, or a part of it, to a node that goes by itself. */
    public static boolean isTemporary(String address) {
        return address.startsWith(TEMPORARY_QUEUE) || address.startsWith(TEMPORARY_TOPIC);
    }

    /** Whether only a subscription could have this address. */
    public static boolean isSubscription(String address) {
        return address.contains(SUBSCRIPTIONS) && !isDeadLetterQueue(address);
    }

    /** Whether only dead letters could be at this address. */
    public static boolean isDeadLetterQueue(String address) {
        return address.endsWith(DEAD_LETTER_SUFFIX);
    }

    /**
     * The address that decides where a node lives: subscriptions stay with their topic, dead letters with their queue.
     */
    static String base(String address) {
        int subscription = address.indexOf(SUBSCRIPTIONS);
        if (subscription >= 0) {
            return address.substring(0, subscription);
        }
        return isDeadLetterQueue(address)
                ? address.substring(0, address.length() - DEAD_LETTER_SUFFIX.length())
                : address;
    }

    /**
     * The partition of an address. Part of the format of the data directory: the same for ever.
     *
     * @param partitions how many there are
     */
    static int partition(String address, int partitions) {
        int hash = base(address).hashCode();
        hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
        return Math.floorMod(hash ^ (hash >>> 16), partitions);
    }
}
