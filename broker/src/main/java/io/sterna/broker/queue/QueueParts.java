package io.sterna.broker.queue;

import java.util.function.LongSupplier;

/** What a queue is made of, and how its parts know each other. Owned by the partition's event loop. */
final class QueueParts {
    /** Messages that wait are packed in pieces of which a load takes up so many. */
    private static final int STRETCHES_A_LOAD = 4;

    private static final int LEAST_STRETCH = 4;

    // Who is there, and whose turn it is
    final Roster roster = new Roster();
    final Turns turns = new Turns();

    // Where messages are, and who is to look at which
    final Lanes lanes;
    final ScanBudget budget;
    final Cursors cursors;
    final Groups groups;

    // What of them is in memory
    final PayloadAccount account = new PayloadAccount();
    final Aside aside = new Aside(account);
    final Payloads payloads;
    final Loads loads;

    // What becomes of them
    final Backlog backlog;
    final Lifecycle lifecycle;
    final Verdicts verdicts;
    final Dispatcher dispatcher;
    final Membership membership;

    /** As {@link Queue#Queue} says. */
    QueueParts(
            QueueEffects effects,
            AnnotationMerger annotationMerger,
            LoadLimits loadLimits,
            QueueRules rules,
            LongSupplier nowMillis) {
        Timing timing = new Timing(nowMillis);
        lanes = new Lanes(Math.max(LEAST_STRETCH, loadLimits.maxMessages() / STRETCHES_A_LOAD), timing);
        budget = new ScanBudget(loadLimits.maxPassedOver());
        cursors = new Cursors(lanes, roster, turns, budget);
        groups = cursors.groups();
        payloads = new Payloads(lanes, cursors, account);
        backlog = new Backlog(lanes, cursors, groups, account, aside);
        lifecycle = new Lifecycle(effects, backlog, roster, rules, timing);
        verdicts = new Verdicts(effects, annotationMerger, backlog, roster, lifecycle);
        loads = new Loads(effects, loadLimits, lanes, backlog, payloads);
        dispatcher = new Dispatcher(backlog, lifecycle, turns, cursors, budget, loads);
        membership = new Membership(roster, turns, cursors, lifecycle, verdicts, dispatcher);
    }
}
