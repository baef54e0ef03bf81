package io.sterna.broker.partition;

/** What addresses look like. */
public final class Addresses {
    /** What a queue's dead letters are called, behind the queue's own address. */
    public static final String DEAD_LETTER_SUFFIX = "/$deadletterqueue";

    private static final int MAX_CHARACTERS = 1024;

    private Addresses() {}

    /** Whether a node could have this address. */
    public static boolean isValid(String address) {
        String base = base(address);
        return !base.isBlank()
                && base.length() <= MAX_CHARACTERS
                && base.chars().noneMatch(Character::isISOControl)
                && !base.startsWith("$")
                && !isDeadLetterQueue(base);
    }

    static boolean isDeadLetterQueue(String address) {
        return address.endsWith(DEAD_LETTER_SUFFIX);
    }

    /** The address that decides where a node lives: dead letters stay with their queue. */
    static String base(String address) {
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
