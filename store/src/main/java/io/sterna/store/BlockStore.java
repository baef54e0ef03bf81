package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.h2.mvstore.MVStoreException;

/**
 * Blocks of messages in MVStore, and beside them in the same file what {@link NodeStore} keeps.
 *
 * <pre>
 *  map "headers"     block number                    header, see {@link BlockHeader}
 *  map "bodies"      block number, + 1, + 2, …       parts of the messages, see {@link BlockBodies}
 * </pre>
 *
 * <p>Nothing is ever overwritten in the file, see {@link MessageFile}; when most of it has become useless, what lives
 * is copied into a new one.
 *
 * <p>Owned by the worker, and by the opening thread before. What is put is safe when it is saved and noted in the
 * journal.
 */
final class BlockStore {
    /**
     * The file may be so many times what it is for: a copy then costs less than what came or went since the last one.
     */
    private static final int WASTE_FACTOR = 3;

    private final Disk disk;
    private final StoreConfig config;
    private final Consumer<StoreException> damages;
    private MessageFile file;
    private Optional<MessageFile> copy = Optional.empty();
    private CheckedMap<Long> headers;
    private BlockBodies bodies;
    private NodeStore nodes;
    private long nextNumber;
    private long storedBytes;
    private long copiedBytes;
    private long neededWhenCopied;
    private boolean damaged;

    BlockStore(Disk disk, StoreConfig config, MessageFile file, Consumer<StoreException> damages) {
        this.damages = damages;
        this.disk = disk;
        this.config = config;
        this.file = file;
        headers = CheckedMap.numbered(file, MessageFile.HEADERS);
        bodies = new BlockBodies(file);
        nodes = new NodeStore(file, 0);
        nextNumber = 1 + Math.max(headers.lastKey().orElse(0L), bodies.lastNumber());
    }

    /** Number of the next block, for a body of this size. */
    long nextNumber(long bodyBytes) {
        long number = nextNumber;
        nextNumber += Math.max(1, BlockBodies.parts(bodyBytes));
        return number;
    }

    /** Puts a block's messages and its header. Only within a message of several parts is something committed. */
    void put(long number, BlockHeader header, ByteBuffer messages) {
        bodies.put(number, messages, this::maybeCommit);
        putHeader(number, header);
        storedBytes += storedBytes(header.bodyBytes(), header.sequences().length);
    }

    void putHeader(long number, BlockHeader header) {
        byte[] encoded = header.encode();
        headers.put(number, Arrays.copyOf(encoded, encoded.length + CheckedMap.CRC_BYTES));
    }

    /** Reads a header; throws when it is missing or damaged. */
    BlockHeader header(long number) throws StoreException {
        return BlockHeader.decode(ByteBuffer.wrap(headers.get(number, nameOfHeader(number))));
    }

    /**
     * Reads bytes of a block's body.
     *
     * @throws StoreException when they are missing or damaged
     */
    byte[] body(long number, long bodyBytes, long from, int count) throws StoreException {
        return bodies.read(number, bodyBytes, from, count);
    }

    void remove(Block block) {
        // Neither a copy nor a start finds there what is damaged.
        Consumer<DamageException> once = damage -> {
            if (!damaged) {
                onDamage(damage);
            }
        };
        try {
            headers.removeReadable(block.number());
        } catch (DamageException e) {
            once.accept(e);
        }
        bodies.remove(block.number(), block.bodyBytes(), once);
        storedBytes -= storedBytes(block.bodyBytes(), block.count());
    }

    /** Takes the headers of all blocks, by rising number, that are readable. */
    void forEachHeader(BiConsumer<Long, BlockHeader> visitor) {
        headers.forEach(
                BlockStore::nameOfHeader,
                (number, value) -> visitor.accept(number, BlockHeader.decode(value)),
                this::onDamage);
    }

    private static String nameOfHeader(long number) {
        return "the header of block " + number;
    }

    /** What the file holds beside blocks. */
    NodeStore nodes() {
        return nodes;
    }

    /** Puts what is unsaved on the disk when it is a slice or more, so that memory stays bounded. */
    void maybeCommit() {
        file.maybeCommit(config.sliceBytes());
    }

    /** Puts everything on stable storage, and notes in the file from where on it needs the journal. */
    CheckpointNote save(long replayFrom) {
        return file.save(replayFrom);
    }

    /** Counts a block that the file already holds. */
    void adopt(Block block) {
        storedBytes += storedBytes(block.bodyBytes(), block.count());
    }

    /** Whether most of the file is useless. */
    boolean isWasteful(long slackBytes) {
        return fileBytes() > slackBytes && copyBytes() * WASTE_FACTOR < fileBytes();
    }

    /**
     * About what a copy would take: what is counted may be far too little, so the last copy is remembered. Otherwise
     * one copy could follow the other for ever.
     */
    long copyBytes() {
        long needed = neededBytes();
        long asBefore =
                needed >= neededWhenCopied ? copiedBytes : (long) ((double) needed / neededWhenCopied * copiedBytes);
        return Math.max(needed, asBefore);
    }

    /** About what of the file is needed. */
    long neededBytes() {
        return storedBytes + nodes.storedBytes();
    }

    /**
     * Begins to copy what lives into a new file; nothing else may be put until {@link #switchToCopy} or
     * {@link #giveUpCopy}.
     *
     * @return empty when the disk turns out to have no room
     */
    Optional<MessageCopier> beginCopy() throws IOException {
        String name = MessageFile.name(file.number() + 1);
        disk.giveUpWhenFull(name, true);
        MessageFile target;
        try {
            target = new MessageFileOpener(disk, config, damages).create(file.number() + 1);
        } catch (NoRoomException | MVStoreException e) {
            if (!DiskFileStore.foundNoRoom(e)) {
                throw e;
            }
            disk.delete(name);
            return Optional.empty();
        }
        copy = Optional.of(target);
        return Optional.of(new MessageCopier(file, target, config.sliceBytes(), this::onDamage));
    }

    /**
     * The disk has no room for the copy, of which nothing is needed; the next one waits for more than this one has
     * taken.
     */
    void giveUpCopy() throws IOException {
        MessageFile target = copy.orElseThrow();
        copy = Optional.empty();
        copiedBytes = Math.max(copyBytes(), 2 * target.bytes());
        neededWhenCopied = neededBytes();
        target.close();
        disk.delete(target.name());
    }

    /** The copy is noted, durably: it is the file from now on, if there is one. */
    void switchToCopy() throws IOException {
        if (copy.isEmpty()) {
            return;
        }
        MessageFile old = file;
        file = copy.get();
        copy = Optional.empty();
        disk.giveUpWhenFull(file.name(), false);
        headers = CheckedMap.numbered(file, MessageFile.HEADERS);
        bodies = new BlockBodies(file);
        nodes = new NodeStore(file, nodes.storedBytes());
        copiedBytes = fileBytes();
        neededWhenCopied = neededBytes();
        old.close();
        if (damaged) {
            damages.accept(new StoreException("What could be read of the damaged message file " + old.path()
                    + " is in " + file.path() + " now; the damaged one was moved to "
                    + Quarantine.move(disk, old.name()) + "."));
            damaged = false;
        } else {
            disk.delete(old.name());
        }
    }

    /** Tells of a header that can't be read; a copy follows, if it was not a copy that left it out. */
    void onHeaderDamage(long number, StoreException damage) {
        if (isStored(number)) {
            onDamage(damage);
        } else {
            damages.accept(damage);
        }
    }

    private boolean isStored(long number) {
        try {
            return headers.map().containsKey(number);
        } catch (MVStoreException e) {
            return true;
        }
    }

    /** Tells of damage in the file, which is left for a copy as soon as possible. */
    void onDamage(StoreException damage) {
        damages.accept(damage);
        damaged = true;
    }

    /** Whether the file has to be left for a copy before anything is put into it. */
    boolean mustBeCopied() {
        return damaged || file.isOfOldFormat();
    }

    /** Reads the whole file and tells what is damaged in it, whether it is needed or not. */
    void scrub() throws IOException {
        file.scrub(this::onDamage);
    }

    /** Size of the file. */
    long fileBytes() {
        return file.bytes();
    }

    /** Leaves the file as it was saved last. */
    void close() {
        file.close();
        copy.ifPresent(MessageFile::close);
    }

    /** About what a block takes in the file. */
    private static long storedBytes(long bodyBytes, int count) {
        return bodyBytes + 64 + 6L * count;
    }
}
