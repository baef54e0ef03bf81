package io.sterna.cluster.net;

import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;

/**
 * Both sides show a certificate. Files are PEM.
 *
 * @param key of this node
 * @param certificate of this node, with those between it and a trusted one
 * @param trusted certificates that those of the other nodes are signed by
 * @param verifyHost whether a node's certificate has to name the host that it is called at
 */
public record PeerTls(Path key, Path certificate, Path trusted, boolean verifyHost) {

    void applyTo(NetServerOptions options) {
        options.setSsl(true)
                .setKeyCertOptions(keyCertificate())
                .setTrustOptions(trust())
                .setClientAuth(ClientAuth.REQUIRED);
    }

    void applyTo(NetClientOptions options) {
        options.setSsl(true)
                .setKeyCertOptions(keyCertificate())
                .setTrustOptions(trust())
                .setHostnameVerificationAlgorithm(verifyHost ? "HTTPS" : "");
    }

    private PemKeyCertOptions keyCertificate() {
        return new PemKeyCertOptions().setKeyPath(key.toString()).setCertPath(certificate.toString());
    }

    private PemTrustOptions trust() {
        return new PemTrustOptions().addCertPath(trusted.toString());
    }
}
