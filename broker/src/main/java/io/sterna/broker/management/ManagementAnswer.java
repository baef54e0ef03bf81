package io.sterna.broker.management;

import java.util.Map;

/**
 * What became of a request.
 *
 * @param status a status code of HTTP, which AMQP management uses, too
 * @param description says it in words
 * @param body maps, lists, texts, numbers and truth values
 */
public record ManagementAnswer(int status, String description, Map<String, Object> body) {
    public static final int OK = 200;
    public static final int CREATED = 201;
    public static final int NO_CONTENT = 204;
    public static final int BAD_REQUEST = 400;
    public static final int NOT_FOUND = 404;
    public static final int CONFLICT = 409;
    public static final int INTERNAL_ERROR = 500;
    public static final int NOT_IMPLEMENTED = 501;
    public static final int UNAVAILABLE = 503;

    static ManagementAnswer ok(Map<String, Object> body) {
        return new ManagementAnswer(OK, "OK", body);
    }

    static ManagementAnswer refused(int status, String description) {
        return new ManagementAnswer(status, description, Map.of());
    }
}
