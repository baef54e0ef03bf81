package io.sterna.amqp;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The links of a connection by name and direction, of which there may be only one each (AMQP 1.0 §2.6.1). */
final class LinkNames {
    /** Of more than that it is not noticed. */
    private static final int MAX_FAILED_LINKS = 64;

    private final Map<Key, Link> links = new HashMap<>(4);
    private final Set<Key> failedLinks = new HashSet<>(0);

    private record Key(String name, boolean sending) {}

    /**
     * §2.6.5: an attach that was sent before the peer could know of the link's error reattaches, and so has no unsettled
     * map; one that resumes the link has.
     */
    void checkPipelined(String name, boolean sending, boolean resumes) throws Violation {
        Key key = new Key(name, sending);
        Link former = links.get(key);
        boolean failed = failedLinks.remove(key) || (former != null && former.failed());
        if (failed && !resumes) {
            throw Violation.session(
                    ErrorCondition.ERRANT_LINK,
                    "link " + name
                            + " was detached with an error and can only be resumed, with an unsettled map; §2.6.5");
        }
    }

    /** A link that is attached again takes the place of the one of its name, which is told so. */
    void steal(String name, boolean sending) {
        Link former = links.get(new Key(name, sending));
        if (former != null) {
            former.giveUpName(AmqpError.of(ErrorCondition.STOLEN, "link " + name + " was attached again"));
        }
    }

    void remember(Link link) {
        links.put(new Key(link.name(), link.sending()), link);
    }

    /** The peer has detached a link, without closing it, that had failed by its fault. */
    void onFailedDetached(Link link) {
        if (failedLinks.size() < MAX_FAILED_LINKS) {
            failedLinks.add(new Key(link.name(), link.sending()));
        }
    }

    void forget(Link link) {
        links.remove(new Key(link.name(), link.sending()), link);
    }
}
