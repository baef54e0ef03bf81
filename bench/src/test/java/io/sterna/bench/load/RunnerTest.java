package io.sterna.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RunnerTest {

    @Test
    void shouldReportAFailureWhenNobodyListens() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Target target = new Target(URI.create("amqp://127.0.0.1:" + port), "", "", "topic.", BrokerProbe.NONE);
        Load load = new Load(Duration.ofSeconds(1), Duration.ofSeconds(1), 1, 1_024);

        Result result = new Runner(target, load, "nobody", 1).run(new Drain("drain"));

        assertThat(result.figures()).isEmpty();
        assertThat(result.problem()).hasValueSatisfying(text -> assertThat(text).startsWith("failed: no connection"));
    }
}
