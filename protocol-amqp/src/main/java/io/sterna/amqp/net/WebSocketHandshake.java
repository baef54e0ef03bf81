package io.sterna.amqp.net;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The request by which a client asks for a WebSocket (RFC 6455 §4.2), and our answer to it. The sub-protocol is {@code
 * amqp} (AMQP WebSocket Binding, §2.1); the path may be any.
 */
final class WebSocketHandshake {
    static final int MAX_REQUEST_BYTES = 8 * 1024;

    private static final String SUB_PROTOCOL = "amqp";
    private static final byte[] START = ascii("GET ");
    private static final byte[] END = ascii("\r\n\r\n");
    private static final int KEY_BYTES = 16;

    /** RFC 6455 §1.3 */
    private static final String KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private final List<String> origins;
    private byte[] request = new byte[512];
    private int length;
    private Optional<Answer> answer = Optional.empty();

    /**
     * What the client gets.
     *
     * @param refusal why it gets no WebSocket; empty when it does
     */
    record Answer(byte[] bytes, Optional<String> refusal) {}

    /** @param origins web pages from there may connect, besides those of the same host and port; "*" for all */
    WebSocketHandshake(List<String> origins) {
        this.origins = origins;
    }

    /** Takes bytes as far as they belong to the request; returns the offset behind them. */
    int receive(byte[] bytes, int offset, int end) {
        int position = offset;
        while (position < end && answer.isEmpty()) {
            append(bytes[position++]);
            if (length <= START.length && request[length - 1] != START[length - 1]) {
                refuse("400 Bad Request", "", "this port takes AMQP over WebSocket only");
            } else if (endsWith(END)) {
                answer();
            } else if (length == MAX_REQUEST_BYTES) {
                refuse("431 Request Header Fields Too Large", "", "the request is longer than " + length + " bytes");
            }
        }
        return position;
    }

    /** There as soon as the request is whole, or can't become one. */
    Optional<Answer> answered() {
        return answer;
    }

    private void append(byte octet) {
        if (length == request.length) {
            request = Arrays.copyOf(request, 2 * length);
        }
        request[length++] = octet;
    }

    private boolean endsWith(byte[] end) {
        return length >= end.length && Arrays.equals(request, length - end.length, length, end, 0, end.length);
    }

    private void answer() {
        String[] lines = new String(request, 0, length, StandardCharsets.ISO_8859_1).split("\r\n");
        Optional<Map<String, String>> headers = headers(lines);
        if (headers.isEmpty() || !lines[0].matches("GET [\\x21-\\x7e]+ HTTP/1\\.1")) {
            refuse("400 Bad Request", "", "this is not an HTTP/1.1 request");
        } else {
            answer(headers.get());
        }
    }

    /** The headers by their names in small letters; those that come several times are one list. */
    private static Optional<Map<String, String>> headers(String[] lines) {
        Map<String, String> headers = new HashMap<>();
        for (String line : Arrays.asList(lines).subList(1, lines.length)) {
            if (!line.matches("[!#-'*+.\\w^`|~-]+:[\\t\\x20-\\xff]*")) {
                return Optional.empty();
            }
            int colon = line.indexOf(':');
            String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
            headers.merge(name, line.substring(colon + 1).strip(), (one, other) -> one + ", " + other);
        }
        return Optional.of(headers);
    }

    private void answer(Map<String, String> headers) {
        String key = headers.getOrDefault("sec-websocket-key", "");
        if (!has(headers, "connection", "upgrade") || !has(headers, "upgrade", "websocket")) {
            refuse("426 Upgrade Required", "Upgrade: websocket\r\n", "this port takes AMQP over WebSocket only");
        } else if (!has(headers, "sec-websocket-version", "13")) {
            refuse("426 Upgrade Required", "Sec-WebSocket-Version: 13\r\n", "the version of WebSocket has to be 13");
        } else if (!headers.containsKey("host") || !isKey(key)) {
            refuse("400 Bad Request", "", "Host, or a valid Sec-WebSocket-Key, is missing");
        } else if (!tokens(headers, "sec-websocket-protocol").contains(SUB_PROTOCOL)) {
            refuse("400 Bad Request", "", "the client has to offer the WebSocket sub-protocol amqp");
        } else if (!originAllowed(headers)) {
            refuse("403 Forbidden", "", "web pages of this origin may not connect; see amqp.websocket.origins");
        } else {
            accept(key);
        }
    }

    private static List<String> tokens(Map<String, String> headers, String name) {
        return Arrays.stream(headers.getOrDefault(name, "").split(","))
                .map(String::strip)
                .toList();
    }

    private static boolean has(Map<String, String> headers, String name, String token) {
        return tokens(headers, name).stream().anyMatch(token::equalsIgnoreCase);
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    /**
     * A browser lets any page connect anywhere and tells where the page is from (RFC 6455 §10.2). Without this check each
     * web site could use a broker on the machine of its visitor, or in the visitor's network.
     */
    private boolean originAllowed(Map<String, String> headers) {
        String origin = headers.getOrDefault("origin", "");
        String authority = origin.substring(origin.indexOf("://") < 0 ? 0 : origin.indexOf("://") + 3);
        return origin.isEmpty()
                || authority.equalsIgnoreCase(headers.getOrDefault("host", ""))
                || origins.contains("*")
                || origins.stream().anyMatch(origin::equalsIgnoreCase);
    }

    private void accept(String key) {
        String head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Protocol: " + SUB_PROTOCOL + "\r\nSec-WebSocket-Accept: "
                + Base64.getEncoder().encodeToString(sha1(ascii(key + KEY_SUFFIX))) + "\r\n\r\n";
        answer = Optional.of(new Answer(ascii(head), Optional.empty()));
    }

    private void refuse(String status, String header, String reason) {
        String connection = header.startsWith("Upgrade") ? "Upgrade, close" : "close";
        String text = "HTTP/1.1 " + status + "\r\n" + header + "Connection: " + connection
                + "\r\nContent-Type: text/plain\r\nContent-Length: " + (reason.length() + 1) + "\r\n\r\n" + reason
                + "\n";
        answer = Optional.of(new Answer(ascii(text), Optional.of(reason)));
    }

    private static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-1", impossible);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
