package io.sterna.broker.cluster;

import io.sterna.broker.partition.Decisions;
import io.sterna.broker.partition.Partitions;
import io.sterna.cluster.net.PeerNetwork;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * What partitions ask each other about transactions, as notes between nodes. Any thread.
 *
 * <pre>
 * | 1: question, 2: answer | asked int | asking int | deciding int | sequence long | verdict byte, of an answer |
 * </pre>
 */
final class DecisionNotes implements Decisions {
    /** Their places are on the wire: none changes. */
    private static final List<Verdict> VERDICTS = List.of(Verdict.COMMITTED, Verdict.ABORTED, Verdict.DONE);

    private static final int QUESTION_BYTES = 1 + 3 * Integer.BYTES + Long.BYTES;

    private final PeerNetwork network;
    private final Partitions partitions;
    private final IntFunction<Optional<String>> owners;

    /** @param owners who owns a partition; asked by any thread */
    DecisionNotes(PeerNetwork network, Partitions partitions, IntFunction<Optional<String>> owners) {
        this.network = network;
        this.partitions = partitions;
        this.owners = owners;
    }

    @Override
    public void ask(Request request) {
        owners.apply(request.asked()).ifPresent(owner -> network.note(owner, encode(request)));
    }

    void register(Notes notes) {
        notes.read(Notes.QUESTION, this::onNote);
        notes.read(Notes.ANSWER, this::onNote);
    }

    /** A node asks or answers. What can't be read is passed over: it is of another version, and is asked again. */
    private void onNote(String node, byte[] note) {
        ByteBuffer in = ByteBuffer.wrap(note);
        byte kind = note.length < QUESTION_BYTES ? 0 : in.get();
        if (kind == Notes.QUESTION && note.length == QUESTION_BYTES) {
            readRequest(in)
                    .ifPresent(request -> partitions.answer(request, answer -> network.note(node, encode(answer))));
        } else if (kind == Notes.ANSWER && note.length == QUESTION_BYTES + 1) {
            readRequest(in).ifPresent(request -> readVerdict(in)
                    .ifPresent(verdict -> partitions.onAnswer(new Answer(request, verdict))));
        } else {
            Notes.passOver(node, note);
        }
    }

    private static byte[] encode(Request request) {
        return put(ByteBuffer.allocate(QUESTION_BYTES).put(Notes.QUESTION), request)
                .array();
    }

    private static byte[] encode(Answer answer) {
        return put(ByteBuffer.allocate(QUESTION_BYTES + 1).put(Notes.ANSWER), answer.request())
                .put((byte) VERDICTS.indexOf(answer.verdict()))
                .array();
    }

    private static ByteBuffer put(ByteBuffer out, Request request) {
        return out.putInt(request.asked())
                .putInt(request.asking())
                .putInt(request.deciding())
                .putLong(request.sequence());
    }

    private static Optional<Request> readRequest(ByteBuffer in) {
        Request request = new Request(in.getInt(), in.getInt(), in.getInt(), in.getLong());
        return Optional.of(request)
                .filter(its -> isPartition(its.asked()) && isPartition(its.asking()) && isPartition(its.deciding()));
    }

    private static boolean isPartition(int number) {
        return number >= 0 && number < Partitions.COUNT;
    }

    private static Optional<Verdict> readVerdict(ByteBuffer in) {
        int number = in.get();
        return number >= 0 && number < VERDICTS.size() ? Optional.of(VERDICTS.get(number)) : Optional.empty();
    }
}
