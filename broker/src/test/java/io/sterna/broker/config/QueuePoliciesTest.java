package io.sterna.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.config.QueueLimits.Overflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueuePoliciesTest {
    @TempDir
    Path directory;

    @Test
    void shouldDropNothingAndLimitOnlyAttemptsWhenNoPolicyIsGiven() throws ConfigException {
        QueuePolicy policy = policies("[]").of("orders");

        assertThat(policy).isEqualTo(QueuePolicy.DEFAULT);
        assertThat(policy.limits().unlimited()).isTrue();
        assertThat(policy.deadLetters()).isTrue();
        assertThat(policy.timeToLive()).isEqualTo(new TimeToLive(true, 0, 0, 0, true));
        assertThat(policy.redelivery()).isEqualTo(new Redelivery(10, 0, 2, 3_600_000, false));
        assertThat(policy.deduplication().enabled()).isFalse();
        assertThat(policies("[{ match = \"#\" }]").of("orders")).isEqualTo(QueuePolicy.DEFAULT);
    }

    @Test
    void shouldReadEveryKeyFromAFile() throws Exception {
        Path file = directory.resolve("sterna.conf");
        Files.writeString(
                file,
                """
                queues.policies = [
                  { match = "orders.#", max-length = 5, max-bytes = 1 MiB, overflow = reject, last-value-key = symbol, max-memory = 8 MiB
                    default-ttl = 2 s, min-ttl = 1 s, max-ttl = 3 s, expired = drop
                    max-deliveries = 3, redelivery-delay = 100 ms, redelivery-back-off = 1.5, redelivery-max-delay = 1 s
                    undeliverable = dead-letter
                    lock-duration = 30 s, dedup-window = 10 m, dedup-max-ids = 7, dedup-annotation = x-opt-id
                    dead-letter = no, auto-delete = 1 m },
                  { match = "prices.*", ring = 100 }
                ]
                """);

        QueuePolicies policies = new ConfigSources(Optional.of(file), Map.of(), List.of())
                .load()
                .queues()
                .policies();

        assertThat(policies.of("orders.new"))
                .isEqualTo(new QueuePolicy(
                        new QueueLimits(5, 1 << 20, Overflow.REJECT),
                        8 << 20,
                        new TimeToLive(true, 2_000, 1_000, 3_000, false),
                        new Redelivery(3, 100, 1.5, 1_000, true),
                        new Deduplication(600_000, 7, Optional.of("x-opt-id")),
                        Optional.of("symbol"),
                        30_000,
                        60_000,
                        false));
        assertThat(policies.of("prices.a").limits()).isEqualTo(new QueueLimits(100, 0, Overflow.DROP_OLDEST));
        assertThat(policies.of("prices.a.b")).isEqualTo(QueuePolicy.DEFAULT);
    }

    @Test
    void shouldTakeTheFirstThatMatches() throws ConfigException {
        QueuePolicies policies =
                policies("[{match = a.b, ring = 1}, {match = \"a.#\", ring = 2}, {match = \"#\", ring = 3}]");

        assertThat(policies.of("a.b").limits().maxMessages()).isEqualTo(1);
        assertThat(policies.of("a.c").limits().maxMessages()).isEqualTo(2);
        assertThat(policies.of("b").limits().maxMessages()).isEqualTo(3);
    }

    @Test
    void shouldGiveASubscriptionThePolicyOfItsTopic() throws ConfigException {
        QueuePolicies policies = policies("[{match = \"news.*\", ring = 1}]");

        assertThat(policies.of("news.today/subscriptions/me.you").limits().maxMessages())
                .isEqualTo(1);
    }

    @Test
    void shouldSpareDeadLettersThePolicyOfTheirQueue() throws ConfigException {
        QueuePolicies policies = policies(
                "[{match = \"#\", ring = 1, max-ttl = 1 s}, {match = \"a/$deadletterqueue\", max-length = 9}]");

        assertThat(policies.of("a/$deadletterqueue").limits()).isEqualTo(new QueueLimits(9, 0, Overflow.BLOCK));
        assertThat(policies.of("a/$deadletterqueue").redelivery().exhaustedBy(1_000_000))
                .isFalse();
        assertThat(policies.of("b/$deadletterqueue")).isEqualTo(QueuePolicy.OF_DEAD_LETTERS);
        assertThat(QueuePolicy.OF_DEAD_LETTERS.timeToLive().expiresAtMillis(5, 1))
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "default-ttl = 5,                           0, 1005",
        "default-ttl = 5,                        1001, 1001",
        "min-ttl = 5,                            1001, 1005",
        "min-ttl = 5,                               0, 0",
        "max-ttl = 5,                            1009, 1005",
        "max-ttl = 5,                            1003, 1003",
        "max-ttl = 5,                               0, 1005",
        "'max-ttl = 5, default-ttl = 9, min-ttl = 2', 0, 1005",
        "'max-ttl = 5, default-ttl = 1, min-ttl = 2', 0, 1002",
    })
    void shouldBoundTimeToLive(String keys, long askedMillis, long expectedMillis) throws ConfigException {
        TimeToLive bounds = policies("[{match = a, " + keys + "}]").of("a").timeToLive();

        assertThat(bounds.expiresAtMillis(askedMillis, 1_000)).isEqualTo(expectedMillis);
    }

    @Test
    void shouldLetTheWaitGrowUpToItsMaximum() throws ConfigException {
        Redelivery redelivery = policies(
                        "[{match = a, redelivery-delay = 100, redelivery-back-off = 3, redelivery-max-delay = 1 s}]")
                .of("a")
                .redelivery();

        assertThat(redelivery.delayMillis(1)).isEqualTo(100);
        assertThat(redelivery.delayMillis(2)).isEqualTo(300);
        assertThat(redelivery.delayMillis(3)).isEqualTo(900);
        assertThat(redelivery.delayMillis(4)).isEqualTo(1_000);
        assertThat(redelivery.delayMillis(Integer.MAX_VALUE)).isEqualTo(1_000);
        assertThat(QueuePolicy.DEFAULT.redelivery().delayMillis(3)).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    5                                | queues.policies = "5" (command line): allowed is a list of sections, as in
                    [a]                              | queues.policies = "[a]" (command line): allowed is a list of sections, as in
                    [{]                              | queues.policies = "[{]" (command line): allowed is a list of sections, as in
                    [{}]                             | queues.policies[0].match = : allowed is words with dots
                    [{match=a}, {match="b*"}]        | queues.policies[1].match = b* (String: 1): allowed is words with dots
                    [{match=a, max-length=-1}]       | queues.policies[0].max-length = -1 (String: 1): allowed is a whole number from 0 to 2147483647
                    [{match=a, max-bytes=much}]      | queues.policies[0].max-bytes = "much" (String: 1): allowed is a size from 0 B to 1024 GiB
                    [{match=a, overflow=drop}]       | queues.policies[0].overflow = "drop" (String: 1): allowed is one of block, dead-letter, drop-oldest, reject
                    [{match=a, ring=1, max-length=1}]| queues.policies[0].ring = 1 (String: 1): allowed is 0 where max-length, max-bytes or overflow is set
                    [{match=a, ring=x}]              | queues.policies[0].ring = "x" (String: 1): allowed is a whole number
                    [{match=a, last-value-key=" "}]  | queues.policies[0].last-value-key = " " (String: 1): allowed is a text that is not blank
                    [{match=a, default-ttl=-1}]      | queues.policies[0].default-ttl = -1 (String: 1): allowed is a duration from 0 s to 315360000 s
                    [{match=a, min-ttl=2, max-ttl=1}]| queues.policies[0].min-ttl = 2 ms (String: 1): allowed is at most max-ttl, 1 ms
                    [{match=a, max-ttl=x}]           | queues.policies[0].max-ttl = "x" (String: 1): allowed is a duration
                    [{match=a, expired=keep}]        | queues.policies[0].expired = "keep" (String: 1): allowed is one of dead-letter, drop
                    [{match=a, max-deliveries=-1}]   | queues.policies[0].max-deliveries = -1 (String: 1): allowed is a whole number
                    [{match=a, redelivery-delay=x}]  | queues.policies[0].redelivery-delay = "x" (String: 1): allowed is a duration
                    [{match=a, redelivery-back-off=0.5}] | queues.policies[0].redelivery-back-off = 0.5 (String: 1): allowed is a number from 1 to 100
                    [{match=a, redelivery-max-delay=0}]  | queues.policies[0].redelivery-max-delay = 0 (String: 1): allowed is a duration from 1 ms
                    [{match=a, undeliverable=drop}]  | queues.policies[0].undeliverable = "drop" (String: 1): allowed is one of dead-letter, keep
                    [{match="a/$deadletterqueue", overflow=dead-letter}] | queues.policies[0].overflow = dead-letter (String: 1): allowed is another one
                    [{match=a, max-memory=1 MiB}]    | queues.policies[0].max-memory = 1 MiB (String: 1): allowed is 0, or 2 MiB or more
                    [{match=a, lock-duration=25 h}]  | queues.policies[0].lock-duration = "25 h" (String: 1): allowed is a duration from 0 s to 86400 s
                    [{match=a, dedup-window=31 d}]   | queues.policies[0].dedup-window = "31 d" (String: 1): allowed is a duration
                    [{match=a, dedup-max-ids=0}]     | queues.policies[0].dedup-max-ids = 0 (String: 1): allowed is a whole number from 1 to 10000000
                    [{match=a, dedup-annotation=[]}] | queues.policies[0].dedup-annotation = [] (String: 1): allowed is a text
                    [{match=a, dead-letter=maybe}]   | queues.policies[0].dead-letter = "maybe" (String: 1): allowed is true or false
                    [{match=a, auto-delete=-1}]      | queues.policies[0].auto-delete = -1 (String: 1): allowed is a duration
                    [{match=a, maxlength=1}]         | queues.policies[0].maxlength (String: 1) is not a known key; known in queues.policies[0]: auto-delete, dead-letter
                    """)
    void shouldSayInOneLineWhatIsWrong(String value, String expected) {
        assertThatThrownBy(() -> BrokerConfig.of("queues.policies=" + value))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(expected)
                .message()
                .hasLineCount(1);
    }

    @Test
    void shouldNameFileAndLineWhenAFileIsWrong() throws IOException {
        Path file = directory.resolve("wrong.conf");
        Files.writeString(file, "queues.policies = [\n{ match = a\nring = x }]");

        assertThatThrownBy(() -> new ConfigSources(Optional.of(file), Map.of(), List.of()).load())
                .hasMessageStartingWith("queues.policies[0].ring = \"x\" (" + file + ": 3)");
    }

    private static QueuePolicies policies(String value) throws ConfigException {
        return BrokerConfig.of("queues.policies=" + value).queues().policies();
    }
}
