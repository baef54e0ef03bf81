package io.sterna.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.store.LogOperation;
import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.EpochStarted;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.NodeDeleted;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DifferencePartTest {
    private static final byte[] NOTHING = new byte[0];
    private static final byte[] KEY = {1};

    private final DifferencePart part = new DifferencePart();

    @Test
    void shouldRemoveBeforeItCreatesAndTellStatesAfterMessages() {
        LogOperation update = update(1, 5, 2);
        LogOperation node = new NodeCreated(1, 0, "one", NOTHING);
        part.tell(update);
        part.tell(enqueued(1, 5));
        part.tell(enqueued(2, 4));
        part.tell(acknowledged(2, 3));
        part.tell(node);
        part.delete(1);

        assertThat(operations())
                .extracting(Object::getClass)
                .containsExactly(
                        NodeDeleted.class,
                        NodeCreated.class,
                        Acknowledged.class,
                        Enqueued.class,
                        Enqueued.class,
                        DeliveryUpdated.class);
        assertThat(((Enqueued) operations().get(3)).sequence()).isEqualTo(4);
    }

    @Test
    void shouldBringWhatCameToAQueueWhoseEndItReaches() {
        LogOperation first = enqueued(1, 5);
        LogOperation second = enqueued(1, 6);
        part.tell(first);
        part.reachEnd(MessageOwner.queue(1));

        part.replay(List.of(first, second, enqueued(2, 7)));

        assertThat(operations()).containsExactly(first, second);
    }

    @Test
    void shouldNotBringWhatWasAcknowledgedMeanwhile() {
        part.tell(enqueued(1, 5));
        part.tell(update(1, 5, 2));
        part.tell(new Published(7, 6, new long[] {1, 2}, NOTHING, NOTHING));
        part.tell(new Published(7, 8, new long[] {1}, NOTHING, NOTHING));

        part.replay(List.of(acknowledged(1, 5, 6, 8)));

        assertThat(operations()).singleElement().isInstanceOfSatisfying(Published.class, left -> {
            assertThat(left.sequence()).isEqualTo(6);
            assertThat(left.queueIds()).containsExactly(2);
        });
    }

    @Test
    void shouldBringTheStateAMessageHasBySending() {
        LogOperation latest = update(1, 5, 3);
        part.tell(enqueued(1, 5));

        part.replay(List.of(update(1, 5, 2), latest, update(1, 9, 1)));

        assertThat(operations()).hasSize(2).endsWith(latest);
    }

    @Test
    void shouldBringValuesAndSettingsAsTheyAreBySending() {
        part.tell(new NodeCreated(1, 4, "one", NOTHING));
        part.tell(new ValuePut(0, KEY, NOTHING));
        part.tell(new ValueRemoved(1, KEY));
        LogOperation removed = new ValueRemoved(0, KEY);
        LogOperation put = new ValuePut(1, KEY, NOTHING);

        part.replay(List.of(new NodeChanged(1, KEY), removed, put, new ValuePut(2, KEY, NOTHING)));

        assertThat(operations())
                .hasSize(3)
                .endsWith(removed, put)
                .first()
                .isInstanceOfSatisfying(
                        NodeCreated.class, node -> assertThat(node.settings()).isEqualTo(KEY));
    }

    @Test
    void shouldTellNothingOfANodeThatWasDeletedMeanwhile() {
        part.tell(new NodeCreated(1, 4, "one", NOTHING));
        part.tell(new ValuePut(1, KEY, NOTHING));
        part.tell(enqueued(1, 5));
        part.tell(update(1, 5, 2));

        part.replay(List.of(new NodeDeleted(1)));

        assertThat(operations()).isEmpty();
    }

    @Test
    void shouldBringValuesThatItsOwnDeletionOfTheNodeRemoves() {
        LogOperation put = new ValuePut(1, KEY, NOTHING);
        part.delete(1);

        part.replay(List.of(put));

        assertThat(operations()).endsWith(put);
    }

    @Test
    void shouldTellOnlyWhatThereIs() {
        assertThatThrownBy(() -> part.tell(new EpochStarted())).isInstanceOf(IllegalArgumentException.class);
    }

    private List<LogOperation> operations() {
        return part.toDifference(false).operations();
    }

    private static Enqueued enqueued(long queueId, long sequence) {
        return new Enqueued(queueId, sequence, NOTHING, NOTHING);
    }

    private static Acknowledged acknowledged(long queueId, long... sequences) {
        return new Acknowledged(queueId, sequences);
    }

    private static DeliveryUpdated update(long queueId, long sequence, int count) {
        return new DeliveryUpdated(queueId, sequence, count, NOTHING, NOTHING);
    }
}
