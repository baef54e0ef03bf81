package io.sterna.broker.partition;

import io.sterna.broker.partition.InboundMemory.Client;
import io.sterna.broker.partition.InboundMemory.Part;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The parts of deliveries that the clients on a loop have sent, and which of them is to go. Owned by the loop. */
final class InboundParts {
    private final Map<Part, Entry> entries = new HashMap<>(0);
    private final Map<Client, Account> accounts = new LinkedHashMap<>(0);
    private long begun;
    private long bytes;

    /** Not known when the one that was it has gone: it is looked for when it is needed. */
    private Optional<Entry> largest = Optional.empty();

    private static final class Entry {
        private final Part part;
        private final Account account;
        private final long number;
        private long bytes;

        Entry(Part part, Account account, long number) {
            this.part = part;
            this.account = account;
            this.number = number;
        }

        long bytes() {
            return bytes;
        }
    }

    /** One client's parts in the order in which they began. */
    private static final class Account {
        private final TreeMap<Long, Entry> parts = new TreeMap<>();
        private long bytes;

        /** What it has besides the one part that everybody may have. */
        long bytesBesidesOldest() {
            return bytes - parts.firstEntry().getValue().bytes;
        }

        long youngest() {
            return parts.lastKey();
        }
    }

    /** A part takes so many bytes now; 0 when it has ended. Returns how many more these are. */
    long set(Part part, long newBytes) {
        Entry entry = entries.get(part);
        if (entry == null) {
            return newBytes == 0 ? 0 : begin(part, newBytes);
        }
        long more = newBytes - entry.bytes;
        Account account = entry.account;
        account.bytes += more;
        bytes += more;
        entry.bytes = newBytes;
        if (newBytes == 0) {
            entries.remove(part);
            account.parts.remove(entry.number);
            if (account.parts.isEmpty()) {
                accounts.remove(part.client());
            }
            largest = largest.filter(its -> its != entry);
        } else if (largest.filter(its -> its.bytes < newBytes).isPresent()) {
            largest = Optional.of(entry);
        }
        return more;
    }

    private long begin(Part part, long newBytes) {
        begun++;
        Account account = accounts.computeIfAbsent(part.client(), client -> new Account());
        Entry entry = new Entry(part, account, begun);
        entries.put(part, entry);
        account.parts.put(begun, entry);
        return set(part, newBytes);
    }

    long bytes() {
        return bytes;
    }

    long bytesOf(Client client) {
        Account account = accounts.get(client);
        return account == null ? 0 : account.bytes;
    }

    /** What all take together but for the largest one. */
    long bytesBesidesLargest() {
        if (largest.isEmpty()) {
            largest = entries.values().stream().max(Comparator.comparingLong(Entry::bytes));
        }
        return bytes - largest.map(Entry::bytes).orElse(0L);
    }

    /**
     * The part that goes when there are too many: of the client that has most besides its oldest one, or of all when
     * each has one only, the one that began last. That is never the oldest of all: somebody always comes to an end.
     * Called when there are two at least.
     */
    Part next() {
        return accounts.values().stream()
                .max(Comparator.comparingLong(Account::bytesBesidesOldest).thenComparingLong(Account::youngest))
                .orElseThrow()
                .parts
                .lastEntry()
                .getValue()
                .part;
    }
}
