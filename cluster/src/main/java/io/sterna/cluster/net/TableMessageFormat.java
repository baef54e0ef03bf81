package io.sterna.cluster.net;

import io.sterna.cluster.TableContent;
import io.sterna.cluster.table.Ballot;
import io.sterna.cluster.table.KeeperState;
import io.sterna.cluster.table.TableCodec;
import io.sterna.cluster.table.TableMessage;
import io.sterna.cluster.table.TableMessage.Accept;
import io.sterna.cluster.table.TableMessage.Answer;
import io.sterna.cluster.table.TableMessage.Ask;
import io.sterna.cluster.table.TableMessage.Changed;
import io.sterna.cluster.table.TableMessage.Prepare;
import java.nio.ByteBuffer;

/**
 * How messages about the partition table are written.
 *
 * <pre>
 * | tag byte | attempt long | the other components in their order |      a ballot: | round long | node | life long |
 * </pre>
 */
final class TableMessageFormat {
    private static final int ASK = 1;
    private static final int PREPARE = 2;
    private static final int ACCEPT = 3;
    private static final int ANSWER = 4;
    private static final int CHANGED = 5;

    private static final int SMALL_BYTES = 128;
    private static final int PARTITION_BYTES = 64;

    private TableMessageFormat() {}

    /** About what it takes; for the limit of what waits to be sent. */
    static long bytes(TableMessage message) {
        if (message instanceof Accept accept) {
            return bytes(accept.content());
        } else if (message instanceof Answer answer) {
            return bytes(answer.state().content());
        }
        return SMALL_BYTES;
    }

    private static long bytes(TableContent content) {
        return SMALL_BYTES + (long) PARTITION_BYTES * content.views().size();
    }

    static void write(TableMessage message, WireWriter out) {
        if (message instanceof Ask ask) {
            begin(ASK, ask.attempt(), out);
        } else if (message instanceof Prepare prepare) {
            begin(PREPARE, prepare.attempt(), out);
            write(prepare.ballot(), out);
        } else if (message instanceof Accept accept) {
            begin(ACCEPT, accept.attempt(), out);
            write(accept.ballot(), out);
            write(accept.content(), out);
        } else if (message instanceof Answer answer) {
            begin(ANSWER, answer.attempt(), out);
            out.putBoolean(answer.blank());
            write(answer.state().promised(), out);
            write(answer.state().accepted(), out);
            write(answer.state().content(), out);
        } else if (message instanceof Changed) {
            begin(CHANGED, 0, out);
        } else {
            throw new IllegalArgumentException("unknown message " + message);
        }
    }

    private static void begin(int tag, long attempt, WireWriter out) {
        out.putByte(tag);
        out.putLong(attempt);
    }

    private static void write(Ballot ballot, WireWriter out) {
        out.putLong(ballot.round());
        out.putString(ballot.node());
        out.putLong(ballot.life());
    }

    private static void write(TableContent content, WireWriter out) {
        byte[] bytes = TableCodec.encode(content);
        out.putVarint(bytes.length);
        out.putBytes(bytes);
    }

    static TableMessage read(ByteBuffer body) throws MalformedFrameException {
        return WireReader.whole("a message about the table", body, TableMessageFormat::read);
    }

    private static TableMessage read(WireReader in) {
        int tag = in.readByte();
        long attempt = in.readLong();
        return switch (tag) {
            case ASK -> new Ask(attempt);
            case PREPARE -> new Prepare(attempt, readBallot(in));
            case ACCEPT -> new Accept(attempt, readBallot(in), readContent(in));
            case ANSWER ->
                new Answer(attempt, in.readBoolean(), new KeeperState(readBallot(in), readBallot(in), readContent(in)));
            case CHANGED -> new Changed();
            default -> throw new IllegalArgumentException("a message about the table of unknown kind " + tag);
        };
    }

    private static Ballot readBallot(WireReader in) {
        return new Ballot(in.readLong(), in.readString(), in.readLong());
    }

    private static TableContent readContent(WireReader in) {
        return TableCodec.decode(in.readBytes(in.readCount(1)));
    }
}
