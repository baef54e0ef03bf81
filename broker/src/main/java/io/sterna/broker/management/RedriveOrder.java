package io.sterna.broker.management;

import io.sterna.broker.partition.Addresses;
import io.sterna.broker.selector.InvalidSelectorException;
import io.sterna.broker.selector.Selector;
import java.util.Optional;

/**
 * Which dead letters are to be moved, and where to.
 *
 * @param source the dead letters' own address
 * @param limit how many messages at most
 */
record RedriveOrder(String source, String target, Optional<Selector> selector, long limit) {
    private static final long DEFAULT_LIMIT = 1000;
    private static final long MAX_LIMIT = 1_000_000;

    static RedriveOrder of(ManagementRequest request, String address) throws BadRequestException {
        boolean named = Addresses.isDeadLetterQueue(address);
        String source = named ? address : address + Addresses.DEAD_LETTER_SUFFIX;
        String home = source.substring(0, source.length() - Addresses.DEAD_LETTER_SUFFIX.length());
        String target = request.text("target").orElse(home);
        if (!Addresses.isValid(target) || target.equals(source)) {
            throw new BadRequestException("target can't be the address that is given");
        }
        Optional<String> selector = request.text("selector");
        return new RedriveOrder(
                source,
                target,
                selector.isPresent() ? Optional.of(parse(selector.get())) : Optional.empty(),
                request.number("limit", 1, MAX_LIMIT).orElse(DEFAULT_LIMIT));
    }

    private static Selector parse(String text) throws BadRequestException {
        try {
            return Selector.parse(text);
        } catch (InvalidSelectorException e) {
            throw new BadRequestException("selector: " + e.getMessage());
        }
    }
}
