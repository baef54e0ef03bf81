package io.sterna.store;

/** Reads messages of one block one after the other, of which it reads many bytes at a time. Owned by the worker. */
final class BodyReader {
    private static final int READ_BYTES = 64 << 10;

    private final BlockStore blocks;
    private final Block block;
    private final int[] sizes;
    private final long[] offsets;
    private byte[] bytes = {};
    private long bytesFrom;

    BodyReader(BlockStore blocks, Block block, BlockHeader header) {
        this.blocks = blocks;
        this.block = block;
        sizes = header.sizes();
        offsets = new long[sizes.length];
        for (int i = 1; i < sizes.length; i++) {
            offsets[i] = offsets[i - 1] + sizes[i - 1];
        }
    }

    /** The message at a place of the block. */
    byte[] read(int at) throws StoreException {
        long offset = offsets[at];
        if (offset < bytesFrom || offset + sizes[at] > bytesFrom + bytes.length) {
            bytesFrom = offset;
            int count = (int) Math.max(sizes[at], Math.min(READ_BYTES, block.bodyBytes() - offset));
            bytes = blocks.body(block.number(), block.bodyBytes(), offset, count);
        }
        byte[] message = new byte[sizes[at]];
        System.arraycopy(bytes, (int) (offset - bytesFrom), message, 0, message.length);
        return message;
    }
}
