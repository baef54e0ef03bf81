package io.sterna.broker.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.crash.Ledger.MessageName;
import org.junit.jupiter.api.Test;

/** The judge has to find what is wrong, or its verdict on the broker says nothing. */
class LedgerTest {
    private static final MessageName ONE = new MessageName("p", 1);

    private final Ledger ledger = new Ledger();

    private void receiveAndConfirm(int life) {
        ledger.received(ONE, life);
        ledger.acknowledging(ONE);
        ledger.confirmed(ONE);
    }

    @Test
    void shouldFindNothingWhenAcceptedMessageIsReceivedOnce() {
        ledger.sending(ONE);
        ledger.accepted(ONE);
        receiveAndConfirm(1);

        assertThat(ledger.verdict()).isEmpty();
    }

    @Test
    void shouldFindLossWhenAcceptedMessageIsNeverReceived() {
        ledger.sending(ONE);
        ledger.accepted(ONE);

        assertThat(ledger.verdict()).hasSize(2).last().asString().contains("accepted and never received");
    }

    @Test
    void shouldForgiveLossWhenTheSendWasInDoubt() {
        ledger.sending(ONE);

        assertThat(ledger.verdict()).isEmpty();
    }

    @Test
    void shouldFindReturnWhenConfirmedMessageComesAgain() {
        ledger.sending(ONE);
        ledger.accepted(ONE);
        receiveAndConfirm(1);
        receiveAndConfirm(2);

        assertThat(ledger.verdict()).hasSize(1).first().asString().contains("came back in life 2");
    }

    @Test
    void shouldForgiveReturnWhenTheAcknowledgementWasInDoubt() {
        ledger.sending(ONE);
        ledger.accepted(ONE);
        ledger.received(ONE, 1);
        ledger.acknowledging(ONE);
        receiveAndConfirm(2);

        assertThat(ledger.verdict()).isEmpty();
    }

    @Test
    void shouldFindDoubleWhenReceivedTwiceInOneLife() {
        ledger.sending(ONE);
        ledger.received(ONE, 1);
        receiveAndConfirm(1);

        assertThat(ledger.verdict()).hasSize(1).first().asString().contains("twice");
    }

    @Test
    void shouldFindLossWhenHeldMessageNeverComesAgain() {
        ledger.sending(ONE);
        ledger.accepted(ONE);
        ledger.received(ONE, 1);

        assertThat(ledger.verdict()).hasSize(1).first().asString().contains("never came again");
    }

    @Test
    void shouldFindInventionWhenMessageWasNeverSent() {
        ledger.received(ONE, 1);

        assertThat(ledger.verdict()).hasSize(1).first().asString().contains("never sent");
    }
}
