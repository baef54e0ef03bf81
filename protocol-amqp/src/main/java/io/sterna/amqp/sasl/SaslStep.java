package io.sterna.amqp.sasl;

/** What a server answers in a SASL exchange. */
public sealed interface SaslStep {
    /**
     * The client has to respond to this.
     *
     * @param data for the challenge frame; not copied
     */
    record Challenge(byte[] data) implements SaslStep {}

    /**
     * The client is who it says.
     *
     * @param user its name
     * @param additionalData for the outcome frame, empty when the mechanism has none; not copied
     */
    record Success(String user, byte[] additionalData) implements SaslStep {}

    /**
     * The client is refused.
     *
     * @param code for the outcome frame
     * @param reason for our log; the outcome frame has no place for it, and it never tells whether a user exists
     */
    record Failure(SaslFailure code, String reason) implements SaslStep {}
}
