package io.sterna.broker.config;

import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All that one node runs with. */
public record BrokerConfig(
        AmqpConfig amqp,
        HttpConfig http,
        DataConfig data,
        AuthConfig auth,
        QueuesConfig queues,
        TopicsConfig topics,
        TransactionsConfig transactions,
        ThreadsConfig threads,
        ClusterConfig cluster) {

    /** Defaults, but for {@code settings} such as {@code "amqp.port=0"}, as {@code --set} takes them. */
    public static BrokerConfig of(String... settings) throws ConfigException {
        return new ConfigSources(Optional.empty(), Map.of(), List.of(settings)).load();
    }

    static BrokerConfig read(Section root) throws ConfigException {
        AmqpConfig amqp = AmqpConfig.read(root.child("amqp"));
        HttpConfig http = HttpConfig.read(root.child("http"));
        DataConfig data = DataConfig.read(root.child("data"));
        AuthConfig auth = AuthConfig.read(root.child("auth"), amqp.host());
        QueuesConfig queues = QueuesConfig.read(root.child("queues"));
        TopicsConfig topics = TopicsConfig.read(root.child("topics"));
        TransactionsConfig transactions = TransactionsConfig.read(root.child("transactions"));
        ThreadsConfig threads = ThreadsConfig.read(root.child("threads"));
        ClusterConfig cluster = ClusterConfig.read(root.child("cluster"));
        root.refuseUnknown();
        return new BrokerConfig(amqp, http, data, auth, queues, topics, transactions, threads, cluster);
    }

    /** Every key there is, in the order in which they are read. */
    static List<String> keys() {
        List<String> keys = new ArrayList<>();
        try {
            read(Section.root(ConfigFactory.empty().root(), keys));
        } catch (ConfigException e) {
            throw new IllegalStateException("the defaults are not acceptable", e);
        }
        return keys;
    }
}
