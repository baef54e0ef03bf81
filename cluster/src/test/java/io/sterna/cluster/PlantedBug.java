package io.sterna.cluster;

import io.sterna.store.LogOperation;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/** Mistakes that are easily made, each of which the simulation has to find. */
enum PlantedBug {
    A_LOG_SAYS_DURABLE_BEFORE_IT_IS(new Bug() {
        @Override
        SimLog log(SimDisk disk, SimNode node, int partition) {
            return new SimLog(disk, node, partition) {
                @Override
                boolean reportsEarly() {
                    return true;
                }
            };
        }
    }),
    THE_OWNER_COMMITS_BEFORE_A_BACKUP_HAS_IT(new Bug() {
        @Override
        SafetyRules rules() {
            return new SafetyRules() {
                @Override
                Set<String> required(PartitionView view, Optional<PartitionView> proposed) {
                    return Set.of();
                }
            };
        }
    }),
    THE_SLOWEST_BACKUP_IS_LEFT_OUT_WITHOUT_A_NEW_EPOCH(new Bug() {
        @Override
        SafetyRules rules() {
            return new SafetyRules() {
                @Override
                long committed(long ownDurable, Set<String> required, ToLongFunction<String> acknowledged) {
                    long fastest =
                            required.stream().mapToLong(acknowledged).max().orElse(ownDurable);
                    return Math.min(ownDurable, fastest);
                }
            };
        }
    }),
    AN_OLD_EPOCH_IS_TAKEN(new Bug() {
        @Override
        SafetyRules rules() {
            return new SafetyRules() {
                @Override
                boolean isStale(long messageEpoch, long knownEpoch) {
                    return false;
                }
            };
        }
    }),
    THE_PROMISE_OF_AN_EPOCH_IS_NOT_KEPT_ON_DISK(new Bug() {
        @Override
        SimLog log(SimDisk disk, SimNode node, int partition) {
            return new SimLog(disk, node, partition) {
                @Override
                Standing kept(Standing before, Standing written) {
                    return before.withWhole(written.whole());
                }
            };
        }
    }),
    A_RESTARTED_OWNER_GOES_ON_IN_ITS_EPOCH(new Bug() {
        @Override
        SafetyRules rules() {
            return new SafetyRules() {
                @Override
                boolean mayBegin(PartitionView view, Standing standing) {
                    return true;
                }
            };
        }
    }),
    A_SUCCESSOR_IS_NOT_IN_SYNC(new Bug() {
        @Override
        SafetyRules rules() {
            return new SafetyRules() {
                @Override
                List<String> successors(PartitionView view, Collection<String> alive) {
                    return alive.stream().sorted().toList();
                }
            };
        }
    }),
    CATCHING_UP_SKIPS_A_RANGE(new Bug() {
        @Override
        SimLog log(SimDisk disk, SimNode node, int partition) {
            return new SimLog(disk, node, partition) {
                @Override
                boolean leavesOut(long sequence) {
                    return sequence % 3 == 0;
                }
            };
        }
    }),
    ONE_BECOMES_A_MEMBER_BEFORE_IT_HAS_ALL(new Bug() {
        @Override
        SafetyRules rules() {
            return new SafetyRules() {
                @Override
                boolean isCaughtUp(long acknowledged, long committed) {
                    return true;
                }
            };
        }
    }),
    WHO_IS_BECOMING_A_MEMBER_IS_NOT_WAITED_FOR(new Bug() {
        @Override
        SafetyRules rules() {
            return new SafetyRules() {
                @Override
                Set<String> required(PartitionView view, Optional<PartitionView> proposed) {
                    return super.required(view, Optional.empty());
                }
            };
        }
    }),
    A_COLD_START_DOES_NOT_WAIT_FOR_ALL_WHO_MAY_KNOW_MORE(new Bug() {
        @Override
        SafetyRules rules() {
            return new SafetyRules() {
                @Override
                boolean isComplete(PartitionView highest, Map<String, ReplicaReport> reports) {
                    return true;
                }
            };
        }
    }),
    A_COMMITTED_RECORD_IS_CUT_OFF(new Bug() {
        @Override
        SimLog log(SimDisk disk, SimNode node, int partition) {
            return new SimLog(disk, node, partition) {
                @Override
                boolean cutsTooMuch() {
                    return true;
                }
            };
        }
    }),
    A_MESSAGE_THAT_WAS_LEFT_OUT_OF_A_RECORD_IS_NOT_BROUGHT(new Bug() {
        @Override
        SimLog log(SimDisk disk, SimNode node, int partition) {
            return new SimLog(disk, node, partition) {
                @Override
                DifferencePart part() {
                    return new DifferencePart() {
                        @Override
                        void replayMessage(MessageOwner owner, long sequence, LogOperation message) {
                            // Forgotten.
                        }
                    };
                }
            };
        }
    }),
    A_MESSAGE_THAT_WAS_ACKNOWLEDGED_MEANWHILE_IS_BROUGHT_BACK(new Bug() {
        @Override
        SimLog log(SimDisk disk, SimNode node, int partition) {
            return new SimLog(disk, node, partition) {
                @Override
                DifferencePart part() {
                    return new DifferencePart() {
                        @Override
                        void replayAcknowledged(long queueId, long sequence) {
                            // Forgotten.
                        }
                    };
                }
            };
        }
    }),
    THE_CURSOR_MOVES_BEFORE_THE_PART_IS_SENT(new Bug() {
        @Override
        SimLog log(SimDisk disk, SimNode node, int partition) {
            return new SimLog(disk, node, partition) {
                @Override
                boolean movesEarly() {
                    return true;
                }
            };
        }
    }),
    RECORDS_THAT_CAME_REDUCED_ARE_SENT_ON(new Bug() {
        @Override
        SafetyRules rules() {
            return new SafetyRules() {
                @Override
                boolean forgetsReduced() {
                    return false;
                }
            };
        }
    });

    @SuppressWarnings("ImmutableEnumChecker") // A bug has no state.
    private final Bug bug;

    PlantedBug(Bug bug) {
        this.bug = bug;
    }

    Bug bug() {
        return bug;
    }
}
