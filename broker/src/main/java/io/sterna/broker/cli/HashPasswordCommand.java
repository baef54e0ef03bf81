package io.sterna.broker.cli;

import io.sterna.amqp.sasl.PasswordHash;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code sterna hash-password}. */
@Command(
        name = "hash-password",
        description = {
            "Hashes a password for auth.users.",
            "%nAsks for the password without showing it, or reads one line of standard input when that is no terminal;"
                    + " prints the hash. The hash is salted, so it differs each time."
        },
        footer = {
            "%nExample:",
            "  bin/sterna hash-password",
            "and then in the configuration file, with what it printed between the quotes:",
            "  auth.users { alice = \"$scram$1$…\" }"
        })
final class HashPasswordCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException, StartException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Optional<String> password = Optional.ofNullable(input.readLine());
        try {
            System.out.println(PasswordHash.create(password.orElse(""), new SecureRandom()));
        } catch (IllegalArgumentException e) {
            throw new StartException(ExitCode.USAGE, e.getMessage());
        }
        return ExitCode.OK.code();
    }
}
