package io.sterna.cluster.table;

import io.sterna.cluster.table.TableMessage.Accept;
import io.sterna.cluster.table.TableMessage.Answer;
import io.sterna.cluster.table.TableMessage.Ask;
import io.sterna.cluster.table.TableMessage.Prepare;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The memory of one founder: what Paxos calls an acceptor. It answers when what it says is on its disk, never before. A state
 * machine without IO.
 */
final class Keeper {
    private final TableRules rules;
    private final BiConsumer<String, TableMessage> answers;
    private final Consumer<KeeperState> disk;
    private final Queue<Unsaid> unsaid = new ArrayDeque<>();
    private Optional<KeeperState> state;

    /** How often the state has changed; how often of that it was given to the disk, and is on it. */
    private long version;

    private long writing;
    private long written;

    /** @param version the state on disk that the answer waits for */
    private record Unsaid(String to, Answer answer, long version) {}

    /**
     * Begins with what is on the disk.
     *
     * @param disk writes a state and has {@link #onWritten} called; one at a time
     */
    Keeper(
            TableRules rules,
            Optional<KeeperState> recovered,
            BiConsumer<String, TableMessage> answers,
            Consumer<KeeperState> disk) {
        this.rules = rules;
        state = recovered;
        this.answers = answers;
        this.disk = disk;
    }

    /** Whether it remembers nothing: then nothing is asked of it but that. */
    boolean isBlank() {
        return state.isEmpty();
    }

    /** Remembers something for the first time. */
    void begin(KeeperState first) {
        change(first);
    }

    void onAsk(String from, Ask ask) {
        answer(from, ask.attempt());
    }

    void onPrepare(String from, Prepare prepare) {
        state.filter(now -> rules.mayPromise(prepare.ballot(), now))
                .ifPresent(now -> change(new KeeperState(prepare.ballot(), now.accepted(), now.content())));
        answer(from, prepare.attempt());
    }

    void onAccept(String from, Accept accept) {
        state.filter(now -> rules.mayAccept(accept.ballot(), now))
                .ifPresent(now -> change(new KeeperState(accept.ballot(), accept.ballot(), accept.content())));
        answer(from, accept.attempt());
    }

    private void change(KeeperState next) {
        state = Optional.of(next);
        version++;
        maybeWrite();
    }

    private void maybeWrite() {
        if (writing == written && version > written) {
            writing = version;
            disk.accept(state.orElseThrow());
        }
    }

    /** The state that was given to the disk last is on it. */
    void onWritten() {
        written = writing;
        say();
        maybeWrite();
    }

    private void answer(String to, long attempt) {
        unsaid.add(new Unsaid(to, new Answer(attempt, isBlank(), state.orElse(KeeperState.FIRST)), version));
        say();
    }

    private void say() {
        while (!unsaid.isEmpty() && rules.maySay(unsaid.element().version(), written)) {
            Unsaid next = unsaid.remove();
            answers.accept(next.to(), next.answer());
        }
    }
}
