package io.sterna.cluster;

import io.sterna.cluster.Violation.Invariant;
import io.sterna.store.LogOperation;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/** Mistakes that are easily made, each of which the simulation has to find. */
enum PlantedBug {
    A_LOG_SAYS_DURABLE_BEFORE_IT_IS(Set.of(Invariant.MEMBERS_HAVE_ALL, Invariant.COMMITTED_STAYS), new Bug() {
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
    THE_OWNER_COMMITS_BEFORE_A_BACKUP_HAS_IT(Set.of(Invariant.MEMBERS_HAVE_ALL, Invariant.COMMITTED_STAYS), new Bug() {
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
    THE_SLOWEST_BACKUP_IS_LEFT_OUT_WITHOUT_A_NEW_EPOCH(
            Set.of(Invariant.MEMBERS_HAVE_ALL, Invariant.COMMITTED_STAYS), new Bug() {
                @Override
                SafetyRules rules() {
                    return new SafetyRules() {
                        @Override
                        long committed(long ownDurable, Set<String> required, ToLongFunction<String> acknowledged) {
                            long fastest = required.stream()
                                    .mapToLong(acknowledged)
                                    .max()
                                    .orElse(ownDurable);
                            return Math.min(ownDurable, fastest);
                        }
                    };
                }
            }),
    /** The owner, or who gets records of two epochs, finds it before it does harm. */
    AN_OLD_EPOCH_IS_TAKEN(
            Set.of(Invariant.NO_DEFECT, Invariant.ONE_HISTORY, Invariant.COMMITTED_STAYS, Invariant.MEMBERS_HAVE_ALL),
            new Bug() {
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
    THE_PROMISE_OF_AN_EPOCH_IS_NOT_KEPT_ON_DISK(
            Set.of(
                    Invariant.ONE_OWNER,
                    Invariant.ONE_HISTORY,
                    Invariant.COMMITTED_STAYS,
                    Invariant.MEMBERS_HAVE_ALL,
                    Invariant.ONE_LINEAGE),
            new Bug() {
                @Override
                SimLog log(SimDisk disk, SimNode node, int partition) {
                    return new SimLog(disk, node, partition) {
                        @Override
                        Standing kept(Standing before, Standing written) {
                            return before.withWhole(written.whole()).following(written.generation());
                        }
                    };
                }
            }),
    A_RESTARTED_OWNER_GOES_ON_IN_ITS_EPOCH(Set.of(Invariant.ONE_OWNER, Invariant.ONE_HISTORY), new Bug() {
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
    CATCHING_UP_SKIPS_A_RANGE(Set.of(Invariant.EQUAL_CONTENT, Invariant.OPENS_WITH_ALL), new Bug() {
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
    ONE_BECOMES_A_MEMBER_BEFORE_IT_HAS_ALL(Set.of(Invariant.MEMBERS_HAVE_ALL, Invariant.COMMITTED_STAYS), new Bug() {
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
    WHO_IS_BECOMING_A_MEMBER_IS_NOT_WAITED_FOR(
            Set.of(Invariant.MEMBERS_HAVE_ALL, Invariant.COMMITTED_STAYS), new Bug() {
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
    A_COLD_START_DOES_NOT_WAIT_FOR_ALL_WHO_MAY_KNOW_MORE(
            Set.of(Invariant.MEMBERS_HAVE_ALL, Invariant.COMMITTED_STAYS), new Bug() {
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
    A_COMMITTED_RECORD_IS_CUT_OFF(
            Set.of(Invariant.MEMBERS_HAVE_ALL, Invariant.COMMITTED_STAYS, Invariant.EQUAL_CONTENT), new Bug() {
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
    A_MESSAGE_THAT_WAS_LEFT_OUT_OF_A_RECORD_IS_NOT_BROUGHT(
            Set.of(Invariant.EQUAL_CONTENT, Invariant.OPENS_WITH_ALL), new Bug() {
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
    A_MESSAGE_THAT_WAS_ACKNOWLEDGED_MEANWHILE_IS_BROUGHT_BACK(
            Set.of(Invariant.EQUAL_CONTENT, Invariant.OPENS_WITH_ALL), new Bug() {
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
    THE_CURSOR_MOVES_BEFORE_THE_PART_IS_SENT(
            Set.of(Invariant.ORDER, Invariant.EQUAL_CONTENT, Invariant.OPENS_WITH_ALL), new Bug() {
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
    RECORDS_THAT_CAME_REDUCED_ARE_SENT_ON(
            Set.of(Invariant.EQUAL_CONTENT, Invariant.OPENS_WITH_ALL, Invariant.ONE_HISTORY), new Bug() {
                @Override
                SafetyRules rules() {
                    return new SafetyRules() {
                        @Override
                        boolean forgetsReduced() {
                            return false;
                        }
                    };
                }
            }),
    REPORTS_COUNT_THAT_WERE_MADE_FOR_ANOTHER_TABLE(
            Set.of(Invariant.COMMITTED_STAYS, Invariant.MEMBERS_HAVE_ALL, Invariant.ONE_OWNER), new Bug() {
                @Override
                SafetyRules rules() {
                    return new SafetyRules() {
                        @Override
                        boolean counts(Standing standing, long generation) {
                            return true;
                        }
                    };
                }
            }),
    A_DISK_THAT_IS_BLANK_IS_BELIEVED(
            Set.of(
                    Invariant.COMMITTED_STAYS,
                    Invariant.MEMBERS_HAVE_ALL,
                    Invariant.OPENS_WITH_ALL,
                    Invariant.EQUAL_CONTENT),
            new Bug() {
                @Override
                SafetyRules rules() {
                    return new SafetyRules() {
                        @Override
                        boolean isDiskOf(PartitionView view, String node, long disk) {
                            return view.isInSync(node);
                        }
                    };
                }
            }),
    RECORDS_ARE_TOLD_AS_COMMITTED_WITH_TOO_FEW_COPIES(Set.of(Invariant.ENOUGH_COPIES), new Bug() {
        @Override
        SafetyRules rules() {
            return new SafetyRules() {
                @Override
                boolean isEnough(PartitionView view, int minInSync) {
                    return true;
                }
            };
        }
    });

    @SuppressWarnings("ImmutableEnumChecker") // A bug has no state.
    private final Bug bug;

    @SuppressWarnings("ImmutableEnumChecker") // It is made by Set.of.
    private final Set<Invariant> broken;

    /** @param broken what it leads to, one of these at least */
    PlantedBug(Set<Invariant> broken, Bug bug) {
        this.broken = broken;
        this.bug = bug;
    }

    boolean breaks(Invariant invariant) {
        return broken.contains(invariant);
    }

    Bug bug() {
        return bug;
    }
}
