package io.sterna.amqp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class AmqpWriterTest {
    @Test
    void shouldUseTheShortestEncodingWhenWriting() {
        AmqpWriter writer = new AmqpWriter(0);
        writer.writeNull()
                .writeBoolean(true)
                .writeBoolean(false)
                .writeUint(0)
                .writeUint(255)
                .writeUint(256);
        writer.writeUlong(0)
                .writeUlong(255)
                .writeUlong(256)
                .writeLong(-1)
                .writeLong(128)
                .writeUbyte(255);
        writer.writeUshort(65535).writeString("a").writeSymbol("b").writeBinary(new byte[] {1});
        writer.writeTimestampMillis(1).writeDescriptor(0x70);

        assertThat(HexFormat.of().formatHex(writer.toByteArray()))
                .isEqualTo("40" + "41" + "42" + "43" + "52ff" + "7000000100" + "44" + "53ff" + "800000000000000100"
                        + "55ff"
                        + "810000000000000080" + "50ff" + "60ffff" + "a10161" + "a30162" + "a00101"
                        + "830000000000000001" + "005370");
    }

    @Test
    void shouldNestWhenListsAndMapsAreBegunInEachOther() {
        AmqpWriter writer = new AmqpWriter(0);
        int list = writer.beginList();
        int map = writer.beginMap();
        writer.writeSymbol("k").endList(writer.beginList(), 0).endMap(map, 2);
        writer.writeNull().endList(list, 2);

        assertThat(HexFormat.of().formatHex(writer.toByteArray())).isEqualTo("c00902c10502a3016b4540");
    }

    @Property(tries = 300)
    void shouldBeReadBackWhenListsAreOfAnySize(@ForAll @IntRange(max = 400) int items, @ForAll boolean wide)
            throws Exception {
        AmqpWriter writer = new AmqpWriter(0);
        int list = writer.beginList();
        for (int i = 0; i < items; i++) {
            if (wide) {
                writer.writeUbyte(i & 0xff);
            } else {
                writer.writeNull();
            }
        }
        byte[] bytes = writer.endList(list, items).toByteArray();

        assertThat(AmqpValues.validate(bytes, 0, bytes.length)).isEqualTo(bytes.length);
        assertThat(AmqpValues.count(bytes, 0, bytes.length)).isEqualTo(items);
        assertThat(AmqpValues.itemsOffset(bytes, 0)).isEqualTo(bytes.length - (wide ? 2 * items : items));
    }

    @Property(tries = 300)
    void shouldBeReadBackWhenPrimitive(
            @ForAll @LongRange(min = 0, max = 0xffff_ffffL) long uint,
            @ForAll long ulong,
            @ForAll @IntRange(max = 255) int ubyte,
            @ForAll String text)
            throws Exception {
        byte[] written = new AmqpWriter(8).writeUint(uint).toByteArray();
        assertThat(AmqpValues.readUint(written, 0, written.length)).isEqualTo(uint);
        written = new AmqpWriter(8).writeUlong(ulong).toByteArray();
        assertThat(AmqpValues.readUlong(written, 0, written.length)).isEqualTo(ulong);
        written = new AmqpWriter(8).writeUbyte(ubyte).toByteArray();
        assertThat(AmqpValues.readUbyte(written, 0, written.length)).isEqualTo(ubyte);
        written = new AmqpWriter(8).writeTimestampMillis(ulong).toByteArray();
        assertThat(AmqpValues.readTimestampMillis(written, 0, written.length)).isEqualTo(ulong);
        // A lone surrogate has no UTF-8 and comes out as a question mark, here as everywhere in Java.
        String writable = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        written = new AmqpWriter(8).writeString(text).toByteArray();
        assertThat(AmqpValues.readString(written, 0, written.length)).isEqualTo(writable);
    }

    @Test
    void shouldRefuseWhenOutOfRange() {
        AmqpWriter writer = new AmqpWriter(8);

        assertThatThrownBy(() -> writer.writeUbyte(256)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.writeUshort(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.writeUint(1L << 32)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.writeSymbol("\u00e9")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldGrowWhenMuchIsWritten() throws Exception {
        byte[] data = new byte[100_000];
        Arrays.fill(data, (byte) 7);
        byte[] written = new AmqpWriter(0).writeBinary(data).toByteArray();

        assertThat(AmqpValues.readBinary(written, 0, written.length)).isEqualTo(data);
    }
}
