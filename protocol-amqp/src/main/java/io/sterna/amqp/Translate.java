package io.sterna.amqp;

import io.sterna.amqp.AmqpTypes.Described;
import io.sterna.amqp.AmqpTypes.Symbol;
import io.sterna.amqp.AmqpTypes.Unsigned;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.DescribedType;
import org.apache.qpid.proton.amqp.UnknownDescribedType;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.jspecify.annotations.Nullable;

/** Values and errors between Proton-J's types and ours. Termini and delivery states have classes of their own. */
final class Translate {
    private static final Set<Class<?>> SIMPLE = Set.of(
            Boolean.class,
            Character.class,
            String.class,
            Date.class,
            UUID.class,
            byte[].class,
            Symbol.class,
            Unsigned.class);

    private Translate() {}

    static org.apache.qpid.proton.amqp.Symbol symbol(String name) {
        return org.apache.qpid.proton.amqp.Symbol.valueOf(name);
    }

    static org.apache.qpid.proton.amqp.Symbol @Nullable [] symbols(List<String> names) {
        if (names.isEmpty()) {
            return null;
        }
        return names.stream().map(Translate::symbol).toArray(org.apache.qpid.proton.amqp.Symbol[]::new);
    }

    static List<String> strings(org.apache.qpid.proton.amqp.Symbol @Nullable [] symbols) {
        if (symbols == null) {
            return List.of();
        }
        List<String> result = new ArrayList<>(symbols.length);
        for (org.apache.qpid.proton.amqp.Symbol symbol : symbols) {
            if (symbol != null) {
                result.add(symbol.toString());
            }
        }
        return result;
    }

    /** A map of fields: keys that are neither symbols nor strings are passed over. */
    static Map<String, Object> fields(@Nullable Map<?, ?> fields) {
        if (fields == null || fields.isEmpty()) {
            return Map.of();
        }
        Map<String, Object> result = new LinkedHashMap<>();
        fields.forEach((key, value) -> {
            if (key instanceof org.apache.qpid.proton.amqp.Symbol || key instanceof String) {
                result.put(key.toString(), ours(value));
            }
        });
        return result;
    }

    static @Nullable Map<org.apache.qpid.proton.amqp.Symbol, Object> protonFields(Map<String, Object> fields) {
        if (fields.isEmpty()) {
            return null;
        }
        Map<org.apache.qpid.proton.amqp.Symbol, Object> result = new LinkedHashMap<>();
        fields.forEach((key, value) -> result.put(symbol(key), theirs(value)));
        return result;
    }

    static Object ours(@Nullable Object value) {
        if (value == null) {
            return AmqpTypes.Null.NULL;
        } else if (value instanceof org.apache.qpid.proton.amqp.Symbol symbol) {
            return new Symbol(symbol.toString());
        } else if (value instanceof DescribedType described) {
            return new Described(ours(described.getDescriptor()), ours(described.getDescribed()));
        } else if (value instanceof UnsignedByte number) {
            return new Unsigned(8, number.longValue());
        } else if (value instanceof UnsignedShort number) {
            return new Unsigned(16, number.longValue());
        } else if (value instanceof UnsignedInteger number) {
            return new Unsigned(32, number.longValue());
        } else if (value instanceof UnsignedLong number) {
            return new Unsigned(64, number.longValue());
        } else if (value instanceof Binary binary) {
            return bytes(binary);
        } else if (value instanceof org.apache.qpid.proton.amqp.messaging.LifetimePolicy policy) {
            return TranslateTerminus.lifetimePolicy(policy);
        } else if (value instanceof List<?> list) {
            return list.stream().map(Translate::ours).toList();
        } else if (value instanceof Map<?, ?> map) {
            Map<Object, Object> result = new LinkedHashMap<>();
            map.forEach((key, element) -> result.put(ours(key), ours(element)));
            return result;
        } else if (value.getClass().isArray()) {
            List<Object> elements = new ArrayList<>();
            for (int index = 0; index < Array.getLength(value); index++) {
                elements.add(ours(Array.get(value, index)));
            }
            return new AmqpTypes.Array(elements);
        }
        return value;
    }

    static @Nullable Object theirs(Object value) {
        if (value == AmqpTypes.Null.NULL) {
            return null;
        } else if (value instanceof Symbol symbol) {
            return symbol(symbol.name());
        } else if (value instanceof Described described) {
            return new UnknownDescribedType(theirs(described.descriptor()), theirs(described.value()));
        } else if (value instanceof Unsigned number) {
            return unsigned(number);
        } else if (value instanceof byte[] bytes) {
            return new Binary(bytes);
        } else if (value instanceof Terminus.LifetimePolicy policy) {
            return TranslateTerminus.theirLifetimePolicy(policy);
        } else if (value instanceof List<?> list) {
            List<@Nullable Object> result = new ArrayList<>();
            list.forEach(element -> result.add(theirs(element)));
            return result;
        } else if (value instanceof Map<?, ?> map) {
            Map<@Nullable Object, @Nullable Object> result = new LinkedHashMap<>();
            map.forEach((key, element) -> result.put(theirs(key), theirs(element)));
            return result;
        } else if (value instanceof AmqpTypes.Array array) {
            return array(array);
        }
        return value;
    }

    /**
     * In a map Proton-J writes no array of a Java primitive, one of nothing only if told the type, and not every one of
     * composites: the last two become lists.
     */
    private static Object array(AmqpTypes.Array array) {
        List<@Nullable Object> elements = new ArrayList<>();
        array.elements().forEach(element -> elements.add(theirs(element)));
        boolean simple = !elements.isEmpty() && array.elements().stream().allMatch(Translate::isSimple);
        return simple ? elements.toArray() : elements;
    }

    private static boolean isSimple(Object value) {
        return value instanceof Number || SIMPLE.contains(value.getClass());
    }

    private static Object unsigned(Unsigned number) {
        return switch (number.bits()) {
            case 8 -> UnsignedByte.valueOf((byte) number.value());
            case 16 -> UnsignedShort.valueOf((short) number.value());
            case 32 -> UnsignedInteger.valueOf((int) number.value());
            case 64 -> UnsignedLong.valueOf(number.value());
            default -> throw new IllegalArgumentException("no unsigned type of " + number.bits() + " bits");
        };
    }

    static byte[] bytes(@Nullable Binary binary) {
        if (binary == null) {
            return new byte[0];
        }
        byte[] copy = new byte[binary.getLength()];
        System.arraycopy(binary.getArray(), binary.getArrayOffset(), copy, 0, copy.length);
        return copy;
    }

    static Optional<AmqpError> error(@Nullable ErrorCondition error) {
        if (error == null || error.getCondition() == null) {
            return Optional.empty();
        }
        String description = error.getDescription();
        return Optional.of(new AmqpError(
                error.getCondition().toString(), description == null ? "" : description, fields(error.getInfo())));
    }

    /** Leaves of an end's, detach's or close's error only what fits into the smallest frame; returns whether it has one. */
    static boolean shortenError(Object performative) {
        if (performative instanceof Close close && close.getError() != null) {
            close.setError(brief(close.getError()));
        } else if (performative instanceof End end && end.getError() != null) {
            end.setError(brief(end.getError()));
        } else if (performative instanceof Detach detach && detach.getError() != null) {
            detach.setError(brief(detach.getError()));
        } else {
            return false;
        }
        return true;
    }

    private static @Nullable ErrorCondition brief(ErrorCondition error) {
        return protonError(error(error).map(AmqpError::brief));
    }

    static @Nullable ErrorCondition protonError(Optional<AmqpError> error) {
        if (error.isEmpty()) {
            return null;
        }
        ErrorCondition result =
                new ErrorCondition(symbol(error.get().condition()), error.get().description());
        result.setInfo(protonFields(error.get().info()));
        return result;
    }
}
