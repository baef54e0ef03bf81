package io.sterna.broker.garbage;

import io.sterna.broker.testing.Wire;
import java.util.LinkedHashMap;
import java.util.Map;

/** Values that are small on the wire and would be large, deep or endless for a careless decoder. */
final class Bombs {
    private static final int DEPTH = 5_000;
    private static final int HUGE = 0x7FFF_FFFF;

    private Bombs() {}

    static Map<String, byte[]> all() {
        Map<String, byte[]> bombs = new LinkedHashMap<>();
        bombs.put("lists in lists", nestedLists());
        bombs.put("maps in maps", nestedMaps());
        bombs.put("descriptors of descriptors", nestedDescriptors());
        bombs.put("values described by described values", describedAgain());
        bombs.put("array of two billion nulls", Wire.compound(0xf0, HUGE, new byte[] {0x40}));
        bombs.put("array of two billion trues", Wire.compound(0xf0, HUGE, new byte[] {0x41}));
        bombs.put("array of two billion empty lists", Wire.compound(0xf0, HUGE, new byte[] {0x45}));
        bombs.put("array of minus one uints", Wire.compound(0xf0, -1, new byte[] {0x70}));
        bombs.put("list of two billion in five octets", Wire.compound(0xd0, HUGE, new byte[] {0x40}));
        bombs.put("map of two billion", Wire.compound(0xd1, HUGE - 1, new byte[] {0x40, 0x40}));
        bombs.put("map with an odd count", Wire.compound(0xd1, 1, new byte[] {0x40}));
        bombs.put("string of four gigabytes", Wire.variable(0xb1, -1, new byte[] {'x'}));
        bombs.put("binary of two gigabytes", Wire.variable(0xb0, HUGE, new byte[] {1}));
        bombs.put("list of four gigabytes", new byte[] {(byte) 0xd0, -1, -1, -1, -1, 0, 0, 0, 1, 0x40});
        bombs.put("unknown constructor", new byte[] {0x3f});
        bombs.put("nothing at all", new byte[] {});
        bombs.put("descriptor without value", new byte[] {0x00, 0x53, 0x10});
        bombs.put("string that is no UTF-8", Wire.variable(0xb1, 2, new byte[] {(byte) 0xc3, (byte) 0x28}));
        return bombs;
    }

    private static byte[] nestedLists() {
        byte[] value = Wire.NULL;
        for (int i = 0; i < DEPTH; i++) {
            value = Wire.list(value);
        }
        return value;
    }

    private static byte[] nestedMaps() {
        byte[] value = Wire.NULL;
        for (int i = 0; i < DEPTH; i++) {
            value = Wire.map(Wire.symbol("k"), value);
        }
        return value;
    }

    /** A descriptor that is itself described, and so on; the value comes never. */
    private static byte[] nestedDescriptors() {
        return new byte[60_000];
    }

    private static byte[] describedAgain() {
        byte[] level = {0x00, 0x53, 0x10};
        byte[] value = new byte[level.length * DEPTH + 1];
        for (int i = 0; i < DEPTH; i++) {
            System.arraycopy(level, 0, value, i * level.length, level.length);
        }
        value[value.length - 1] = 0x40;
        return value;
    }
}
