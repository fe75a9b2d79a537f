#!/usr/bin/env bash
# A Slurm on this machine, for as long as this script runs: slurm_cluster.sh DIR [NETNS@IP …]
# writes DIR/slurm.conf, DIR/<node>.pid and logs, and DIR/ready once all nodes are. The nodes are
# n1, n2, … with 8 cores each, four of them here, or one in each of these network namespaces, of
# which this one is the first: there the host's name is its IP. A node's feature is its name.
# Partition "main" has all nodes, "small" the last; "urgent" has all, too, and its jobs push those
# of the others out. Needs root; for SLURM_CONF, see DIR/slurm.conf.
set -euo pipefail
dir=$1
shift
hosts=("$@")
spread=YES
if [ $# = 0 ]; then
  hosts=(@127.0.0.1 @127.0.0.1 @127.0.0.1 @127.0.0.1)
  spread=NO
fi
count=${#hosts[@]}
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
SlurmctldHost=$(hostname)(${hosts[0]#*@})
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
PreemptType=preempt/partition_prio
PreemptMode=CANCEL
MpiDefault=none
ReturnToService=2
JobRequeue=1
KillWait=5
# A test does not wait: what is lost is noticed, and started again, in seconds.
MessageTimeout=3
SchedulerParameters=sched_interval=1,bf_interval=1
SlurmdTimeout=5
UnkillableStepTimeout=10
MinJobAge=5
PartitionName=main Nodes=n[1-$count] Default=YES LLN=$spread
PartitionName=small Nodes=n$count
PartitionName=urgent Nodes=n[1-$count] PriorityTier=2
CONF
for ((i = 1; i <= count; ++i)); do
  ip=${hosts[i - 1]#*@}
  echo "NodeName=n$i NodeHostname=$ip NodeAddr=$ip Port=$((base + i)) CPUs=8 RealMemory=8000 Features=n$i"
done >>"$SLURM_CONF"

until [ -S "$dir/munge/socket" ]; do sleep 0.05; done
slurmctld -D -c >/dev/null 2>&1 &
pids+=($!)
for ((i = 1; i <= count; ++i)); do
  netns=${hosts[i - 1]%@*}
  slurmd=(slurmd -D -N "n$i")
  if [ -n "$netns" ]; then
    # shellcheck disable=SC2016 # its own words
    slurmd=(nsenter "--net=/run/netns/$netns" unshare --uts
      sh -c 'hostname "$0" && exec "$@"' "${hosts[i - 1]#*@}" "${slurmd[@]}")
  fi
  mkdir -p "$dir/spool.n$i"
  "${slurmd[@]}" >/dev/null 2>&1 &
  pids+=($!)
done
until [ "$(sinfo --noheader --states=idle --format=%D --partition=main 2>/dev/null)" = "$count" ]; do sleep 0.1; done
touch "$dir/ready"
wait "${pids[@]}"
