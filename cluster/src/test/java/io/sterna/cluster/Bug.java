package io.sterna.cluster;

/** What is planted in a simulation; nothing, unless a method is overridden. */
class Bug {
    SafetyRules rules() {
        return new SafetyRules();
    }

    SimLog log(SimDisk disk, SimNode node, int partition) {
        return new SimLog(disk, node, partition);
    }
}
