package io.sterna.amqp;

import io.sterna.amqp.DeliveryState.Accepted;
import io.sterna.amqp.DeliveryState.Declared;
import io.sterna.amqp.DeliveryState.Modified;
import io.sterna.amqp.DeliveryState.Outcome;
import io.sterna.amqp.DeliveryState.Received;
import io.sterna.amqp.DeliveryState.Rejected;
import io.sterna.amqp.DeliveryState.Released;
import io.sterna.amqp.DeliveryState.Transactional;
import io.sterna.amqp.DeliveryState.Unknown;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.DescribedType;
import org.apache.qpid.proton.amqp.UnknownDescribedType;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transaction.TransactionalState;
import org.jspecify.annotations.Nullable;

/** Delivery states between Proton-J's types and ours. */
final class TranslateState {
    private TranslateState() {}

    static Optional<DeliveryState> ours(@Nullable Object state) {
        if (state == null) {
            return Optional.empty();
        } else if (state instanceof TransactionalState transactional) {
            return Optional.of(
                    new Transactional(Translate.bytes(transactional.getTxnId()), outcome(transactional.getOutcome())));
        } else if (state instanceof org.apache.qpid.proton.amqp.messaging.Received received) {
            UnsignedInteger section = received.getSectionNumber();
            UnsignedLong offset = received.getSectionOffset();
            return Optional.of(
                    new Received(section == null ? 0 : section.intValue(), offset == null ? 0 : offset.longValue()));
        }
        Optional<Outcome> outcome = outcome(state);
        if (outcome.isPresent()) {
            return Optional.of(outcome.get());
        }
        String descriptor = state instanceof DescribedType described
                ? String.valueOf(described.getDescriptor())
                : state.getClass().getSimpleName();
        return Optional.of(new Unknown(descriptor));
    }

    static Optional<Outcome> outcome(@Nullable Object outcome) {
        if (outcome instanceof org.apache.qpid.proton.amqp.messaging.Accepted) {
            return Optional.of(Accepted.INSTANCE);
        } else if (outcome instanceof org.apache.qpid.proton.amqp.messaging.Released) {
            return Optional.of(Released.INSTANCE);
        } else if (outcome instanceof org.apache.qpid.proton.amqp.messaging.Rejected rejected) {
            return Optional.of(new Rejected(Translate.error(rejected.getError())));
        } else if (outcome instanceof org.apache.qpid.proton.amqp.messaging.Modified modified) {
            return Optional.of(new Modified(
                    Boolean.TRUE.equals(modified.getDeliveryFailed()),
                    Boolean.TRUE.equals(modified.getUndeliverableHere()),
                    Translate.fields(modified.getMessageAnnotations())));
        } else if (outcome instanceof org.apache.qpid.proton.amqp.transaction.Declared declared) {
            return Optional.of(new Declared(Translate.bytes(declared.getTxnId())));
        }
        return Optional.empty();
    }

    /** Proton-J has an interface of its own for outcomes and another for states; all of ours are both but one. */
    static Object theirs(DeliveryState state) {
        if (state instanceof Outcome outcome) {
            return theirOutcome(outcome);
        } else if (state instanceof Received received) {
            org.apache.qpid.proton.amqp.messaging.Received result =
                    new org.apache.qpid.proton.amqp.messaging.Received();
            result.setSectionNumber(UnsignedInteger.valueOf(received.sectionNumber()));
            result.setSectionOffset(UnsignedLong.valueOf(received.sectionOffset()));
            return result;
        } else if (state instanceof Transactional transactional) {
            TransactionalState result = new TransactionalState();
            result.setTxnId(new Binary(transactional.transactionId()));
            transactional.outcome().ifPresent(outcome -> result.setOutcome(messagingOutcome(outcome)));
            return result;
        }
        return new UnknownDescribedType(Translate.symbol(((Unknown) state).descriptor()), List.of());
    }

    private static Object theirOutcome(Outcome outcome) {
        if (outcome instanceof Accepted) {
            return org.apache.qpid.proton.amqp.messaging.Accepted.getInstance();
        } else if (outcome instanceof Released) {
            return org.apache.qpid.proton.amqp.messaging.Released.getInstance();
        } else if (outcome instanceof Rejected rejected) {
            org.apache.qpid.proton.amqp.messaging.Rejected result =
                    new org.apache.qpid.proton.amqp.messaging.Rejected();
            result.setError(Translate.protonError(rejected.error()));
            return result;
        } else if (outcome instanceof Modified modified) {
            org.apache.qpid.proton.amqp.messaging.Modified result =
                    new org.apache.qpid.proton.amqp.messaging.Modified();
            result.setDeliveryFailed(modified.deliveryFailed());
            result.setUndeliverableHere(modified.undeliverableHere());
            result.setMessageAnnotations(Translate.protonFields(modified.messageAnnotations()));
            return result;
        }
        org.apache.qpid.proton.amqp.transaction.Declared result =
                new org.apache.qpid.proton.amqp.transaction.Declared();
        result.setTxnId(new Binary(((Declared) outcome).transactionId()));
        return result;
    }

    static org.apache.qpid.proton.amqp.messaging.Outcome messagingOutcome(Outcome outcome) {
        return (org.apache.qpid.proton.amqp.messaging.Outcome) theirOutcome(outcome);
    }

    static List<UnsettledDelivery> unsettled(@Nullable Map<?, ?> unsettled) {
        List<UnsettledDelivery> result = new ArrayList<>();
        if (unsettled != null) {
            unsettled.forEach((tag, state) -> {
                if (tag instanceof Binary binary) {
                    result.add(new UnsettledDelivery(Translate.bytes(binary), ours(state)));
                }
            });
        }
        return result;
    }

    static Map<Binary, @Nullable Object> theirUnsettled(List<UnsettledDelivery> unsettled) {
        Map<Binary, @Nullable Object> result = new LinkedHashMap<>();
        for (UnsettledDelivery delivery : unsettled) {
            result.put(
                    new Binary(delivery.tag()),
                    delivery.state().map(TranslateState::theirs).orElse(null));
        }
        return result;
    }

    static void setDefaultOutcome(Source source, Optional<Outcome> outcome) {
        outcome.ifPresent(value -> source.setDefaultOutcome(messagingOutcome(value)));
    }
}
