package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.LogRestarted;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.NodeDeleted;
import io.sterna.store.LogOperation.PartitionRemoved;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Records on their way to other nodes. */
final class LogRecordFormatProperties {

    @Provide
    Arbitrary<LogRecord> records() {
        return RandomOperations.records();
    }

    @Property
    void shouldReadWhatWasWritten(@ForAll("records") LogRecord record) throws IOException {
        ByteBuffer written = ByteBuffer.wrap(write(record));

        assertThat(written.remaining()).isEqualTo((int) LogRecordFormat.bytes(record));
        assertThat(LogRecordFormat.readRecord(written))
                .usingRecursiveComparison()
                .withStrictTypeChecking()
                .isEqualTo(record);
        assertThat(written.hasRemaining()).isFalse();
    }

    @Property
    void shouldRefuseWhatIsCutOff(@ForAll("records") LogRecord record, @ForAll int cut) throws IOException {
        byte[] bytes = write(record);
        ByteBuffer shorter = ByteBuffer.wrap(bytes, 0, Math.floorMod(cut, bytes.length));

        assertThatThrownBy(() -> LogRecordFormat.readRecord(shorter)).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void shouldRefuseWhatIsNoRecordOrReadIt(@ForAll("records") LogRecord record, @ForAll int at, @ForAll byte other)
            throws IOException {
        byte[] damaged = write(record);
        damaged[Math.floorMod(at, damaged.length)] = other;

        readOrRefuse(damaged);
    }

    @Property
    void shouldRefuseAnyBytesOrReadThem(@ForAll byte[] bytes) {
        readOrRefuse(bytes);
    }

    @Example
    void shouldRefuseACountThatNothingFollows() {
        ByteBuffer acknowledged = ByteBuffer.allocate(13)
                .put((byte) OperationTag.ACKNOWLEDGED)
                .putLong(1)
                .putInt(Integer.MAX_VALUE)
                .flip();

        assertThatThrownBy(() -> LogRecordFormat.readOperation(acknowledged))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a count of 2147483647, with 0 bytes left");
    }

    @Example
    void shouldRefuseWhatNodesWriteForTheirOwnReplicasOnly() throws IOException {
        byte[] key = {1};
        List<LogOperation> own = List.of(
                new LogRestarted(),
                new PartitionRemoved(),
                new ValuePut(ValuePut.REPLICA, key, key),
                new ValueRemoved(ValuePut.REPLICA, key),
                new NodeCreated(ValuePut.REPLICA, 1, "a", key),
                new NodeChanged(ValuePut.REPLICA, key),
                new NodeDeleted(ValuePut.REPLICA));

        for (LogOperation operation : own) {
            for (LogOperation sent : List.of(operation, new Atomic(List.of(operation)))) {
                ByteBuffer written = ByteBuffer.wrap(write(new LogRecord(1, 1, 1, sent)));

                assertThatThrownBy(() -> LogRecordFormat.readRecord(written))
                        .as("%s", sent)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("own");
            }
        }
    }

    private static void readOrRefuse(byte[] bytes) {
        try {
            LogRecordFormat.readRecord(ByteBuffer.wrap(bytes));
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
    }

    private static byte[] write(LogRecord record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        LogRecordFormat.write(record, new LogRecordFormat.Output() {
            @Override
            public void putByte(int value) throws IOException {
                out.writeByte(value);
            }

            @Override
            public void putInt(int value) throws IOException {
                out.writeInt(value);
            }

            @Override
            public void putLong(long value) throws IOException {
                out.writeLong(value);
            }

            @Override
            public void putBytes(byte[] source) throws IOException {
                out.write(source);
            }
        });
        return bytes.toByteArray();
    }
}
