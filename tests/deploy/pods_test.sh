#!/bin/bash
# The image, built and run by podman; and deploy/kubernetes/ brought up with it: coordinator, learner
# and two actors, each a pod with an address of its own, train CartPole to its mark. An image that
# does not start leaves nothing behind.
set -euo pipefail
# shellcheck source=tests/deploy/fresh_machine.sh
. tests/deploy/fresh_machine.sh
command -v kubectl >/dev/null || skip "needs kubectl"
# shellcheck source=tests/deploy/image.sh
. tests/deploy/image.sh

clean() {
  pod pod rm -fa -t 0 >/dev/null || true
  pod rm -fa -t 0 >/dev/null || true
  pod network rm -f drover >/dev/null || true
  forget_images
}
trap clean EXIT
build_image
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
# What ended by itself may just be cleaned up, which is then in the way.
for file in more run; do await pod play kube --down "$TEST_TMPDIR/$file.yaml"; done
[[ -z "$(pod ps -aq)" ]] || die "containers are left"
