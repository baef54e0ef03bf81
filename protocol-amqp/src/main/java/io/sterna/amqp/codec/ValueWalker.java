package io.sterna.amqp.codec;

/** Walks over encoded values: in full, or from size to size. All methods are pure. */
final class ValueWalker {
    private ValueWalker() {}

    /** Walks one value to its last byte, {@code depth} levels inside others; returns the offset after it. */
    static int walk(byte[] bytes, int offset, int limit, int depth) throws DecodeException {
        int at = offset;
        int level = depth;
        while (code(bytes, at, limit) == FormatCode.DESCRIBED) {
            level = deeper(level, at);
            at = walk(bytes, at + 1, limit, level);
        }
        return walkData(bytes, code(bytes, at, limit), at + 1, limit, level);
    }

    /** The offset of a value's primitive format code, behind all descriptors. */
    static int formatCodeOffset(byte[] bytes, int offset, int limit) throws DecodeException {
        int at = offset;
        int level = 0;
        while (code(bytes, at, limit) == FormatCode.DESCRIBED) {
            level = deeper(level, at);
            at = walk(bytes, at + 1, limit, level);
        }
        return at;
    }

    /** The offset after the data whose format code stands just before {@code at}; does not look into it. */
    static int skipData(byte[] bytes, int code, int at, int limit) throws DecodeException {
        if (FormatCode.isFixed(code)) {
            return after(at, FormatCode.fixedWidthBytes(code), limit, code);
        }
        int sizeWidth = FormatCode.sizeWidthBytes(code);
        int size = size(bytes, at, limit, code);
        int dataAt = at + sizeWidth;
        if (!FormatCode.isVariable(code) && size < sizeWidth) {
            throw new DecodeException(at, "size " + size + " has no room for the count");
        }
        return dataAt + size;
    }

    /** The format code at the offset; a known one, or {@link FormatCode#DESCRIBED}. */
    static int code(byte[] bytes, int at, int limit) throws DecodeException {
        if (at >= limit) {
            throw new DecodeException(at, "value missing");
        }
        int code = bytes[at] & 0xff;
        if (code != FormatCode.DESCRIBED && !FormatCode.isKnown(code)) {
            throw new DecodeException(at, "unknown " + FormatCode.name(code));
        }
        return code;
    }

    /** The size of variable, compound or array data, checked to end before the limit. */
    static int size(byte[] bytes, int at, int limit, int code) throws DecodeException {
        int width = FormatCode.sizeWidthBytes(code);
        if (limit - at < width) {
            throw new DecodeException(at, FormatCode.name(code) + " is cut off within its size");
        }
        long size = width == 1 ? bytes[at] & 0xff : BigEndian.getUint(bytes, at);
        if (size > limit - at - width) {
            throw new DecodeException(at, "size " + size + " exceeds the " + (limit - at - width) + " bytes there are");
        }
        return (int) size;
    }

    private static int walkData(byte[] bytes, int code, int at, int limit, int depth) throws DecodeException {
        if (FormatCode.isFixed(code)) {
            int end = after(at, FormatCode.fixedWidthBytes(code), limit, code);
            if (code == FormatCode.BOOLEAN && (bytes[at] & 0xff) > 1) {
                throw new DecodeException(at, "boolean is neither 0 nor 1");
            }
            return end;
        }
        int end = skipData(bytes, code, at, limit);
        int dataAt = at + FormatCode.sizeWidthBytes(code);
        if (FormatCode.isVariable(code)) {
            if (FormatCode.isString(code)) {
                Utf8.check(bytes, dataAt, end);
            } else if (FormatCode.isSymbol(code)) {
                Utf8.checkAscii(bytes, dataAt, end);
            }
        } else if (FormatCode.isCompound(code)) {
            walkCompound(bytes, code, dataAt, end, deeper(depth, at));
        } else {
            walkArray(bytes, code, dataAt, end, deeper(depth, at));
        }
        return end;
    }

    private static void walkCompound(byte[] bytes, int code, int countAt, int end, int depth) throws DecodeException {
        long count = count(bytes, code, countAt);
        int itemsAt = countAt + FormatCode.sizeWidthBytes(code);
        int at = itemsAt;
        // An item takes a byte or more, so a count beyond the bytes is a lie that a decoder would allocate for.
        if (count > end - at) {
            throw new DecodeException(countAt, "count " + count + " exceeds the " + (end - at) + " bytes of the items");
        }
        boolean map = FormatCode.isMap(code);
        if (map && (count & 1) != 0) {
            throw new DecodeException(countAt, "map with an odd count of " + count);
        }
        for (long item = 0; item < count; item++) {
            if (map && (item & 1) == 0) {
                MapKeys.checkType(bytes, at, end);
            }
            at = walk(bytes, at, end, depth);
        }
        checkExhausted(at, end);
        if (map) {
            MapKeys.checkHashes(bytes, itemsAt, end, (int) count);
        }
    }

    private static void walkArray(byte[] bytes, int code, int countAt, int end, int depth) throws DecodeException {
        long count = count(bytes, code, countAt);
        int at = countAt + FormatCode.sizeWidthBytes(code);
        int level = depth;
        while (code(bytes, at, end) == FormatCode.DESCRIBED) {
            level = deeper(level, at);
            at = walk(bytes, at + 1, end, level);
        }
        int elementCode = code(bytes, at, end);
        at++;
        if (FormatCode.isFixed(elementCode)) {
            int width = FormatCode.fixedWidthBytes(elementCode);
            if (width == 0 && count > 0) {
                throw new DecodeException(countAt, "array of " + count + " elements that have no bytes");
            }
            if (count * width != end - at) {
                throw new DecodeException(
                        countAt, "array of " + count + " elements of " + width + " bytes in " + (end - at) + " bytes");
            }
            if (elementCode != FormatCode.BOOLEAN) {
                return;
            }
        }
        if (count > end - at) {
            throw new DecodeException(countAt, "count " + count + " exceeds the " + (end - at) + " bytes of the array");
        }
        for (long element = 0; element < count; element++) {
            at = walkData(bytes, elementCode, at, end, level);
        }
        checkExhausted(at, end);
    }

    /** The count of compound or array data; {@link #skipData} has seen to it that there is room for one. */
    static long count(byte[] bytes, int code, int countAt) {
        return FormatCode.sizeWidthBytes(code) == 1 ? bytes[countAt] & 0xff : BigEndian.getUint(bytes, countAt);
    }

    private static void checkExhausted(int at, int end) throws DecodeException {
        if (at != end) {
            throw new DecodeException(at, (end - at) + " bytes left over after the last item");
        }
    }

    private static int after(int at, int width, int limit, int code) throws DecodeException {
        if (limit - at < width) {
            throw new DecodeException(at, FormatCode.name(code) + " needs " + width + " bytes, has " + (limit - at));
        }
        return at + width;
    }

    private static int deeper(int depth, int at) throws DecodeException {
        if (depth == AmqpValues.MAX_DEPTH) {
            throw new DecodeException(at, "values nested more than " + AmqpValues.MAX_DEPTH + " deep");
        }
        return depth + 1;
    }
}
