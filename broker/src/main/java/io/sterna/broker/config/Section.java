package io.sterna.broker.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * One subtree of the configuration while it is read. It remembers which keys were asked for: the rest is unknown and
 * refused, and what is asked of an empty configuration is the list of all keys.
 */
final class Section {
    private static final String ONLY_KEY = "value";

    private final String path;
    private final ConfigObject object;
    private final List<String> keysAsked;
    private final TreeSet<String> namesAsked = new TreeSet<>();

    private Section(String path, ConfigObject object, List<String> keysAsked) {
        this.path = path;
        this.object = object;
        this.keysAsked = keysAsked;
    }

    /** @param keysAsked receives the full path of every value asked for, in order */
    static Section root(ConfigObject object, List<String> keysAsked) {
        return new Section("", object, keysAsked);
    }

    /** Of values that come from elsewhere than the configuration. */
    static Section of(String path, ConfigObject object) {
        return new Section(path, object, new ArrayList<>());
    }

    /** Everything in it, as it was given. */
    ConfigObject object() {
        return object;
    }

    Section child(String name) throws ConfigException {
        namesAsked.add(name);
        ConfigValue value = object.get(name);
        if (value == null) {
            return new Section(pathOf(name), ConfigValueFactory.fromMap(Map.of()), keysAsked);
        }
        if (!(value instanceof ConfigObject child)) {
            throw refused(name, value, "a section, as in " + pathOf(name) + " { … }");
        }
        return new Section(pathOf(name), child, keysAsked);
    }

    String text(String name, String preset) throws ConfigException {
        String allowed = "a text that is not blank";
        return read(name, preset, allowed, value -> {
            String text = single(value).getString(ONLY_KEY).strip();
            return text.isEmpty() ? Optional.empty() : Optional.of(text);
        });
    }

    Optional<Boolean> flag(String name) throws ConfigException {
        return read(
                name,
                Optional.empty(),
                "true or false",
                value -> Optional.of(Optional.of(single(value).getBoolean(ONLY_KEY))));
    }

    int wholeNumber(String name, int preset, int min, int max) throws ConfigException {
        String allowed = "a whole number from " + min + " to " + max;
        return read(name, preset, allowed, value -> Optional.of(
                        Long.parseLong(single(value).getString(ONLY_KEY).strip()))
                .filter(number -> min <= number && number <= max)
                .map(Long::intValue));
    }

    /** A whole number, or a word for none, which is the default. */
    Optional<Integer> wholeNumberOr(String word, String name, int min, int max) throws ConfigException {
        String allowed = word + " or a whole number from " + min + " to " + max;
        return read(name, Optional.empty(), allowed, value -> {
            String text = single(value).getString(ONLY_KEY).strip();
            if (text.equals(word)) {
                return Optional.of(Optional.empty());
            }
            int number = Integer.parseInt(text);
            return min <= number && number <= max ? Optional.of(Optional.of(number)) : Optional.empty();
        });
    }

    /** A number, with or without a decimal point. */
    double number(String name, double preset, int min, int max) throws ConfigException {
        String allowed = "a number from " + min + " to " + max;
        return read(name, preset, allowed, value -> Optional.of(
                        Double.parseDouble(single(value).getString(ONLY_KEY).strip()))
                .filter(number -> min <= number && number <= max));
    }

    /** A constant of an enum, in lower case, with a dash for each underscore. */
    <E extends Enum<E>> E oneOf(String name, Class<E> type, E preset) throws ConfigException {
        Map<String, E> constants = new TreeMap<>();
        for (E constant : type.getEnumConstants()) {
            constants.put(text(constant), constant);
        }
        return read(
                name,
                preset,
                "one of " + String.join(", ", constants.keySet()),
                value -> Optional.ofNullable(
                        constants.get(single(value).getString(ONLY_KEY).strip())));
    }

    /** A constant of an enum as {@link #oneOf} reads it. */
    static String text(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A text; {@code ""} is none. */
    Optional<String> optionalText(String name) throws ConfigException {
        return read(name, Optional.empty(), "a text that is not blank", value -> {
            String given = single(value).getString(ONLY_KEY);
            return given.isBlank() && !given.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Optional.of(given.strip()).filter(text -> !text.isEmpty()));
        });
    }

    /** A size such as {@code 64 KiB}; a bare number is bytes. */
    long bytes(String name, long preset, long min, long max) throws ConfigException {
        String allowed = "a size from " + Units.ofBytes(min) + " to " + Units.ofBytes(max) + ", as in \"64 KiB\"";
        return read(name, preset, allowed, value -> Optional.of(single(value).getBytes(ONLY_KEY))
                .filter(size -> min <= size && size <= max));
    }

    /** A size, or a word for none, which is the default. */
    Optional<Long> bytesOr(String word, String name, long min, long max) throws ConfigException {
        String allowed =
                word + " or a size from " + Units.ofBytes(min) + " to " + Units.ofBytes(max) + ", as in \"64 KiB\"";
        return read(name, Optional.empty(), allowed, value -> {
            if (single(value).getString(ONLY_KEY).strip().equals(word)) {
                return Optional.of(Optional.empty());
            }
            long size = single(value).getBytes(ONLY_KEY);
            return min <= size && size <= max ? Optional.of(Optional.of(size)) : Optional.empty();
        });
    }

    /** A duration such as {@code 10 s}; a bare number is milliseconds. */
    long millis(String name, long preset, long min, long max) throws ConfigException {
        String allowed = "a duration from " + Units.ofMillis(min) + " to " + Units.ofMillis(max) + ", as in \"10 s\"";
        return read(
                name, preset, allowed, value -> Optional.of(single(value).getDuration(ONLY_KEY, TimeUnit.MILLISECONDS))
                        .filter(duration -> min <= duration && duration <= max));
    }

    /** A list of texts, or one text with commas between them, as it comes from a command line. */
    List<String> texts(String name, List<String> preset) throws ConfigException {
        return read(name, preset, "a list of texts", value -> {
            if (value.valueType() == ConfigValueType.LIST) {
                return Optional.of(List.copyOf(single(value).getStringList(ONLY_KEY)));
            }
            return Optional.of(Arrays.stream(single(value).getString(ONLY_KEY).split(",", -1))
                    .map(String::strip)
                    .filter(text -> !text.isEmpty())
                    .toList());
        });
    }

    /** A section whose names are the operator's choice; counts as one key. */
    Section childWithAnyNames(String name) throws ConfigException {
        keysAsked.add(pathOf(name));
        return new Section(pathOf(name), child(name).object, new ArrayList<>());
    }

    /** The sections of a list, or of a text that holds such a list, as it comes from a command line; counts as one key. */
    List<Section> children(String name) throws ConfigException {
        String allowed = "a list of sections, as in [{ match = \"orders.#\", … }]";
        List<? extends ConfigValue> values = this.<List<? extends ConfigValue>>read(name, List.of(), allowed, value -> {
            ConfigValue list = value.valueType() == ConfigValueType.STRING
                    ? ConfigFactory.parseString(ONLY_KEY + " = " + single(value).getString(ONLY_KEY))
                            .getValue(ONLY_KEY)
                    : value;
            List<? extends ConfigValue> items = single(list).getList(ONLY_KEY);
            return items.stream().allMatch(ConfigObject.class::isInstance) ? Optional.of(items) : Optional.empty();
        });
        List<Section> sections = new ArrayList<>();
        for (ConfigValue value : values) {
            sections.add(
                    new Section(pathOf(name) + "[" + sections.size() + "]", (ConfigObject) value, new ArrayList<>()));
        }
        return sections;
    }

    /** The names that are there, in order. */
    List<String> names() {
        return object.keySet().stream().sorted().toList();
    }

    /**
     * A text that is not shown when it is wrong.
     *
     * @param parser throws {@link IllegalArgumentException} saying what is allowed
     */
    <T> T secret(String name, Function<String, T> parser) throws ConfigException {
        try {
            return parser.apply(
                    single(Optional.ofNullable(object.get(name)).orElseThrow()).getString(ONLY_KEY));
        } catch (com.typesafe.config.ConfigException e) {
            throw refused(name, "(not shown)", "a text");
        } catch (IllegalArgumentException e) {
            throw refused(name, "(not shown)", "what bin/sterna hash-password prints: " + e.getMessage());
        }
    }

    /** Refuses the first key that nobody asked for. */
    void refuseUnknown() throws ConfigException {
        for (String name : new TreeSet<>(object.keySet())) {
            if (!namesAsked.contains(name)) {
                throw new ConfigException(pathOf(name) + from(object.get(name).origin()) + " is not a known key; "
                        + (path.isEmpty() ? "known sections: " : "known in " + path + ": ")
                        + String.join(", ", namesAsked));
            }
        }
    }

    /** The value under {@code name} was read and is still not acceptable. */
    ConfigException refused(String name, String found, String allowed) {
        ConfigValue value = object.get(name);
        return new ConfigException(
                pathOf(name) + " = " + found + (value == null ? "" : from(value.origin())) + ": allowed is " + allowed);
    }

    private ConfigException refused(String name, ConfigValue value, String allowed) {
        return refused(name, value.render(ConfigRenderOptions.concise()), allowed);
    }

    private <T> T read(String name, T preset, String allowed, Function<ConfigValue, Optional<T>> reader)
            throws ConfigException {
        namesAsked.add(name);
        keysAsked.add(pathOf(name));
        ConfigValue value = object.get(name);
        if (value == null) {
            return preset;
        }
        Optional<T> read;
        try {
            read = reader.apply(value);
        } catch (com.typesafe.config.ConfigException | NumberFormatException e) {
            throw refused(name, value, allowed);
        }
        if (read.isEmpty()) {
            throw refused(name, value, allowed);
        }
        return read.get();
    }

    private String pathOf(String name) {
        return path.isEmpty() ? ConfigUtil.joinPath(name) : path + "." + ConfigUtil.joinPath(name);
    }

    private static Config single(ConfigValue value) {
        return value.atKey(ONLY_KEY);
    }

    private static String from(ConfigOrigin origin) {
        String description = origin.description();
        return description.isEmpty() ? "" : " (" + description + ")";
    }
}
