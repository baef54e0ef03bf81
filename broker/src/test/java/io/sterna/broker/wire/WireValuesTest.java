package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.NULL;
import static io.sterna.broker.testing.Wire.binary;
import static io.sterna.broker.testing.Wire.join;
import static io.sterna.broker.testing.Wire.list;
import static io.sterna.broker.testing.Wire.map;
import static io.sterna.broker.testing.Wire.octets;
import static io.sterna.broker.testing.Wire.small;
import static io.sterna.broker.testing.Wire.string;
import static io.sterna.broker.testing.Wire.symbol;
import static io.sterna.broker.testing.Wire.ubyte;
import static io.sterna.broker.testing.Wire.uint;
import static io.sterna.broker.testing.Wire.ulong;
import static io.sterna.broker.testing.Wire.ushort;

import io.sterna.broker.testing.Wire;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Values of every type, in all their encodings (AMQP 1.0 §1.6). */
class WireValuesTest {
    @RegisterExtension
    static final WireBroker BROKER = new WireBroker();

    @ParameterizedTest(name = "{0}")
    @MethodSource("values")
    @DisplayName("§1.6, §2.8.13: fields of an open's properties have values of any type, in any encoding")
    void shouldOpenWhateverTheValuesOfItsProperties(String what, byte[] value) throws IOException {
        WireClient client = BROKER.connect();
        client.open(Body.open(client.containerId()).with(9, small(0xc1, 2, symbol("sterna:any"), value)));
        client.begin();
    }

    static Stream<Arguments> values() {
        Map<String, byte[]> all = new LinkedHashMap<>();
        all.put("null", NULL);
        all.put("true", octets(0x41));
        all.put("boolean octet", octets(0x56, 1));
        all.put("ubyte", ubyte(200));
        all.put("ushort", ushort(60_000));
        all.put("uint0", octets(0x43));
        all.put("smalluint", octets(0x52, 200));
        all.put("uint", uint(-1));
        all.put("ulong0", octets(0x44));
        all.put("smallulong", octets(0x53, 200));
        all.put("ulong", ulong(-1));
        all.put("byte", octets(0x51, 0x80));
        all.put("short", octets(0x61, 0x80, 0));
        all.put("smallint", octets(0x54, 0x80));
        all.put("int", octets(0x71, 0x80, 0, 0, 0));
        all.put("smalllong", octets(0x55, 0x80));
        all.put("long", octets(0x81, 0x80, 0, 0, 0, 0, 0, 0, 0));
        all.put("float", octets(0x72, 0x7f, 0xc0, 0, 0));
        all.put("double", octets(0x82, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0));
        all.put("decimal32", octets(0x74, 0x22, 0x50, 0, 1));
        all.put("decimal64", octets(0x84, 0x22, 0x38, 0, 0, 0, 0, 0, 1));
        all.put("decimal128", join(octets(0x94, 0x22, 0x08), new byte[13], octets(1)));
        all.put("char", octets(0x73, 0, 1, 0xf4, 0x27));
        all.put("timestamp", octets(0x83, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0));
        all.put("uuid", join(octets(0x98), new byte[16]));
        all.put("vbin8", octets(0xa0, 1, 0xff));
        all.put("vbin32", binary(octets(0xff)));
        all.put("str8", octets(0xa1, 4, 0xf0, 0x9f, 0x90, 0xa7));
        all.put("str32", string("🐧"));
        all.put("sym8", octets(0xa3, 1, 'a'));
        all.put("sym32", symbol("a"));
        all.put("list0", octets(0x45));
        all.put("list8", small(0xc0, 2, uint(1), string("a")));
        all.put("list32", list(uint(1), list(string("a"))));
        all.put("map8", small(0xc1, 2, uint(1), string("a")));
        all.put("map32", map(uint(1), map()));
        all.put("array8", small(0xe0, 3, octets(0x50, 1, 2, 3)));
        all.put("array32 of lists", Wire.compound(0xf0, 1, octets(0xc0, 1, 0)));
        all.put("array of arrays", small(0xe0, 1, octets(0xe0, 3, 1, 0x50, 7)));
        all.put("array of booleans", small(0xe0, 2, octets(0x56, 1, 0)));
        all.put("array of described values", small(0xe0, 1, octets(0, 0xa3, 1, 'a', 0x50, 7)));
        all.put("described value", join(octets(0), symbol("sterna:any"), string("a")));
        return all.entrySet().stream().map(it -> Arguments.of(it.getKey(), it.getValue()));
    }
}
