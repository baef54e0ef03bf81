package io.sterna.amqp;

import io.sterna.amqp.sasl.UserAuthenticator;
import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** A client and a server engine joined back to back in memory; the bytes between them are cut at random places. */
final class EnginePair {
    private final Random random;
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final Pipe toServer = new Pipe();
    private final Pipe toClient = new Pipe();
    final Connection client;
    final Connection server;
    private long now;

    /** Bytes under way in one direction. */
    private static final class Pipe {
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private byte[] bytes = new byte[0];
        private int taken;

        boolean isEmpty() {
            return taken == bytes.length && written.size() == 0;
        }

        void write(Connection from) {
            written.write(from.outputArray(), 0, from.outputBytes());
            from.outputTaken();
        }

        void read(Connection to, int most, long now) {
            if (taken == bytes.length) {
                bytes = written.toByteArray();
                written.reset();
                taken = 0;
            }
            int count = Math.min(most, bytes.length - taken);
            if (count > 0) {
                to.receive(bytes, taken, count, now);
                taken += count;
            }
        }
    }

    EnginePair(
            Random random,
            ConnectionSettings clientSettings,
            ConnectionHandler clientHandler,
            ConnectionSettings serverSettings,
            ConnectionHandler serverHandler) {
        this.random = random;
        UserAuthenticator anonymous = new UserAuthenticator(Map.of(), true, Runnable::run, new SecureRandom());
        LoopResources resources = new LoopResources(tasks::add);
        server = Connection.server(serverSettings, anonymous, resources, serverHandler, () -> {}, 0);
        client = Connection.client(clientSettings, Optional.empty(), resources, clientHandler, () -> {}, 0);
        client.open(OpenTerms.PLAIN);
    }

    /** Moves some bytes in one direction. */
    void step() {
        now += random.nextInt(3);
        boolean fromClient = random.nextBoolean();
        Connection from = fromClient ? client : server;
        Pipe pipe = fromClient ? toServer : toClient;
        from.pull(1 + random.nextInt(5_000));
        pipe.write(from);
        Connection to = fromClient ? server : client;
        if (to.wantsInput()) {
            pipe.read(to, 1 + random.nextInt(random.nextBoolean() ? 10 : 3_000), now);
        }
        while (!tasks.isEmpty()) {
            tasks.removeFirst().run();
        }
        from.tick(now);
    }

    /** Moves bytes until there are none left. */
    void quiesce() {
        for (int steps = 0; steps < 10_000_000; steps++) {
            boolean idle = toServer.isEmpty() && toClient.isEmpty() && !client.hasOutput() && !server.hasOutput();
            if (idle) {
                return;
            }
            step();
        }
        throw new AssertionError("the engines go on for ever");
    }
}
