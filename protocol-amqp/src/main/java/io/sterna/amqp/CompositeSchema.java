package io.sterna.amqp;

import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.AmqpWriter;
import io.sterna.amqp.codec.DecodeException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the composite types of AMQP 1.0 consist of: each field's type, and whether it is mandatory (§1.4). Proton-J's
 * decoder is given only what has passed here, since it takes some wrong types for others, and forgets all fields of a
 * list that has more than it knows. All methods are pure.
 */
final class CompositeSchema {
    /** The types of fields, each with the letter that stands for it below; a capital letter is a mandatory field. */
    private static final String LETTERS =
            """
            10 open           Ssuhuxxxxm
            11 begin          hUUUuxxm
            12 attach         SUByy**mbulxxm
            13 flow           uUUUuuuubbm
            14 transfer       Uudubby*bbb
            15 disposition    BUub*b
            16 detach         Ub*
            17 end            *
            18 close          *
            1d error          Zsm
            23 received       UL
            24 accepted       -
            25 rejected       *
            26 released       -
            27 modified       bbm
            28 source         *uzubmzm*xx
            29 target         *uzubmx
            30 coordinator    x
            31 declare        *
            32 discharge      Db
            33 declared       D
            34 transactional  D*
            40 mechanisms     X
            41 init           Zds
            42 challenge      D
            43 response       D
            44 outcome        Yd
            """;

    private static final Map<Long, CompositeSchema> BY_CODE = new HashMap<>();
    private static final Map<String, CompositeSchema> BY_SYMBOL = new HashMap<>();

    static {
        LETTERS.lines().forEach(line -> {
            String[] parts = line.split(" +", -1);
            CompositeSchema schema = new CompositeSchema(parts[1], parts[2].equals("-") ? "" : parts[2]);
            BY_CODE.put(Long.parseLong(parts[0], 16), schema);
            BY_SYMBOL.put(symbol(parts[1]), schema);
        });
    }

    private final String name;
    private final String fields;

    private CompositeSchema(String name, String fields) {
        this.name = name;
        this.fields = fields;
    }

    private static String symbol(String name) {
        return switch (name) {
            case "mechanisms", "init", "challenge", "response", "outcome" -> "amqp:sasl-" + name + ":list";
            case "transactional" -> "amqp:transactional-state:list";
            default -> "amqp:" + name + ":list";
        };
    }

    /**
     * Checks a value that has been validated, and the composites in its fields.
     *
     * @return whether there are more fields somewhere than AMQP 1.0 defines, so that {@link #trim} is needed
     */
    static boolean check(byte[] bytes, int offset, int limit) throws DecodeException {
        CompositeSchema schema = at(bytes, offset, limit);
        if (schema == null) {
            return false;
        }
        int list = AmqpValues.skip(bytes, offset + 1, limit);
        if (!AmqpValues.isList(bytes, list, limit)) {
            throw new DecodeException(list, "the fields of " + schema.name + " have to be a list");
        }
        return schema.checkFields(bytes, list, limit);
    }

    /** Whether the value is the composite of that name. */
    static boolean is(String name, byte[] bytes, int offset, int limit) throws DecodeException {
        CompositeSchema schema = at(bytes, offset, limit);
        return schema != null && schema.name.equals(name);
    }

    private boolean checkFields(byte[] bytes, int list, int limit) throws DecodeException {
        int count = AmqpValues.count(bytes, list, limit);
        int field = AmqpValues.itemsOffset(bytes, list);
        boolean more = count > fields.length();
        for (int index = 0; index < fields.length(); index++) {
            char letter = fields.charAt(index);
            boolean there = index < count && !AmqpValues.isNull(bytes, field, limit);
            if (!there && Character.isUpperCase(letter)) {
                throw new DecodeException(list, "field " + (index + 1) + " of " + name + " is mandatory");
            }
            if (there && !isOf(Character.toLowerCase(letter), bytes, field, limit)) {
                throw new DecodeException(field, "field " + (index + 1) + " of " + name + " has a wrong type");
            }
            if (there && letter == '*') {
                more |= check(bytes, field, limit);
            }
            if (index < count) {
                field = AmqpValues.skip(bytes, field, limit);
            }
        }
        return more;
    }

    private static boolean isOf(char letter, byte[] bytes, int at, int limit) throws DecodeException {
        int code = bytes[at] & 0xff;
        return switch (letter) {
            case 's' -> AmqpValues.isString(bytes, at, limit);
            case 'z' -> AmqpValues.isSymbol(bytes, at, limit);
            case 'd' -> AmqpValues.isBinary(bytes, at, limit);
            case 'm' -> AmqpValues.isMap(bytes, at, limit);
            case 'l' -> AmqpValues.isUlong(bytes, at, limit);
            case 'u' -> code == 0x43 || code == 0x52 || code == 0x70;
            case 'h' -> code == 0x60;
            case 'y' -> code == 0x50;
            case 'b' -> code == 0x41 || code == 0x42 || code == 0x56;
            case 'x' -> AmqpValues.isSymbol(bytes, at, limit) || isSymbolArray(bytes, at, code);
            default -> true;
        };
    }

    /** An array's element code lies behind its size and count. */
    private static boolean isSymbolArray(byte[] bytes, int at, int code) {
        int element =
                switch (code) {
                    case 0xe0 -> bytes[at + 3] & 0xff;
                    case 0xf0 -> bytes[at + 9] & 0xff;
                    default -> 0;
                };
        return element == 0xa3 || element == 0xb3;
    }

    /** Copies a value that {@link #check} has passed, without the fields that AMQP 1.0 does not define. */
    static void trim(byte[] bytes, int offset, int limit, AmqpWriter writer) throws DecodeException {
        CompositeSchema schema = at(bytes, offset, limit);
        if (schema == null) {
            writer.writeEncoded(bytes, offset, AmqpValues.skip(bytes, offset, limit));
            return;
        }
        int list = AmqpValues.skip(bytes, offset + 1, limit);
        writer.writeEncoded(bytes, offset, list);
        int count = Math.min(AmqpValues.count(bytes, list, limit), schema.fields.length());
        int field = AmqpValues.itemsOffset(bytes, list);
        int begun = writer.beginList();
        for (int index = 0; index < count; index++) {
            trim(bytes, field, limit, writer);
            field = AmqpValues.skip(bytes, field, limit);
        }
        writer.endList(begun, count);
    }

    /** The schema of the described value, or null when it is none of ours. */
    private static @Nullable CompositeSchema at(byte[] bytes, int offset, int limit) throws DecodeException {
        if (!AmqpValues.isDescribed(bytes, offset, limit)) {
            return null;
        }
        if (AmqpValues.isUlong(bytes, offset + 1, limit)) {
            return BY_CODE.get(AmqpValues.readUlong(bytes, offset + 1, limit));
        }
        return AmqpValues.isSymbol(bytes, offset + 1, limit)
                ? BY_SYMBOL.get(AmqpValues.readSymbol(bytes, offset + 1, limit))
                : null;
    }
}
