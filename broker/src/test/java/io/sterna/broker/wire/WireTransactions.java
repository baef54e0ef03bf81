package io.sterna.broker.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What tests of transactions begin with: a control link, and a queue that nobody uses yet. A broker without transactions
 * refuses the control link, and then nothing is asserted.
 */
abstract class WireTransactions {
    static final byte[] MESSAGE = Body.text("in a transaction");

    @RegisterExtension
    static final WireBroker BROKER = new WireBroker();

    final String address = WireBroker.address();
    final WireSession session;
    final WireController control;

    WireTransactions() throws IOException {
        session = BROKER.begin();
        control = new WireController(session);
    }

    /** So many messages are in the queue, and acquired by nobody. */
    final void assertAvailable(int messages) throws IOException {
        assertThat(BROKER.messages(address, messages)).hasSize(messages);
    }
}
