#!/bin/bash
# The image, built and run by podman; and deploy/kubernetes/ brought up with it: coordinator, learner
# and two actors, each a pod with an address of its own, train CartPole to its mark. An image that
# does not start leaves nothing behind.
set -euo pipefail
# shellcheck source=tests/deploy/fresh_machine.sh
. tests/deploy/fresh_machine.sh
for tool in podman kubectl; do command -v "$tool" >/dev/null || skip "needs $tool"; done

# Everything of podman's is in here and goes with it: short paths, as it needs, and no mounts in
# Bazel's folders, which it could not build in any more were this test killed.
running=$(mktemp -d /tmp/pods-XXXXXX)
cat >"$TEST_TMPDIR/containers.conf" <<END
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[network]
network_backend = "netavark"
network_config_dir = "$TEST_TMPDIR/networks"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
END
export CONTAINERS_CONF=$TEST_TMPDIR/containers.conf
pod() { podman --root "$running/store" --runroot "$running/run" "$@" 2> >(
  grep -v 'systemd\|syslog\|CNI config' >&2); }
clean() {
  pod pod rm -fa -t 0 >/dev/null || true
  pod rm -fa -t 0 >/dev/null || true
  pod network rm -f drover >/dev/null || true
  pod system reset -f >/dev/null || true
  rm -rf "$running"
}
trap clean EXIT

# Where a registry is missing, so is the base image.
tar -C "$BASE" -c . | pod import -q - base >/dev/null || skip "podman cannot import here"
context=$TEST_TMPDIR/image
mkdir -p "$context"/libtorch/{torch/lib,nvidia/cu13/lib}
cp -L deploy/package/drover.tar.gz "$context/"
share() { cp -lt "$1" "${@:2}" 2>/dev/null || cp -t "$1" "${@:2}"; }
share "$context/libtorch/torch/lib" "$LIBTORCH"/torch/lib/{libtorch_cpu.so,libc10.so,libgomp.so.1}
share "$context/libtorch/nvidia/cu13/lib" "$LIBTORCH"/nvidia/cu13/lib/lib{cudart,cupti}.so.13
pod build -q --format docker --layers=false --isolation=chroot --network=host \
  --build-arg BASE=base -f deploy/Dockerfile -t drover "$context" >/dev/null || die "no image"
pod images --format '{{.Repository}} {{.Size}}'

# await COMMAND: at most a minute.
await() {
  local end=$((SECONDS + 60))
  until "$@" >/dev/null 2>&1; do
    [[ $SECONDS -lt $end ]] || die "not within a minute: $*"
    sleep 0.2
  done
}

# A container, alone: not as root, and well while it trains.
[[ "$(pod run --rm --network none --entrypoint id drover -u)" == 10001 ]] || die "it runs as root"
pod run -d --name alone --network none drover train catch_impala --max_frames 4000000000 \
  --set target.return=2 --actors 1 >/dev/null
await pod healthcheck run alone
pod stop -t 20 alone >/dev/null
[[ "$(pod inspect alone --format '{{.State.ExitCode}}')" == 0 ]] || die "it does not end well"
pod rm alone >/dev/null

# Pods. podman has no Services: a pod's own name stands in; and one pod a Deployment.
cp -rL deploy/kubernetes "$TEST_TMPDIR/kubernetes"
kubectl kustomize "$TEST_TMPDIR/kubernetes/overlays/insecure" 2>/dev/null |
  sed 's/drover-coordinator:7000/drover-coordinator-pod-0:7000/' >"$TEST_TMPDIR/run.yaml"
awk -v 'RS=---\n' '/name: drover-actors/' "$TEST_TMPDIR/run.yaml" |
  sed 's/drover-actors/drover-more/' >"$TEST_TMPDIR/more.yaml"
pod network create drover >/dev/null
for file in run more; do
  pod play kube --network drover "$TEST_TMPDIR/$file.yaml" >/dev/null || die "podman plays no $file"
done
volume() { pod volume inspect "$1" --format '{{.Mountpoint}}'; }
summary=$(volume drover-coordinator)/run/summary.json
await test -s "$summary"
cat "$summary"
grep -q '"reached_target": true' "$summary" || die "it does not reach its mark"
ls "$(volume drover-learner)"/run/checkpoints/*/weights.safetensors || die "no checkpoint is kept"
for file in more run; do
  pod play kube --down "$TEST_TMPDIR/$file.yaml" >/dev/null || die "podman does not end $file"
done
[[ -z "$(pod ps -aq)" ]] || die "containers are left"
