# Fetches Apache Artemis and Apache Qpid Broker-J and knows how to start them; sourced by bench/compare and bench/peers/run.
# Both leave their web consoles out, take anonymous connections and listen on loopback only.
# shellcheck shell=bash

artemis_version=2.56.0
brokerj_version=10.1.0
# `artemis create` measures the disk and sets this differently each time, by as much as the machine is busy just then.
# It found 92,000 to 112,000 ns on the machine of docs/performance.md. It is how long Artemis gathers writes before a
# forced one, so that two runs with different values are not comparable.
artemis_journal_buffer_timeout_nanos=100000
# Of each process, as Java's -Xmx takes it.
peer_heap=1g

peers_source="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
peers_root="$(cd "$peers_source/../.." && pwd)"
peers="$peers_root/bench/target/peers"

fetch_peer() { # group:artifact:version, directory that it unpacks
    [ -d "$peers/$2" ] && return 0
    mkdir -p "$peers"
    echo "fetching $1" >&2
    (cd "$peers_root" && mvn -B -q -N dependency:unpack -Dartifact="$1:tar.gz:bin" -DoutputDirectory="$peers" >&2)
    [ -d "$peers/$2" ] || die "$1 did not unpack to $2"
}

fetch_artemis() {
    fetch_peer "org.apache.artemis:apache-artemis:$artemis_version" "apache-artemis-$artemis_version"
}

fetch_brokerj() {
    fetch_peer "org.apache.qpid:apache-qpid-broker-j:$brokerj_version" "qpid-broker/$brokerj_version"
}

create_artemis() { # directory of the instance, port, further options…
    "$peers/apache-artemis-$artemis_version/bin/artemis" create --silent --user bench --password bench \
        --allow-anonymous --nio --no-autotune --no-web --host 127.0.0.1 --default-port "$2" --java-memory "$peer_heap" \
        --no-amqp-acceptor --no-hornetq-acceptor --no-mqtt-acceptor --no-stomp-acceptor "${@:3}" "$1" >&2
    sed -i "s|<journal-datasync>|<journal-buffer-timeout>$artemis_journal_buffer_timeout_nanos</journal-buffer-timeout>\
<journal-datasync>|" "$1/etc/broker.xml"
    grep -q 'journal-buffer-timeout' "$1/etc/broker.xml" || die "could not fix journal-buffer-timeout"
}

# Each prepare_… takes a data directory and a port, puts the command into `command`, and sets what the line looks like that
# says that it serves.
prepare_artemis() {
    create_artemis "$1/instance" "$2"
    command=("$1/instance/bin/artemis" run)
    ready='AMQ221007'
}

# Two that replicate, in $1/primary and $1/backup; takes a port for each. The backup says the line `synchronized` when it has
# all that the primary has.
prepare_artemis_pair() {
    local cluster=(--clustered --replicated --cluster-user bench --cluster-password bench)
    create_artemis "$1/primary" "$2" "${cluster[@]}" --static-cluster "tcp://127.0.0.1:$3"
    create_artemis "$1/backup" "$3" "${cluster[@]}" --static-cluster "tcp://127.0.0.1:$2" --backup
    ready='AMQ221007'
    synchronized='AMQ221024'
}

prepare_brokerj() {
    export QPID_WORK="$1" QPID_JAVA_MEM="-Xmx$peer_heap" QPID_RUN_LOG=0
    command=("$peers/qpid-broker/$brokerj_version/bin/qpid-server" -icp "$peers_source/brokerj.json"
        -prop "qpid.amqp_port=$2"
        -prop "qpid.initial_config_virtualhost_config=$(tr -d '\n' <"$peers_source/brokerj-virtualhost.json")")
    ready='BRK-1004'
}
