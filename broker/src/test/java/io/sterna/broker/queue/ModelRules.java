package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Who may have which message, by a look at all of them. */
final class ModelRules {

    static final class Message {
        final long sequence;
        final boolean durable;
        final int sizeBytes;
        final MessageTraits traits;
        boolean resident;
        boolean lost;
        boolean spilled;
        boolean coming;
        int deliveryCount;
        String annotations = "";
        Optional<Party> holder = Optional.empty();
        final Set<Party> excluded = new HashSet<>();

        Message(long sequence, boolean durable, int sizeBytes, MessageTraits traits, boolean resident) {
            this.sequence = sequence;
            this.durable = durable;
            this.sizeBytes = sizeBytes;
            this.traits = traits;
            this.resident = resident;
        }

        boolean backed() {
            return durable || spilled;
        }

        boolean waits() {
            return holder.isEmpty();
        }

        boolean comesBefore(Message other) {
            return ORDER.compare(this, other) < 0;
        }
    }

    /** A consumer as far as the choice of messages goes. */
    static class Party {
        final ConsumerOptions options;

        /** Of so many messages it wants one; 1 for every one. */
        final int modulus;

        long limit;
        long sent;

        /** Once there was a message that it may not have, what it keeps of its groups is not foretold. */
        boolean special;

        Party(ConsumerOptions options, int modulus) {
            this.options = options;
            this.modulus = modulus;
            special = modulus > 1;
        }

        long credit() {
            return Math.max(0, limit - sent);
        }

        boolean wants(Message message) {
            return message.sequence % modulus == 0;
        }

        boolean mayHave(Message message) {
            return wants(message) && !message.excluded.contains(this);
        }

        boolean browses() {
            return options.browse();
        }
    }

    static final Comparator<Message> ORDER = Comparator.comparing((Message message) -> -message.traits.priority())
            .thenComparing(message -> message.sequence);

    final TreeMap<Long, Message> messages = new TreeMap<>();
    final List<Party> parties = new ArrayList<>();
    final Map<String, Party> owners = new HashMap<>();
    private Optional<Party> exclusive = Optional.empty();

    void add(Party party) {
        parties.add(party);
        review();
    }

    void remove(Party party) {
        parties.remove(party);
        exclusive = exclusive.filter(it -> it != party);
        review();
    }

    private void review() {
        if (exclusive.isEmpty()) {
            exclusive = parties.stream()
                    .filter(it -> it.options.exclusive() && !it.browses())
                    .reduce((one, other) -> other.options.priority() > one.options.priority() ? other : one);
        }
    }

    /** Who does not take part loses the groups of which it holds nothing. */
    void afterCommand() {
        owners.entrySet()
                .removeIf(
                        it -> !takesPart(it.getValue()) && !holder(it.getKey()).equals(Optional.of(it.getValue())));
    }

    boolean takesPart(Party party) {
        return parties.contains(party)
                && !party.browses()
                && exclusive.map(it -> it == party).orElse(true);
    }

    List<Message> waiting() {
        return messages.values().stream().filter(Message::waits).sorted(ORDER).toList();
    }

    private Optional<Party> holder(String group) {
        return messages.values().stream()
                .filter(it -> !it.waits() && it.traits.groupId().equals(group))
                .findFirst()
                .flatMap(it -> it.holder);
    }

    private boolean isNextOfItsGroup(Message message) {
        return waiting().stream()
                .filter(it -> it.traits.groupId().equals(message.traits.groupId()))
                .filter(it -> parties.stream().anyMatch(party -> takesPart(party) && party.mayHave(it)))
                .findFirst()
                .filter(it -> it == message)
                .isPresent();
    }

    /** Whether a message is for a party, as far as that is certain. */
    boolean surelyFor(Party party, Message message) {
        return maybeFor(party, message) && (notGrouped(message) || holds(party, message) || isFree(party, message));
    }

    /** Whether a party could have a message. */
    boolean maybeFor(Party party, Message message) {
        if (!message.waits() || !takesPart(party) || !party.mayHave(message)) {
            return false;
        }
        if (notGrouped(message)) {
            return true;
        }
        Optional<Party> holder = holder(message.traits.groupId());
        return isNextOfItsGroup(message)
                && holder.map(it -> it == party).orElse(true)
                && (isFree(party, message) || owners.get(message.traits.groupId()).special);
    }

    private static boolean notGrouped(Message message) {
        return message.traits.groupId().isEmpty();
    }

    private boolean holds(Party party, Message message) {
        return holder(message.traits.groupId()).equals(Optional.of(party));
    }

    private boolean isFree(Party party, Message message) {
        Party owner = owners.get(message.traits.groupId());
        return owner == null || owner == party || !takesPart(owner) || !owner.mayHave(message);
    }

    Optional<Message> firstFor(Party party) {
        return waiting().stream().filter(it -> surelyFor(party, it)).findFirst();
    }

    /** Whether a party may have to wait for a payload, to see who wants the message. */
    boolean mustRead(Party party, Message message) {
        boolean excluded = message.excluded.contains(party);
        return message.waits() && !message.resident && (!excluded || !notGrouped(message));
    }
}
