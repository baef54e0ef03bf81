package io.sterna.cluster.table;

import io.sterna.cluster.TableContent;

/** Mistakes that are easily made, each of which the simulation has to find. */
enum PlantedTableBug {
    A_KEEPER_SAYS_WHAT_IS_NOT_ON_ITS_DISK(new TableRules() {
        @Override
        boolean maySay(long version, long written) {
            return true;
        }
    }),
    A_KEEPER_ACCEPTS_LESS_THAN_IT_HAS_PROMISED(new TableRules() {
        @Override
        boolean mayAccept(Ballot ballot, KeeperState now) {
            return ballot.compareTo(now.accepted()) >= 0;
        }
    }),
    A_KEEPER_PROMISES_THE_SAME_TO_TWO(new TableRules() {
        @Override
        boolean mayPromise(Ballot ballot, KeeperState now) {
            return ballot.round() >= now.promised().round();
        }
    }),
    AN_EMPTY_DISK_COUNTS(new TableRules() {
        @Override
        boolean counts(boolean blank) {
            return true;
        }
    }),
    A_KEEPER_JOINS_WITH_THE_WORD_OF_ONE(new TableRules() {
        @Override
        int enough(int keepers) {
            return 1;
        }
    }),
    WHAT_ONE_HAS_ACCEPTED_IS_READ(new TableRules() {
        @Override
        boolean isAccepted(Quorum answers) {
            return answers.size() > 0;
        }
    }),
    WHAT_FOLLOWS_IS_MADE_FROM_WHAT_ANYBODY_KNOWS(new TableRules() {
        @Override
        TableContent base(Quorum promising) {
            return promising.states().findFirst().orElseThrow().content();
        }
    });

    @SuppressWarnings("ImmutableEnumChecker") // The rules have no state.
    private final TableRules rules;

    PlantedTableBug(TableRules rules) {
        this.rules = rules;
    }

    TableRules rules() {
        return rules;
    }
}
