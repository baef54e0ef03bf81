package io.sterna.cluster.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sterna.cluster.net.Refusal.Code;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/**
 * The first thing that either side says.
 *
 * <pre>
 * | "STRN" | lowest version byte | highest version byte |      the same in all versions of the protocol
 * | cluster | node | disk long | boot 16 bytes | host | port int | client port int | witness byte |
 * | founders: count, ids | nonce 32 bytes |
 * </pre>
 *
 * @param cluster the cluster's name
 * @param nonce random, so that no proof fits twice
 */
record Hello(int lowestVersion, int highestVersion, String cluster, PeerIdentity identity, byte[] nonce) {
    static final int VERSION = 1;
    static final int NONCE_BYTES = 32;

    /** The longest hello takes less. */
    static final int MAX_FRAME_BYTES = 40 * 1024;

    private static final int LEAST_NAME_BYTES = 1;
    private static final int MAGIC = 0x5354_524E;

    static Hello of(String cluster, PeerIdentity identity, byte[] nonce) {
        return new Hello(VERSION, VERSION, cluster, identity, nonce);
    }

    byte[] toBytes() {
        WireWriter out = new WireWriter(UnpooledByteBufAllocator.DEFAULT);
        out.putInt(MAGIC);
        out.putByte(lowestVersion);
        out.putByte(highestVersion);
        out.putString(cluster);
        out.putString(identity.node());
        out.putLong(identity.disk());
        out.putLong(identity.boot().getMostSignificantBits());
        out.putLong(identity.boot().getLeastSignificantBits());
        out.putString(identity.address().host());
        out.putInt(identity.address().port());
        out.putInt(identity.clientPort());
        out.putBoolean(identity.witness());
        out.putList(identity.founders(), (founder, to) -> to.putString(founder));
        out.putBytes(nonce);
        ByteBuf written = out.next();
        byte[] bytes = new byte[written.readableBytes()];
        written.readBytes(bytes);
        written.release();
        return bytes;
    }

    /** What the versions alone are refused for, so that a hello of another version is never read further. */
    static Optional<Refusal> refusal(ByteBuffer body) throws MalformedFrameException {
        return WireReader.whole("a hello", body.duplicate().limit(Math.min(body.limit(), body.position() + 6)), in -> {
            if (in.readInt() != MAGIC) {
                throw new IllegalArgumentException("it is not of this protocol");
            }
            int lowest = in.readByte();
            int highest = in.readByte();
            return lowest <= VERSION && VERSION <= highest
                    ? Optional.empty()
                    : Optional.of(new Refusal(
                            Code.VERSION,
                            "this node speaks version " + VERSION + " of the protocol between nodes, and the other one "
                                    + lowest + " to " + highest + "; update the older of the two"));
        });
    }

    static Hello read(ByteBuffer body) throws MalformedFrameException {
        return WireReader.whole("a hello", body, in -> {
            in.readInt();
            return new Hello(
                    in.readByte(),
                    in.readByte(),
                    readName(in),
                    new PeerIdentity(
                            readName(in),
                            in.readLong(),
                            new UUID(in.readLong(), in.readLong()),
                            new PeerAddress(readName(in), in.readInt()),
                            in.readInt(),
                            in.readBoolean(),
                            in.readList(LEAST_NAME_BYTES, Hello::readName)),
                    in.readBytes(NONCE_BYTES));
        });
    }

    /** It gets into logs before its sender has proven anything. */
    private static String readName(WireReader in) {
        String name = in.readString();
        if (name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a name with control characters");
        }
        return name;
    }
}
