package io.sterna.broker.config;

/**
 * Where health, metrics and management are served.
 *
 * @param host address or name to listen on
 * @param port 0 picks a free one
 */
public record HttpConfig(String host, int port) {

    static HttpConfig read(Section section) throws ConfigException {
        HttpConfig config =
                new HttpConfig(section.text("host", "127.0.0.1"), section.wholeNumber("port", 8161, 0, 65535));
        section.refuseUnknown();
        return config;
    }
}
