package io.sterna.broker.amqp;

import io.sterna.amqp.Terminus;
import io.sterna.broker.config.SuspendedLinksConfig;
import io.sterna.broker.partition.Alarms;
import io.sterna.broker.partition.Loop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The links of all clients by their names, and what is left of those that are suspended (AMQP 1.0 §2.6.1, §2.6.13). Each
 * loop owns a part of the names; methods may be called on any thread, and take effect there in the order in which one loop
 * has called them.
 *
 * <p>A name has one link at a time. One that is attached while another has its name waits until the other has let go. What
 * suspended links hold is bounded in number, bytes and time; beyond that the ones suspended first expire.
 */
public final class LinkRegistry {
    private final List<Shard> shards = new ArrayList<>();

    public LinkRegistry(List<Loop> loops, SuspendedLinksConfig limits) {
        int maxLinks = (limits.maxLinks() + loops.size() - 1) / loops.size();
        long maxBytes = limits.maxBytes() / loops.size();
        loops.forEach(loop -> shards.add(new Shard(loop, maxLinks, maxBytes, limits.maxTimeMillis())));
    }

    private Shard shard(LinkKey key) {
        return shards.get(Math.floorMod(key.hashCode(), shards.size()));
    }

    /** Asks for a name; {@link LinkClaim#grant} follows, unless {@link LinkClaim#steal} or {@link LinkClaim#deny} does. */
    void claim(LinkClaim claim) {
        Shard shard = shard(claim.key());
        shard.loop.run(() -> shard.claim(claim));
    }

    /** A link lets its name go; see {@link LinkClaim#end} and {@link LinkClaim#suspend}. */
    void release(LinkClaim claim, Optional<SuspendedLink> held, boolean timerRuns) {
        Shard shard = shard(claim.key());
        shard.loop.run(() -> shard.release(claim, held, timerRuns));
    }

    /** The expiry timer of a suspended link starts, if it still is suspended. */
    void startTimer(LinkKey key, SuspendedLink held) {
        Shard shard = shard(key);
        shard.loop.run(() -> shard.startTimer(key, held));
    }

    /** What a suspended link held is gone by itself. */
    void drop(LinkKey key, SuspendedLink held) {
        Shard shard = shard(key);
        shard.loop.run(() -> shard.drop(key, held));
    }

    /**
     * A suspended link that a restart has brought back; before any link is attached. Its connection is closed, and so its
     * expiry timer runs, from its beginning, unless it never expires.
     */
    void restore(LinkKey key, SuspendedLink held) {
        Shard shard = shard(key);
        shard.loop.run(() -> shard.restore(key, held));
    }

    /** What is known of a name: the link that has it and one that waits for it, or what is left of a suspended one. */
    private static final class Slot {
        @Nullable
        LinkClaim active;

        @Nullable
        LinkClaim next;

        @Nullable
        SuspendedLink held;

        Alarms.@Nullable Alarm expiry;
    }

    /** The names that one loop owns. */
    private static final class Shard {
        private final Loop loop;
        private final int maxLinks;
        private final long maxBytes;
        private final long maxTimeMillis;
        private final Map<LinkKey, Slot> slots = new HashMap<>();

        /** In the order in which they were suspended. */
        private final Map<LinkKey, Slot> suspended = new LinkedHashMap<>();

        private long bytes;

        Shard(Loop loop, int maxLinks, long maxBytes, long maxTimeMillis) {
            this.loop = loop;
            this.maxLinks = maxLinks;
            this.maxBytes = maxBytes;
            this.maxTimeMillis = maxTimeMillis;
        }

        void claim(LinkClaim claim) {
            Slot slot = slots.computeIfAbsent(claim.key(), key -> new Slot());
            LinkClaim active = slot.active;
            if (active == null) {
                slot.active = claim;
                claim.grant(take(claim.key(), slot));
                return;
            }
            if (!active.yieldsTo(claim)) {
                claim.deny();
                return;
            }
            LinkClaim next = slot.next;
            slot.next = claim;
            if (next == null) {
                active.steal();
            } else {
                next.steal();
            }
        }

        void release(LinkClaim claim, Optional<SuspendedLink> held, boolean timerRuns) {
            Slot slot = slots.get(claim.key());
            if (slot == null || slot.active != claim) {
                return; // It has waited, and another one waits in its place.
            }
            LinkClaim next = slot.next;
            slot.active = next;
            slot.next = null;
            if (next != null) {
                next.grant(held);
            } else if (held.isPresent()) {
                keep(claim.key(), slot, held.get(), timerRuns);
            } else {
                slots.remove(claim.key());
            }
        }

        /** Of several under one name only the last one has come to its end. */
        void restore(LinkKey key, SuspendedLink held) {
            Slot slot = slots.computeIfAbsent(key, newKey -> new Slot());
            take(key, slot).ifPresent(SuspendedLink::discard);
            boolean expires = held.terminus().expiryPolicy() != Terminus.ExpiryPolicy.NEVER;
            keep(key, slot, held, expires);
        }

        private void keep(LinkKey key, Slot slot, SuspendedLink held, boolean timerRuns) {
            slot.held = held;
            slot.expiry = loop.alarms().alarm(() -> expire(key, held));
            suspended.put(key, slot);
            bytes += held.bytes();
            if (timerRuns) {
                startTimer(key, held);
            } else if (held.terminus().expiryPolicy() == Terminus.ExpiryPolicy.NEVER) {
                setTimer(slot, Long.MAX_VALUE); // Of a subscription, which itself does not expire.
            }
            while (suspended.size() > maxLinks || bytes > maxBytes) {
                Map.Entry<LinkKey, Slot> first = suspended.entrySet().iterator().next();
                expire(first.getKey(), first.getValue().held);
            }
        }

        private void setTimer(Slot slot, long millis) {
            Alarms.Alarm expiry = slot.expiry;
            if (expiry != null) {
                expiry.set(loop.nowMillis() + Math.min(millis, maxTimeMillis));
            }
        }

        void startTimer(LinkKey key, SuspendedLink held) {
            Slot slot = slots.get(key);
            if (slot != null && slot.held == held) {
                long millis = held.terminus().timeoutSeconds() * 1000;
                if (millis == 0) {
                    expire(key, held); // At once, not with the next look at the time.
                } else {
                    setTimer(slot, millis);
                }
            }
        }

        private void expire(LinkKey key, @Nullable SuspendedLink held) {
            Slot slot = slots.get(key);
            if (held != null && slot != null && slot.held == held) {
                take(key, slot);
                slots.remove(key);
                held.discard();
            }
        }

        void drop(LinkKey key, SuspendedLink held) {
            Slot slot = slots.get(key);
            if (slot != null && slot.held == held) {
                take(key, slot);
                slots.remove(key);
            }
        }

        private Optional<SuspendedLink> take(LinkKey key, Slot slot) {
            SuspendedLink held = slot.held;
            Alarms.Alarm expiry = slot.expiry;
            if (held == null || expiry == null) {
                return Optional.empty();
            }
            expiry.set(Long.MAX_VALUE);
            slot.held = null;
            slot.expiry = null;
            suspended.remove(key);
            bytes -= held.bytes();
            return Optional.of(held);
        }
    }
}
