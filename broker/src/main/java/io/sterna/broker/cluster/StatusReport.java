package io.sterna.broker.cluster;

import io.sterna.broker.cluster.ClusterStatus.NodeStatus;
import io.sterna.broker.cluster.ClusterStatus.PartitionStatus;
import io.sterna.broker.partition.Partitions;
import io.sterna.cluster.Member;
import io.sterna.cluster.PartitionView;
import io.sterna.cluster.TableContent;
import io.sterna.cluster.Waiting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts together what a node knows of its cluster. */
record StatusReport(String self, TableContent table, Membership membership, long nowMillis) {

    ClusterStatus make(Optional<String> problem, List<Waiting> waiting) {
        Map<Integer, Waiting> waits = new HashMap<>();
        waiting.forEach(each -> waits.put(each.partition(), each));
        List<PartitionStatus> partitions = new ArrayList<>();
        for (int number = 0; number < Partitions.COUNT; number++) {
            partitions.add(partition(number, Optional.ofNullable(waits.get(number))));
        }
        List<NodeStatus> nodes = membership.members(nowMillis).stream()
                .map(member -> node(member, partitions))
                .toList();
        return new ClusterStatus(self, problem, nodes, partitions);
    }

    private PartitionStatus partition(int number, Optional<Waiting> waits) {
        Optional<PartitionView> view = Optional.ofNullable(table.views().get(number));
        List<String> wanted = table.placement()
                .map(placement -> placement.nodes().get(number))
                .orElse(List.of());
        return new PartitionStatus(
                number,
                view.map(PartitionView::epoch)
                        .or(() -> waits.map(Waiting::epoch))
                        .orElse(0L),
                view.map(PartitionView::owner),
                view.map(PartitionView::inSync).orElse(List.of()),
                wanted,
                waits.map(Waiting::missing).orElse(List.of()),
                waits.filter(Waiting::forked).isPresent());
    }

    private NodeStatus node(Member member, List<PartitionStatus> partitions) {
        long owned = partitions.stream()
                .filter(each -> each.owner().equals(Optional.of(member.id())))
                .count();
        long held = partitions.stream()
                .filter(each -> each.inSync().contains(member.id()))
                .count();
        return new NodeStatus(
                member.id(), membership.isPresent(member.id()), member.witness(), member.draining(), (int) owned, (int)
                        held);
    }
}
