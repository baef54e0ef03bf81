package io.sterna.broker.forward;

import io.sterna.amqp.AmqpError;
import io.sterna.broker.partition.Countdown;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A commit at several nodes, in two phases: the first part prepares to decide, the others prepare under its name, the first
 * one decides, the others do it. Owned by the loop of the client's connection.
 */
final class SpanningCommit {
    private final List<CommitPart> parts;
    private final Consumer<Optional<AmqpError>> answer;
    private Optional<CommitPart> deciding = Optional.empty();
    private Optional<AmqpError> failure = Optional.empty();
    private int waitingFor;
    private long others;

    /**
     * Of these parts; the first one that has something to do decides.
     *
     * @param answer why it was rolled back; nothing when it was committed. Not called when nobody knows: then the client's
     *     connection is closed
     */
    SpanningCommit(List<CommitPart> parts, Consumer<Optional<AmqpError>> answer) {
        this.parts = new ArrayList<>(parts);
        this.answer = answer;
    }

    void begin() {
        if (parts.isEmpty()) {
            answer.accept(Optional.empty());
            return;
        }
        CommitPart first = parts.remove(0);
        first.prepareToDecide(new CommitPart.Prepared() {
            @Override
            public void onPrepared(byte[] told) {
                if (told.length == 0) {
                    first.goOn(0, new Ignored(SpanningCommit.this::begin)); // There is nothing to do there.
                } else {
                    deciding = Optional.of(first);
                    prepareOthers(told);
                }
            }

            @Override
            public void onRefused(AmqpError why) {
                failure = Optional.of(why);
                rollBack(parts);
            }
        });
    }

    private void prepareOthers(byte[] name) {
        waitingFor = parts.size();
        if (parts.isEmpty()) {
            decide();
        }
        for (CommitPart part : parts) {
            part.prepare(name, new CommitPart.Prepared() {
                @Override
                public void onPrepared(byte[] told) {
                    others |= ByteBuffer.wrap(told).getLong();
                    onVote();
                }

                @Override
                public void onRefused(AmqpError why) {
                    failure = failure.or(() -> Optional.of(why));
                    onVote();
                }
            });
        }
    }

    private void onVote() {
        if (--waitingFor > 0) {
            return;
        }
        if (failure.isPresent()) {
            List<CommitPart> all = new ArrayList<>(parts);
            deciding.ifPresent(all::add);
            rollBack(all);
        } else {
            decide();
        }
    }

    private void rollBack(List<CommitPart> which) {
        Countdown left = new Countdown(which.size(), () -> answer.accept(failure));
        which.forEach(part -> part.giveUp(left::down));
    }

    private void decide() {
        deciding.orElseThrow().goOn(others, new CommitPart.Result() {
            @Override
            public void onCommitted() {
                Countdown left = new Countdown(parts.size(), () -> answer.accept(Optional.empty()));
                parts.forEach(part -> part.goOn(0, new Ignored(left::down)));
            }

            @Override
            public void onRolledBack(AmqpError why) {
                failure = Optional.of(why);
                rollBack(parts);
            }

            @Override
            public void onUnknown() {
                // Those that are prepared ask the one that decides.
            }
        });
    }

    /** It is decided: who does not hear of it now asks. */
    private record Ignored(Runnable then) implements CommitPart.Result {
        @Override
        public void onCommitted() {
            then.run();
        }

        @Override
        public void onRolledBack(AmqpError why) {
            then.run();
        }

        @Override
        public void onUnknown() {
            then.run();
        }
    }
}
