package io.sterna.amqp.sasl;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/** The syntax of SCRAM's messages, shared by both sides (RFC 5802 §5.1 and §7). All methods are pure. */
final class Scram {
    /** Half the 24 base64 characters that most implementations send would do; more costs nothing. */
    private static final int NONCE_BYTES = 18;

    private Scram() {}

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The text, unless it is not UTF-8. */
    static Optional<String> fromUtf8(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** The bytes, unless the text is not base64. */
    static Optional<byte[]> fromBase64(String text) {
        try {
            return Optional.of(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static String nonce(SecureRandom random) {
        byte[] bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        return base64(bytes);
    }

    /** Printable ASCII without the comma, at least one character. */
    static boolean isNonce(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != ',');
    }

    /** The value of an attribute that has to have the given name: {@code n=value}. */
    static Optional<String> attribute(String part, char name) {
        return part.length() >= 2 && part.charAt(0) == name && part.charAt(1) == '='
                ? Optional.of(part.substring(2))
                : Optional.empty();
    }

    static String escapeName(String name) {
        return name.replace("=", "=3D").replace(",", "=2C");
    }

    /** The name, unless it has an equals sign that escapes neither an equals sign nor a comma. */
    static Optional<String> unescapeName(String escaped) {
        String name = escaped.replace("=2C", ",");
        int at = escaped.indexOf('=');
        while (at >= 0) {
            if (!escaped.startsWith("=2C", at) && !escaped.startsWith("=3D", at)) {
                return Optional.empty();
            }
            at = escaped.indexOf('=', at + 1);
        }
        return Optional.of(name.replace("=3D", "="));
    }

    static byte[] xor(byte[] left, byte[] right) {
        byte[] result = new byte[left.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (byte) (left[i] ^ right[i]);
        }
        return result;
    }
}
