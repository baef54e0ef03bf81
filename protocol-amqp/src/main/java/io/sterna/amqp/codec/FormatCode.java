package io.sterna.amqp.codec;

/** The format codes of AMQP 1.0 §1.6, and the widths that their upper half stands for (§1.2). */
final class FormatCode {
    static final int DESCRIBED = 0x00;
    static final int NULL = 0x40;
    static final int TRUE = 0x41;
    static final int FALSE = 0x42;
    static final int UINT_0 = 0x43;
    static final int ULONG_0 = 0x44;
    static final int LIST_0 = 0x45;
    static final int UBYTE = 0x50;
    static final int BYTE = 0x51;
    static final int SMALL_UINT = 0x52;
    static final int SMALL_ULONG = 0x53;
    static final int SMALL_INT = 0x54;
    static final int SMALL_LONG = 0x55;
    static final int BOOLEAN = 0x56;
    static final int USHORT = 0x60;
    static final int SHORT = 0x61;
    static final int UINT = 0x70;
    static final int INT = 0x71;
    static final int FLOAT = 0x72;
    static final int CHAR = 0x73;
    static final int DECIMAL_32 = 0x74;
    static final int ULONG = 0x80;
    static final int LONG = 0x81;
    static final int DOUBLE = 0x82;
    static final int TIMESTAMP = 0x83;
    static final int DECIMAL_64 = 0x84;
    static final int DECIMAL_128 = 0x94;
    static final int UUID = 0x98;
    static final int BINARY_8 = 0xa0;
    static final int STRING_8 = 0xa1;
    static final int SYMBOL_8 = 0xa3;
    static final int BINARY_32 = 0xb0;
    static final int STRING_32 = 0xb1;
    static final int SYMBOL_32 = 0xb3;
    static final int LIST_8 = 0xc0;
    static final int MAP_8 = 0xc1;
    static final int LIST_32 = 0xd0;
    static final int MAP_32 = 0xd1;
    static final int ARRAY_8 = 0xe0;
    static final int ARRAY_32 = 0xf0;

    private static final byte UNKNOWN = 0;
    private static final byte FIXED = 1;
    private static final byte VARIABLE = 2;
    private static final byte COMPOUND = 3;
    private static final byte ARRAY = 4;

    private static final byte[] KIND_BY_CODE = kindByCode();

    private FormatCode() {}

    static boolean isKnown(int code) {
        return KIND_BY_CODE[code] != UNKNOWN;
    }

    static boolean isFixed(int code) {
        return KIND_BY_CODE[code] == FIXED;
    }

    static boolean isVariable(int code) {
        return KIND_BY_CODE[code] == VARIABLE;
    }

    static boolean isCompound(int code) {
        return KIND_BY_CODE[code] == COMPOUND;
    }

    static boolean isMap(int code) {
        return code == MAP_8 || code == MAP_32;
    }

    static boolean isString(int code) {
        return code == STRING_8 || code == STRING_32;
    }

    static boolean isSymbol(int code) {
        return code == SYMBOL_8 || code == SYMBOL_32;
    }

    /** The width of a fixed-width value: 0x4? has none, 0x5? one byte, doubling up to 0x9? with sixteen. */
    static int fixedWidthBytes(int code) {
        int subcategory = code >>> 4;
        return subcategory == 4 ? 0 : 1 << (subcategory - 5);
    }

    /** The width of the size (and of the count) of a variable, compound or array value: 1 or 4. */
    static int sizeWidthBytes(int code) {
        return ((code >>> 4) & 1) == 0 ? 1 : 4;
    }

    static String name(int code) {
        return String.format("format code 0x%02x", code);
    }

    private static byte[] kindByCode() {
        byte[] kinds = new byte[256];
        int[] fixed = {
            NULL,
            TRUE,
            FALSE,
            UINT_0,
            ULONG_0,
            LIST_0,
            UBYTE,
            BYTE,
            SMALL_UINT,
            SMALL_ULONG,
            SMALL_INT,
            SMALL_LONG,
            BOOLEAN,
            USHORT,
            SHORT,
            UINT,
            INT,
            FLOAT,
            CHAR,
            DECIMAL_32,
            ULONG,
            LONG,
            DOUBLE,
            TIMESTAMP,
            DECIMAL_64,
            DECIMAL_128,
            UUID
        };
        fill(kinds, FIXED, fixed);
        fill(kinds, VARIABLE, BINARY_8, STRING_8, SYMBOL_8, BINARY_32, STRING_32, SYMBOL_32);
        fill(kinds, COMPOUND, LIST_8, MAP_8, LIST_32, MAP_32);
        fill(kinds, ARRAY, ARRAY_8, ARRAY_32);
        return kinds;
    }

    private static void fill(byte[] kinds, byte kind, int... codes) {
        for (int code : codes) {
            kinds[code] = kind;
        }
    }
}
