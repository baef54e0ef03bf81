package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.Connection;
import io.sterna.amqp.ErrorCondition;
import io.sterna.broker.partition.Loop;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs on its loop what concerns one connection: a defect costs that connection, and nobody else. Any thread. */
final class ClientTasks {
    private static final Logger log = LoggerFactory.getLogger(ClientTasks.class);

    private final Loop loop;
    private final Connection connection;

    ClientTasks(Loop loop, Connection connection) {
        this.loop = loop;
        this.connection = connection;
    }

    Loop loop() {
        return loop;
    }

    /** At once on the loop itself, else with its next turn. */
    void run(Runnable task) {
        if (loop.isCurrent()) {
            runSafely(task);
        } else {
            post(task);
        }
    }

    /** After what is in the loop's mailbox now. */
    void post(Runnable task) {
        loop.post(() -> runSafely(task));
    }

    private void runSafely(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | AssertionError defect) {
            log.error("a connection of user {} is closed because of a defect", connection.user(), defect);
            close(AmqpError.of(ErrorCondition.INTERNAL_ERROR, "the broker ran into an error of its own; see its log"));
        }
    }

    /** Closes the connection. On the loop. */
    void close(AmqpError why) {
        connection.close(Optional.of(why));
    }
}
