package io.sterna.broker.forward;

import io.sterna.amqp.TransactionRequest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a node asks the owners of one transaction that spans them, beside declare and discharge: in two phases, of which the
 * first is answered with {@code declared}, whose txn-id is what {@code CommitHandle} tells, and the second with an outcome.
 *
 * <pre>
 * +------+----------+----------------+-----------
 * | kind | id bytes | transaction-id | argument     1 and 1 byte; kind 'b', 'p' or 'g'
 * +------+----------+----------------+-----------
 * </pre>
 */
public sealed interface BranchRequest {
    /** The transaction's id at the owner. */
    byte[] id();

    /** Prepare, as the one that will decide. */
    record PrepareToDecide(byte[] id) implements BranchRequest {}

    /**
     * Prepare.
     *
     * @param name what the one that decides has told
     */
    record Prepare(byte[] id, byte[] name) implements BranchRequest {}

    /**
     * Decide, or do what was decided.
     *
     * @param others the partitions of all others, for the one that decides
     */
    record GoOn(byte[] id, long others) implements BranchRequest {}

    default TransactionRequest encoded() {
        if (this instanceof Prepare prepare) {
            return encoded('p', prepare.name());
        } else if (this instanceof GoOn goOn) {
            return encoded(
                    'g',
                    ByteBuffer.allocate(Long.BYTES).putLong(0, goOn.others()).array());
        }
        return encoded('b', new byte[0]);
    }

    private TransactionRequest encoded(char kind, byte[] argument) {
        return new TransactionRequest.Other(ByteBuffer.allocate(2 + id().length + argument.length)
                .put((byte) kind)
                .put((byte) id().length)
                .put(id())
                .put(argument)
                .array());
    }

    /** Reads what {@link #encoded} gives; empty when it is something else. */
    static Optional<BranchRequest> decode(TransactionRequest.Other request) {
        byte[] content = request.content();
        if (content.length < 2 || content[1] < 0 || content.length < 2 + content[1]) {
            return Optional.empty();
        }
        byte[] id = Arrays.copyOfRange(content, 2, 2 + content[1]);
        byte[] argument = Arrays.copyOfRange(content, 2 + content[1], content.length);
        return switch (content[0]) {
            case 'b' -> Optional.of(new PrepareToDecide(id));
            case 'p' ->
                argument.length == Integer.BYTES + Long.BYTES
                        ? Optional.of(new Prepare(id, argument))
                        : Optional.empty();
            case 'g' ->
                argument.length == Long.BYTES
                        ? Optional.of(new GoOn(id, ByteBuffer.wrap(argument).getLong()))
                        : Optional.empty();
            default -> Optional.empty();
        };
    }
}
