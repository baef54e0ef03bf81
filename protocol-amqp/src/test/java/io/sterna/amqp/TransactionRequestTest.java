package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of a coordinator, as messages (AMQP 1.0 §4.5.2, §4.5.3). */
class TransactionRequestTest {

    @Test
    void shouldReadADeclareThatWasWritten() throws Exception {
        assertThat(TransactionRequest.decode(TransactionRequest.Declare.LOCAL.encode()))
                .contains(TransactionRequest.Declare.LOCAL);
    }

    /** §4.5.4: a transaction-id has up to 32 octets. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8, 32})
    void shouldReadADischargeThatWasWritten(int idBytes) throws Exception {
        for (boolean fail : new boolean[] {false, true}) {
            byte[] id = new byte[idBytes];
            Optional<TransactionRequest> read =
                    TransactionRequest.decode(new TransactionRequest.Discharge(id, fail).encode());

            assertThat(read).get().isInstanceOfSatisfying(TransactionRequest.Discharge.class, discharge -> {
                assertThat(discharge.transactionId()).isEqualTo(id);
                assertThat(discharge.fail()).isEqualTo(fail);
            });
        }
    }

    @Test
    void shouldReadWhatAmqpDoesNotDefineAsItWasWritten() throws Exception {
        byte[] content = {1, 2, 3};

        assertThat(TransactionRequest.decode(new TransactionRequest.Other(content).encode()))
                .get()
                .isInstanceOfSatisfying(TransactionRequest.Other.class, other -> assertThat(other.content())
                        .isEqualTo(content));
    }

    @Test
    void shouldNotWriteADeclareWithoutTheGlobalIdThatItHas() {
        assertThatThrownBy(() -> new TransactionRequest.Declare(true).encode())
                .isInstanceOf(IllegalStateException.class);
    }
}
