package io.sterna.amqp;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The links of a connection by name and direction, of which there may be only one each (AMQP 1.0 §2.6.1). */
final class LinkNames {
    private final Map<Key, Link> links = new HashMap<>(4);

    private record Key(String name, boolean sending) {}

    /** A link that is attached again takes the place of the one of its name, which is told so. */
    void steal(String name, boolean sending) {
        Link former = links.get(new Key(name, sending));
        if (former == null) {
            return;
        }
        AmqpError stolen = AmqpError.of(ErrorCondition.STOLEN, "link " + name + " was attached again");
        if (former.attached()) {
            former.detach(true, Optional.of(stolen));
            LinkHandler handler = former.takeHandlerForEnd();
            if (handler != null) {
                handler.onLost(false);
            }
        } else if (former.peerState() == EndpointState.OPEN) {
            former.refuse(stolen);
        }
    }

    void remember(Link link) {
        links.put(new Key(link.name(), link.sending()), link);
    }

    void forget(Link link) {
        links.remove(new Key(link.name(), link.sending()), link);
    }
}
