package io.sterna.broker.partition;

/**
 * What the queues of this node hold, as of a moment ago.
 *
 * @param queues how many there are, subscriptions among them
 * @param topics how many there are
 * @param stalled queues from which nothing goes though it should, as {@link Rates} tells
 * @param messages in them, those with consumers included
 * @param unsettled delivered and not settled
 * @param residentBytes payloads in memory
 * @param inboundBytes of messages, or parts of them, that have come and are in no queue yet
 * @param consumers links of consumers
 * @param credit deliveries that consumers have asked for and not got
 * @param acknowledged messages that consumers have accepted since the broker started
 * @param spillFileBytes size of the files of what was spilled
 * @param spilledTotal bytes written to them since the broker started
 */
public record PartitionTotals(
        long queues,
        long topics,
        long stalled,
        long messages,
        long unsettled,
        long residentBytes,
        long inboundBytes,
        long consumers,
        long credit,
        long acknowledged,
        long spillFileBytes,
        long spilledTotal) {
    static final PartitionTotals NONE = new PartitionTotals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    PartitionTotals plus(PartitionTotals other) {
        return new PartitionTotals(
                queues + other.queues,
                topics + other.topics,
                stalled + other.stalled,
                messages + other.messages,
                unsettled + other.unsettled,
                residentBytes + other.residentBytes,
                inboundBytes + other.inboundBytes,
                consumers + other.consumers,
                credit + other.credit,
                acknowledged + other.acknowledged,
                spillFileBytes + other.spillFileBytes,
                spilledTotal + other.spilledTotal);
    }
}
