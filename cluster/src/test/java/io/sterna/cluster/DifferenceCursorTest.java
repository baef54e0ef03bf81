package io.sterna.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.store.LogOperation;
import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.LogRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DifferenceCursorTest {
    private static final byte[] NOTHING = new byte[0];
    private static final LogOperation TO_ONE = new Enqueued(1, 10, NOTHING, NOTHING);
    private static final LogOperation TO_TWO = new Enqueued(2, 11, NOTHING, NOTHING);
    private static final LogOperation UNDER_SEVEN = new Published(7, 12, new long[] {1, 2}, NOTHING, NOTHING);
    private static final LogOperation ACKNOWLEDGED = new Acknowledged(1, new long[] {3});

    private final DifferenceCursor cursor = new DifferenceCursor();

    @Test
    void shouldLeaveMessagesToThePartsAndRememberThatTheyAreMissing() {
        assertThat(reduced(TO_ONE)).isEqualTo(new Atomic(List.of()));
        assertThat(reduced(UNDER_SEVEN)).isEqualTo(new Atomic(List.of()));

        assertThat(cursor.lacking()).containsExactly(MessageOwner.queue(1), MessageOwner.topic(7));
    }

    @Test
    void shouldLetMessagesPassWherePartsHaveReachedTheEnd() {
        cursor.reachEnd(MessageOwner.queue(1));

        assertThat(reduced(TO_ONE)).isSameAs(TO_ONE);
        assertThat(reduced(TO_TWO)).isEqualTo(new Atomic(List.of()));
        assertThat(cursor.lacking()).containsExactly(MessageOwner.queue(2));
    }

    @Test
    void shouldKeepWhateverIsNoMessage() {
        assertThat(reduced(ACKNOWLEDGED)).isSameAs(ACKNOWLEDGED);
        assertThat(reduced(new Atomic(List.of(TO_ONE, ACKNOWLEDGED)))).isEqualTo(new Atomic(List.of(ACKNOWLEDGED)));
    }

    @Test
    void shouldKeepPlaceAndNameOfARecord() {
        assertThat(cursor.reduce(new LogRecord(3, 4, 5, TO_ONE)))
                .isEqualTo(new LogRecord(3, 4, 5, new Atomic(List.of())));
    }

    @Test
    void shouldLetAllPassAfterTheLastPart() {
        cursor.begin();
        cursor.finish();

        assertThat(reduced(TO_ONE)).isSameAs(TO_ONE);
        assertThat(reduced(UNDER_SEVEN)).isSameAs(UNDER_SEVEN);
    }

    @Test
    void shouldLetMessagesOfNewNodesPassOnceNothingIsDeletedAnyMore() {
        LogOperation one = new NodeCreated(1, 0, "one", NOTHING);
        LogOperation two = new NodeCreated(2, 0, "two", NOTHING);
        reduced(one);
        cursor.begin();
        reduced(two);

        assertThat(reduced(TO_ONE)).isEqualTo(new Atomic(List.of()));
        assertThat(reduced(TO_TWO)).isSameAs(TO_TWO);
    }

    @Test
    void shouldRememberWhatIsAppendedWhileTheContentIsRead() {
        reduced(TO_ONE);
        cursor.beginRead();
        reduced(new Atomic(List.of(TO_TWO, ACKNOWLEDGED)));

        assertThat(cursor.endRead()).containsExactly(TO_TWO, ACKNOWLEDGED);
        reduced(UNDER_SEVEN);
        assertThat(cursor.endRead()).isEmpty();
    }

    private LogOperation reduced(LogOperation operation) {
        return cursor.reduce(new LogRecord(0, 1, 1, operation)).operation();
    }
}
