package io.sterna.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Damage to the message file that is met while the store runs, by settling what stands there. */
final class LateDamageTest {
    private static final StoreConfig CONFIG = new StoreConfig(1 << 20, 4, 64 << 10, 1 << 10, 1 << 20, 1);
    private static final int STORED_BYTES = CheckedFile.BLOCK_BYTES + Integer.BYTES;
    private static final int BLOCKS = 200;
    /** Of a message; one alone is enough for a block not to be merged. */
    private static final int SIZE = 500;

    private static final int RUINED = 100;

    private final CrashDisk disk = new CrashDisk();
    private final DamageLog damages = new DamageLog();
    private final List<Block> blocks = new ArrayList<>();
    private Checkpoints checkpoints;

    /** A file of which nothing but its roots is in the cache, and in it a header that can't be read. */
    @BeforeEach
    void ruinHeader() throws IOException, StoreException {
        WorkerParts empty = new Recovery(disk, CONFIG, damages).run().parts();
        String name = MessageFile.name(2);
        BlockStore before =
                new BlockStore(disk, CONFIG, new MessageFileOpener(disk, CONFIG, damages::add).create(2), damages::add);
        for (int i = 0; i < BLOCKS; i++) {
            TreeMap<Integer, Update> updates = new TreeMap<>();
            updates.put(0, new Update(1, new byte[0], annotations(i)));
            long[] sequences = {2L * i + 1, 2L * i + 2};
            long[] settled = Block.nothingSettled(2);
            BlockHeader header =
                    new BlockHeader(false, 0, 1, 2 * SIZE, sequences, new int[] {SIZE, SIZE}, settled, updates);
            long number = before.nextNumber(2 * SIZE);
            before.put(number, header, ByteBuffer.allocate(2 * SIZE));
            Block block = new Block(number, sequences, 2 * SIZE, settled);
            blocks.add(block);
            empty.state().addBlock(header, block);
        }
        before.save(1);
        before.close();
        byte[] bytes = disk.bytes(name);
        byte[] wanted = annotations(RUINED);
        int at = 0;
        while (!Arrays.equals(bytes, at, at + 50, wanted, 0, 50)) {
            at++;
        }
        // And another block of the file with the same parity, so that neither can be restored.
        disk.garble(name, at, 4, new Random(1));
        disk.garble(name, at + 8 * STORED_BYTES, 4, new Random(1));
        MessageFile file = new MessageFileOpener(disk, CONFIG, damages::add).newest(name);
        checkpoints = new Checkpoints(
                new WorkerParts(
                        disk,
                        CONFIG,
                        empty.state(),
                        new BlockStore(disk, CONFIG, file, damages::add),
                        empty.reader(),
                        empty.pool(),
                        empty.segments()),
                damages);
        assertThat(damages.all()).isEmpty();
    }

    @AfterEach
    void discard() {
        disk.discard();
    }

    @Test
    void shouldPassOverBlockWhenItsHeaderIsDamaged() throws IOException, StoreException {
        checkpoints.state().onAcknowledged(1, blocks.get(RUINED).firstSequence());
        checkpoints.run();
        assertThat(damages.all()).hasSize(1);
        assertThat(damages.all().get(0))
                .hasMessageContainingAll("header of block", "messages of queue 1", "can't be delivered");
        assertThat(checkpoints.blocks().mustBeCopied()).isTrue();
        checkpoints.copy();
        int afterCopy = damages.all().size();
        Block intact = blocks.get(0);
        checkpoints.state().onAcknowledged(1, intact.firstSequence());
        checkpoints.state().onAcknowledged(1, blocks.get(RUINED).lastSequence());
        checkpoints.run();
        assertThat(damages.all()).hasSize(afterCopy);
        assertThat(checkpoints.blocks().mustBeCopied()).isFalse();
        assertThat(checkpoints.blocks().header(intact.number()).settled()).isEqualTo(intact.settled());
    }

    @Test
    void shouldTellOfHeaderThatNoCopyCouldTakeAndNotCopyAgain() throws IOException, StoreException {
        checkpoints.copy();
        int afterCopy = damages.all().size();
        checkpoints.state().onAcknowledged(1, blocks.get(RUINED).firstSequence());
        checkpoints.run();
        assertThat(damages.all()).hasSize(afterCopy + 1);
        assertThat(checkpoints.blocks().mustBeCopied()).isFalse();
    }

    @Test
    void shouldGoOnWhenBlockThatIsToBeRemovedIsDamaged() throws IOException, StoreException {
        checkpoints.state().onAcknowledged(1, blocks.get(RUINED).firstSequence());
        checkpoints.state().onAcknowledged(1, blocks.get(RUINED).lastSequence());
        checkpoints.run();
        assertThat(checkpoints.state().queue(1).orElseThrow().blocks()).doesNotContainValue(blocks.get(RUINED));
        assertThat(damages.all()).hasSize(1);
        assertThat(checkpoints.blocks().mustBeCopied()).isTrue();
        checkpoints.copy();
        assertThat(checkpoints.blocks().mustBeCopied()).isFalse();
    }

    private static byte[] annotations(int block) {
        return ("annotations in block " + block + "; ").repeat(400).getBytes(US_ASCII);
    }
}
