package io.sterna.cluster.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.cluster.NodeReport;
import io.sterna.cluster.Position;
import io.sterna.cluster.ReplicaMessage;
import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.cluster.ReplicaMessage.Refused;
import io.sterna.store.LogOperation.EpochStarted;
import io.sterna.store.LogRecord;
import java.nio.ByteBuffer;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** What nodes tell each other, as bytes. */
final class MessageFormatProperties {

    @Provide
    Arbitrary<ReplicaMessage> messages() {
        return RandomMessages.messages();
    }

    @Provide
    Arbitrary<NodeReport> reports() {
        return RandomMessages.reports();
    }

    @Property
    void shouldReadTheMessageThatWasWritten(@ForAll("messages") ReplicaMessage message) throws MalformedFrameException {
        assertThat(ReplicaMessageFormat.read(ByteBuffer.wrap(write(message))))
                .usingRecursiveComparison()
                .withStrictTypeChecking()
                .isEqualTo(message);
    }

    @Property
    void shouldReadTheReportThatWasWritten(@ForAll("reports") NodeReport report) throws MalformedFrameException {
        assertThat(ClusterFormat.readNodeReport(ByteBuffer.wrap(write(report)))).isEqualTo(report);
    }

    @Property
    void shouldCountAboutAsManyBytesAsAMessageTakes(@ForAll("messages") ReplicaMessage message) {
        assertThat((long) write(message).length).isLessThanOrEqualTo(ReplicaMessageFormat.bytes(message));
    }

    @Property
    void shouldRefuseAMessageThatIsCutOff(@ForAll("messages") ReplicaMessage message, @ForAll int cut) {
        byte[] bytes = write(message);
        ByteBuffer shorter = ByteBuffer.wrap(bytes, 0, Math.floorMod(cut, bytes.length));

        assertThatThrownBy(() -> ReplicaMessageFormat.read(shorter)).isInstanceOf(MalformedFrameException.class);
    }

    @Property
    void shouldRefuseOrReadAMessageThatIsDamaged(
            @ForAll("messages") ReplicaMessage message, @ForAll int at, @ForAll byte other) {
        byte[] damaged = write(message);
        damaged[Math.floorMod(at, damaged.length)] = other;

        readOrRefuse(damaged);
    }

    @Property
    void shouldRefuseOrReadAReportThatIsDamaged(
            @ForAll("reports") NodeReport report, @ForAll int at, @ForAll byte other) {
        byte[] damaged = write(report);
        damaged[Math.floorMod(at, damaged.length)] = other;

        readOrRefuse(damaged);
    }

    @Property
    void shouldRefuseOrReadAnyBytes(@ForAll @Size(max = 100) byte[] bytes) {
        readOrRefuse(bytes);
    }

    @Example
    void shouldRefuseWhatFollowsAMessage() {
        byte[] longer = new byte[14];
        longer[0] = 5;

        assertThatThrownBy(() -> ReplicaMessageFormat.read(ByteBuffer.wrap(longer)))
                .isInstanceOf(MalformedFrameException.class)
                .hasMessage("a message of a replica ends 1 bytes before its frame");
    }

    @Example
    void shouldRefuseAMessageOfNoPartition() {
        byte[] bytes = write(new Refused(-1, 1));

        assertThatThrownBy(() -> ReplicaMessageFormat.read(ByteBuffer.wrap(bytes)))
                .isInstanceOf(MalformedFrameException.class)
                .hasMessage("a message of a replica can't be read: it is of partition -1");
    }

    @Example
    void shouldRefuseARecordOfAnotherPartition() {
        LogRecord other = new LogRecord(8, 1, 1, new EpochStarted());
        byte[] bytes = write(new Append(7, 1, ReplicaMessage.IN_SYNC, 0, Position.START, List.of(other), 0));

        assertThatThrownBy(() -> ReplicaMessageFormat.read(ByteBuffer.wrap(bytes)))
                .isInstanceOf(MalformedFrameException.class)
                .hasMessage("a message of a replica can't be read: a record of partition 8 among those of 7");
    }

    private static void readOrRefuse(byte[] bytes) {
        try {
            ReplicaMessageFormat.read(ByteBuffer.wrap(bytes));
        } catch (MalformedFrameException refused) {
            assertThat(refused.getMessage()).startsWith("a message of a replica");
        }
        try {
            ClusterFormat.readNodeReport(ByteBuffer.wrap(bytes));
        } catch (MalformedFrameException refused) {
            assertThat(refused.getMessage()).startsWith("a report");
        }
        try {
            Hello.read(ByteBuffer.wrap(bytes));
        } catch (MalformedFrameException refused) {
            assertThat(refused.getMessage()).startsWith("a hello");
        }
    }

    private static byte[] write(ReplicaMessage message) {
        return Bytes.written(out -> ReplicaMessageFormat.write(message, out));
    }

    private static byte[] write(NodeReport report) {
        return Bytes.written(out -> ClusterFormat.write(report, out));
    }
}
