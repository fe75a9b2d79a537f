#!/usr/bin/env bash
# A Slurm of four nodes on this machine, for as long as this script runs: slurm_cluster.sh DIR
# writes DIR/slurm.conf, DIR/<node>.pid and logs, and DIR/ready once all nodes are. The nodes are
# n1 … n4 with 8 cores each, partition "main" has all, "small" n4. Needs root; for SLURM_CONF, see
# DIR/slurm.conf.
set -euo pipefail
dir=$1
base=$((20000 + $$ % 2000 * 5)) # ports
mkdir -p "$dir/state" "$dir/munge"
chmod 755 "$dir"
export SLURM_CONF=$dir/slurm.conf

pids=()
trap 'kill -9 $(cat "$dir"/*.pid) "${pids[@]}" 2>/dev/null || true' EXIT
trap 'exit 0' TERM INT
# The test that started it is dead once this pipe closes.
if [ -n "${DROVER_PARENT_PIPE:-}" ]; then
  (read -r _ <&3 || kill $$) &
  pids+=($!)
fi

head -c 1024 /dev/urandom >"$dir/munge/key"
chmod 400 "$dir/munge/key"
chown -R munge "$dir/munge"
setpriv --reuid munge --regid munge --clear-groups \
  munged --foreground --force --key-file="$dir/munge/key" --socket="$dir/munge/socket" \
  --pid-file="$dir/munge/pid" --log-file="$dir/munge/log" --seed-file="$dir/munge/seed" &
pids+=($!)

cat >"$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=$base
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket,cred_expire=5
CryptoType=crypto/munge
StateSaveLocation=$dir/state
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/%n.pid
SlurmdSpoolDir=$dir/spool.%n
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
JobRequeue=1
KillWait=5
SlurmdTimeout=5
UnkillableStepTimeout=10
MinJobAge=5
NodeName=n[1-4] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[$((base + 1))-$((base + 4))] CPUs=8 RealMemory=8000
PartitionName=main Nodes=n[1-4] Default=YES
PartitionName=small Nodes=n4
CONF

until [ -S "$dir/munge/socket" ]; do sleep 0.05; done
slurmctld -D -c >/dev/null 2>&1 &
pids+=($!)
for node in n1 n2 n3 n4; do
  mkdir -p "$dir/spool.$node"
  slurmd -D -N $node >/dev/null 2>&1 &
  pids+=($!)
done
until [ "$(sinfo --noheader --states=idle --format=%D --partition=main 2>/dev/null)" = 4 ]; do sleep 0.1; done
touch "$dir/ready"
wait "${pids[@]}"
