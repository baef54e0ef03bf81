package io.sterna.broker.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where settings come from. The later wins: built-in default, file, environment, settings in their order.
 *
 * @param file a HOCON file
 * @param environment variables of the process; those that begin with {@code STERNA_} count
 * @param settings {@code key=value} each; the value is taken as it stands, without HOCON's quoting
 */
public record ConfigSources(Optional<Path> file, Map<String, String> environment, List<String> settings) {
    private static final String VARIABLE_PREFIX = "STERNA_";

    public ConfigSources {
        environment = Map.copyOf(environment);
        settings = List.copyOf(settings);
    }

    /** Reads and checks everything. Blocks on the file. */
    public BrokerConfig load() throws ConfigException {
        Config merged = fromFile();
        for (Config override : overrides()) {
            merged = override.withFallback(merged);
        }
        return BrokerConfig.read(Section.root(merged.root(), new ArrayList<>()));
    }

    /** Variables that look like ours but name no key: misspelt, or another program's. */
    public List<String> unknownVariables() {
        Map<String, String> known = keyByVariable();
        return environment.keySet().stream()
                .filter(name -> name.startsWith(VARIABLE_PREFIX) && !known.containsKey(name))
                .sorted()
                .toList();
    }

    /** The variable that stands for a key: upper case, with an underscore for each dot and dash. */
    static String variableOf(String key) {
        return VARIABLE_PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    private static Map<String, String> keyByVariable() {
        Map<String, String> keys = new TreeMap<>();
        for (String key : BrokerConfig.keys()) {
            keys.put(variableOf(key), key);
        }
        return keys;
    }

    private Config fromFile() throws ConfigException {
        if (file.isEmpty()) {
            return ConfigFactory.empty();
        }
        Path path = file.get();
        if (!Files.isReadable(path) || Files.isDirectory(path)) {
            throw new ConfigException("configuration file " + path + " cannot be read: allowed is a readable file");
        }
        try {
            return ConfigFactory.parseFile(path.toFile()).resolve();
        } catch (com.typesafe.config.ConfigException e) {
            throw new ConfigException(oneLine("configuration file cannot be used: " + e.getMessage()));
        }
    }

    private List<Config> overrides() throws ConfigException {
        List<Config> overrides = new ArrayList<>();
        for (Map.Entry<String, String> known : keyByVariable().entrySet()) {
            String value = environment.get(known.getKey());
            if (value != null) {
                overrides.add(override(known.getValue(), value, "environment variable " + known.getKey()));
            }
        }
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            if (equals < 1) {
                throw new ConfigException("setting '" + oneLine(setting) + "' has no value: allowed is key=value");
            }
            overrides.add(
                    override(setting.substring(0, equals).strip(), setting.substring(equals + 1), "command line"));
        }
        return overrides;
    }

    private static Config override(String key, String value, String origin) throws ConfigException {
        List<String> path;
        try {
            path = ConfigUtil.splitPath(key);
        } catch (com.typesafe.config.ConfigException e) {
            throw new ConfigException("setting '" + oneLine(key) + "' is no key: allowed are names with dots between"
                    + " them, a name with other characters in double quotes");
        }
        ConfigOrigin named = ConfigOriginFactory.newSimple(origin);
        ConfigValue nested = ConfigValueFactory.fromAnyRef(value).withOrigin(named);
        for (int i = path.size() - 1; i > 0; i--) {
            nested = nested.atKey(path.get(i)).root().withOrigin(named);
        }
        return nested.atKey(path.get(0));
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ");
    }
}
