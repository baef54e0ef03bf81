package io.sterna.broker.partition;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.broker.queue.Acquisition;
import io.sterna.broker.queue.Outcome;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What of a branch has to outlive a crash: messages that are not durable are left out. As bytes, numbers big-endian:
 *
 * <pre>
 * +---+-------+------------------------------------------------------------+-------------+---------------
 * | 5 | posts | node, 8 | arrived, 8 | anew, 1 | topic | container | message | retirements | retirement …
 * +---+-------+------------------------------------------------------------+-------------+---------------
 *   1     4     … each                                                            4
 * retirement: queue, 8, outcome, count, 4, sequences
 * topic (empty for none), container-id, message, annotations, condition, description: length, 4, and bytes
 * outcome: 'a' accepted | 'r' released | 'm' modified, flags (1 failed, 2 elsewhere), annotations, deliver at, 8
 *        | 'j' rejected, condition, description
 * </pre>
 */
record PreparedWork(List<Post> posts, List<Retirement> retirements) {
    private static final int VERSION = 5;
    private static final int FAILED = 1;
    private static final int ELSEWHERE = 2;

    /**
     * @param arrivedAtMillis as {@link Publication#arrivedAtMillis}
     * @param beginsAnew as {@link Publication#beginsAnew()}
     * @param forwardedFrom as {@link Publication#forwardedFrom()}
     * @param containerId of the client that has sent it
     * @param stored as {@link BrokerMessage#stored()}
     */
    record Post(
            long nodeId,
            long arrivedAtMillis,
            boolean beginsAnew,
            Optional<String> forwardedFrom,
            String containerId,
            byte[] stored) {}

    record Retirement(long queueId, long[] sequences, Outcome outcome) {}

    /** On the partition's loop. */
    static PreparedWork of(TransactionBranch branch) {
        long nowMillis = branch.partition().loop().nowMillis();
        List<Post> posts = new ArrayList<>();
        for (TransactionBranch.Post post : branch.posts()) {
            Publication publication = post.publication();
            if (publication.message().durable()) {
                post.node(branch.partition())
                        .filter(Node::stored)
                        .ifPresent(node -> posts.add(new Post(
                                node.id(),
                                publication.arrivedAtMillis(nowMillis),
                                publication.beginsAnew(),
                                publication.forwardedFrom(),
                                publication.producer().containerId(),
                                publication.message().stored())));
            }
        }
        return new PreparedWork(
                posts,
                branch.retirements().stream()
                        .map(each -> new Retirement(each.node().id(), sequences(each.acquisitions()), each.outcome()))
                        .toList());
    }

    private static long[] sequences(List<Acquisition> acquisitions) {
        return acquisitions.stream().mapToLong(Acquisition::sequence).toArray();
    }

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(
                posts.stream().mapToInt(post -> post.stored().length + 32).sum() + 64 * retirements.size() + 64);
        try (DataOutputStream output = new DataOutputStream(bytes)) {
            output.writeByte(VERSION);
            output.writeInt(posts.size());
            for (Post post : posts) {
                output.writeLong(post.nodeId());
                output.writeLong(post.arrivedAtMillis());
                output.writeBoolean(post.beginsAnew());
                write(output, post.forwardedFrom().orElse("").getBytes(UTF_8));
                write(output, post.containerId().getBytes(UTF_8));
                write(output, post.stored());
            }
            output.writeInt(retirements.size());
            for (Retirement retirement : retirements) {
                output.writeLong(retirement.queueId());
                write(output, retirement.outcome());
                output.writeInt(retirement.sequences().length);
                for (long sequence : retirement.sequences()) {
                    output.writeLong(sequence);
                }
            }
        } catch (IOException neverInMemory) {
            throw new UncheckedIOException(neverInMemory);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream output, byte[] bytes) throws IOException {
        output.writeInt(bytes.length);
        output.write(bytes);
    }

    private static void write(DataOutputStream output, Outcome outcome) throws IOException {
        if (outcome instanceof Outcome.Modified modified) {
            output.writeByte('m');
            output.writeByte((modified.deliveryFailed() ? FAILED : 0) | (modified.undeliverableHere() ? ELSEWHERE : 0));
            write(output, modified.annotations());
            output.writeLong(modified.deliverAtMillis());
        } else if (outcome instanceof Outcome.Rejected rejected) {
            output.writeByte('j');
            write(output, rejected.condition().getBytes(UTF_8));
            write(output, rejected.description().getBytes(UTF_8));
        } else {
            output.writeByte(outcome instanceof Outcome.Accepted ? 'a' : 'r');
        }
    }

    /** @throws DecodeException when it is not what {@link #encode} gives, so that it was written by another version */
    static PreparedWork decode(byte[] value) throws DecodeException {
        try (DataInputStream input = new DataInputStream(new ByteArrayInputStream(value))) {
            if (input.readByte() != VERSION) {
                throw new DecodeException(0, "prepared work of an unknown version");
            }
            List<Post> posts = new ArrayList<>();
            for (int left = input.readInt(); left > 0; left--) {
                posts.add(new Post(
                        input.readLong(),
                        input.readLong(),
                        input.readBoolean(),
                        Optional.of(readText(input)).filter(topic -> !topic.isEmpty()),
                        readText(input),
                        input.readNBytes(input.readInt())));
            }
            List<Retirement> retirements = new ArrayList<>();
            for (int left = input.readInt(); left > 0; left--) {
                long queueId = input.readLong();
                Outcome outcome = readOutcome(input);
                long[] sequences = new long[input.readInt()];
                for (int index = 0; index < sequences.length; index++) {
                    sequences[index] = input.readLong();
                }
                retirements.add(new Retirement(queueId, sequences, outcome));
            }
            return new PreparedWork(List.copyOf(posts), List.copyOf(retirements));
        } catch (IOException tooShort) {
            throw new DecodeException(value.length, "prepared work that is cut off");
        }
    }

    private static Outcome readOutcome(DataInputStream input) throws IOException, DecodeException {
        int tag = input.readByte();
        return switch (tag) {
            case 'a' -> Outcome.ACCEPTED;
            case 'r' -> Outcome.RELEASED;
            case 'm' -> {
                int flags = input.readByte();
                byte[] annotations = input.readNBytes(input.readInt());
                yield new Outcome.Modified(
                        (flags & FAILED) != 0, (flags & ELSEWHERE) != 0, annotations, input.readLong());
            }
            case 'j' -> new Outcome.Rejected(readText(input), readText(input));
            default -> throw new DecodeException(0, "prepared work with an unknown outcome " + tag);
        };
    }

    private static String readText(DataInputStream input) throws IOException {
        return new String(input.readNBytes(input.readInt()), UTF_8);
    }
}
