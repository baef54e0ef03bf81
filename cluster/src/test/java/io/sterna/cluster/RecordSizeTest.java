package io.sterna.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.store.LogOperation;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RecordSizeTest {
    private static final byte[] THOUSAND = new byte[1_000];

    static Stream<LogOperation> operations() {
        LogOperation enqueued = new LogOperation.Enqueued(1, 2, new byte[0], THOUSAND);
        return Stream.of(
                enqueued,
                new LogOperation.Published(1, 2, new long[125], new byte[0], new byte[0]),
                new LogOperation.Acknowledged(1, new long[125]),
                new LogOperation.DeliveryUpdated(1, 2, 3, new byte[500], new byte[500]),
                new LogOperation.ValuePut(1, new byte[400], new byte[600]),
                new LogOperation.ValueRemoved(1, THOUSAND),
                new LogOperation.NodeCreated(1, 2, "", THOUSAND),
                new LogOperation.NodeChanged(1, THOUSAND),
                new LogOperation.Atomic(List.of(enqueued)));
    }

    @ParameterizedTest
    @MethodSource("operations")
    void shouldCountArraysAndALittleForTheRest(LogOperation operation) {
        assertThat(RecordSize.of(operation)).isBetween(1_000L, 1_100L);
    }
}
