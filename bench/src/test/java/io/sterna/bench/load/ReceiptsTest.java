package io.sterna.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ReceiptsTest {

    private final Outages outages = new Outages();
    private final Ledger ledger = new Ledger(outages);
    private final Receipts receipts = new Receipts("q", ledger, outages, 1_000);

    @Test
    void shouldFindNothingWrongWhenAllComesOnceAndInOrder() {
        accepted(10);
        received(0, 10);

        assertThat(receipts.isComplete()).isTrue();
        assertThat(receipts.problems()).isEmpty();
        assertThat(receipts.received()).isEqualTo(10);
        assertThat(receipts.again()).isZero();
    }

    @Test
    void shouldSayWhatIsLostInTheMiddleAndAtTheEnd() {
        accepted(10);
        received(0, 3);
        received(5, 8);

        assertThat(receipts.isComplete()).isFalse();
        assertThat(receipts.problems()).containsExactly("q: 4 messages lost, from number 3 to 9");
    }

    @Test
    void shouldSayWhatCameOutOfOrder() {
        accepted(4);
        received(0, 1);
        received(2, 4);
        received(1, 2);

        assertThat(receipts.problems()).containsExactly("q: 1 messages came after later ones, from number 1 to 1");
    }

    @Test
    void shouldSayWhatCameAgainWithoutAnOutage() {
        accepted(4);
        received(0, 4);
        received(2, 4);

        assertThat(receipts.problems())
                .containsExactly("q: 2 messages came again with no outage that would explain it, from number 2 to 3");
        assertThat(receipts.again()).isEqualTo(2);
    }

    @Test
    void shouldExpectMessagesAgainWhenAnOutageMayHaveTakenTheirAcknowledgements() {
        accepted(10);
        received(0, 8);
        outage();
        received(4, 10);

        assertThat(receipts.problems()).isEmpty();
        assertThat(receipts.again()).isEqualTo(4);
    }

    @Test
    void shouldNotAcceptMessagesAgainWhenTheirAcknowledgementWasSafeBeforeTheOutage() {
        accepted(10);
        received(0, 6);
        receipts.onSafe(outages.now());
        received(6, 8);
        outage();
        received(5, 10);

        assertThat(receipts.problems())
                .containsExactly(
                        "q: 1 messages came again after their acknowledgement was known to be safe, from number 5 to 5");
    }

    @Test
    void shouldNotTakeAnAcknowledgementForSafeWhenThereWasAnOutageSinceTheConnectionWasOpened() {
        accepted(10);
        int openedAt = outages.now();
        received(0, 6);
        outage();
        receipts.onSafe(openedAt);
        received(5, 10);

        assertThat(receipts.problems()).isEmpty();
    }

    @Test
    void shouldNotMissMessagesOfUnknownOutcome() {
        accepted(3);
        unknown(2);
        accepted(2);
        unknown(1);
        received(0, 3);
        received(5, 7);

        assertThat(receipts.isComplete()).isTrue();
        assertThat(receipts.problems()).isEmpty();
    }

    @Test
    void shouldNotAcceptAMessageOfUnknownOutcomeOnceLaterOnesHaveCome() {
        unknown(1);
        accepted(2);
        received(1, 3);
        received(0, 1);

        assertThat(receipts.problems()).containsExactly("q: 1 messages came after later ones, from number 0 to 0");
    }

    @Test
    void shouldExpectAMessageTwiceWhenItsSendCrossedAnOutage() {
        int sentAt = outages.now();
        long number = ledger.begin();
        outage();
        ledger.onAccepted(number, sentAt);
        received(0, 1);
        receipts.onSafe(outages.now());
        received(0, 1);

        assertThat(receipts.problems()).isEmpty();
    }

    @Test
    void shouldSayWhenATransactionOfUnknownOutcomeIsHalfThere() {
        Ledger.Batch none = ledger.beginBatch(5);
        Ledger.Batch half = ledger.beginBatch(5);
        Ledger.Batch all = ledger.beginBatch(5);
        for (Ledger.Batch batch : new Ledger.Batch[] {none, half, all}) {
            ledger.onUnknown(batch);
        }
        received(5, 8);
        received(10, 15);

        assertThat(receipts.problems()).containsExactly("q: of the transaction with 5 to 9, 2 are missing");
    }

    private void accepted(int count) {
        for (int i = 0; i < count; i++) {
            ledger.onAccepted(ledger.begin(), outages.now());
        }
    }

    private void unknown(int count) {
        for (int i = 0; i < count; i++) {
            ledger.onUnknown(ledger.begin());
        }
    }

    private void received(long from, long to) {
        LongStream.range(from, to).forEach(receipts::onReceived);
    }

    private void outage() {
        outages.begin();
        outages.end();
    }
}
