package io.sterna.store;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStoreException;

/**
 * A map in MVStore each of whose values ends with a CRC32C over its key and itself, because MVStore does not check the
 * bodies of its pages. Owned by the worker, and by the opening thread before.
 */
final class CheckedMap<K> {
    /** What a value has to leave free at its end. */
    static final int CRC_BYTES = Integer.BYTES;

    private final MessageFile file;
    private final MVMap<K, byte[]> map;
    private final BiConsumer<CRC32C, K> keyCrc;

    private CheckedMap(MessageFile file, MVMap<K, byte[]> map, BiConsumer<CRC32C, K> keyCrc) {
        this.file = file;
        this.map = map;
        this.keyCrc = keyCrc;
    }

    /** The file's map of values by number. */
    static CheckedMap<Long> numbered(MessageFile file, String name) {
        return new CheckedMap<>(
                file,
                file.map(name, new ValueTypes.Key()),
                (crc, key) -> crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, key)));
    }

    /** The file's map of values that belong to nodes. */
    static CheckedMap<EntryKey> entries(MessageFile file, String name) {
        return new CheckedMap<>(file, file.map(name, new ValueTypes.Entry()), (crc, key) -> {
            crc.update(ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
                    .putInt(0, key.partition())
                    .putLong(Integer.BYTES, key.nodeId()));
            crc.update(key.key());
        });
    }

    MVMap<K, byte[]> map() {
        return map;
    }

    /**
     * Puts a value that has {@link #CRC_BYTES} left free at its end.
     *
     * @return the length of the value that it replaced, 0 when there was none
     */
    int put(K key, byte[] value) {
        ByteBuffer.wrap(value).putInt(value.length - CRC_BYTES, crc(key, value));
        byte[] before = map.put(key, value);
        file.onPut(value.length);
        return before == null ? 0 : before.length;
    }

    /**
     * Removes a value.
     *
     * @return its length, 0 when there was none
     */
    int remove(K key) {
        byte[] before = map.remove(key);
        return before == null ? 0 : before.length;
    }

    /**
     * Removes a value that may stand on a damaged page.
     *
     * @throws DamageException when it does, and so will be left out wherever the map is read
     */
    void removeReadable(K key) throws DamageException {
        try {
            map.remove(key);
        } catch (MVStoreException e) {
            if (!isDamage(e)) {
                throw e;
            }
            throw new DamageException(
                    "In the message store " + file.path() + ", a page of its " + map.getName()
                            + " is unreadable, and something on it is to be removed: " + e.getMessage() + ".",
                    e);
        }
    }

    /** The value, with its CRC; throws when it is damaged. */
    Optional<byte[]> find(K key, String what) throws StoreException {
        try {
            byte[] value = map.get(key);
            return value == null ? Optional.empty() : Optional.of(checked(key, value, what));
        } catch (MVStoreException e) {
            String where = "In the message store " + file.path() + ", " + what;
            throw DiskFileStore.mayPass(e)
                    ? new StoreException(where + " can't be read: " + e.getMessage() + ".", e)
                    : new DamageException(where + " is damaged: " + e.getMessage() + ".", e);
        }
    }

    /** Of an attempt to change the map: whether a page was damaged, and not the store at its end, for one. */
    private static boolean isDamage(MVStoreException e) {
        return !DiskFileStore.mayPass(e)
                && (e.getErrorCode() == DataUtils.ERROR_READING_FAILED
                        || e.getErrorCode() == DataUtils.ERROR_FILE_CORRUPT);
    }

    /** The value, with its CRC; throws when it is missing or damaged. */
    byte[] get(K key, String what) throws StoreException {
        return find(key, what).orElseThrow(() -> damage(what, "is missing"));
    }

    /** Takes all values, by rising keys, each without its CRC; hears of damaged ones and goes on. */
    void forEach(Function<K, String> what, EntryVisitor<K> visitor, Consumer<StoreException> damages) {
        PageIterator<K> entries = entries(damages);
        while (entries.advance()) {
            K key = entries.key();
            try {
                byte[] value = checked(key, entries.value(), what.apply(key));
                visitor.onEntry(
                        key, ByteBuffer.wrap(value, 0, value.length - CRC_BYTES).slice());
            } catch (StoreException e) {
                damages.accept(e);
            }
        }
    }

    /** The last key; when that can't be read, the last one that can. Empty when there is none. */
    Optional<K> lastKey() {
        try {
            return Optional.ofNullable(map.lastKey());
        } catch (MVStoreException e) {
            Optional<K> last = Optional.empty();
            // Those behind an unreadable page are not copied, so their keys may be used again.
            PageIterator<K> entries = entries(damage -> {});
            while (entries.advance()) {
                last = Optional.of(entries.key());
            }
            return last;
        }
    }

    /** All entries by rising keys, unchecked; tells {@code damages} where some can't be told. */
    PageIterator<K> entries(Consumer<StoreException> damages) {
        return new PageIterator<>(
                map,
                e -> damages.accept(new StoreException(
                        "In the message store " + file.path() + ", a page of its " + map.getName()
                                + " is unreadable, and all that stands on it is lost: " + e.getMessage() + ".",
                        e)));
    }

    /** Whether a value is as it was put. */
    boolean isGood(K key, byte[] value) {
        return value.length >= CRC_BYTES && ByteBuffer.wrap(value).getInt(value.length - CRC_BYTES) == crc(key, value);
    }

    /** Takes one value. */
    interface EntryVisitor<K> {
        void onEntry(K key, ByteBuffer value);
    }

    private byte[] checked(K key, byte[] value, String what) throws StoreException {
        if (!isGood(key, value)) {
            throw damage(what, "is damaged");
        }
        return value;
    }

    private StoreException damage(String what, String how) {
        return new DamageException("In the message store " + file.path() + ", " + what + " " + how + ".");
    }

    private int crc(K key, byte[] value) {
        CRC32C crc = new CRC32C();
        keyCrc.accept(crc, key);
        crc.update(value, 0, value.length - CRC_BYTES);
        return (int) crc.getValue();
    }
}
