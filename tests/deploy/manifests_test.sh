#!/bin/bash
# What deploy/kubernetes/ makes of itself is valid for an old, a recent and the newest Kubernetes
# that kubernetes-validate knows, and the Dockerfile is what hadolint would have it.
set -euo pipefail

die() {
  echo "FAILED: $*" >&2
  exit 1
}

export PATH="$PATH:/usr/local/bin"
bin="$(tests/interop/setup.sh --where)/bin"
[[ -e "$bin/../complete" ]] || die "Python packages are missing: run tests/interop/setup.sh"
"$bin/hadolint" deploy/Dockerfile || die "hadolint"

if ! command -v kubectl >/dev/null; then
  echo "DROVER-SKIPPED: needs kubectl"
  exit 0
fi
# Its checks follow no link out of a folder, and Bazel's files are links.
cp -rL deploy/kubernetes "$TEST_TMPDIR/kubernetes"
valid() { "$bin/kubernetes-validate" --strict --quiet -k "$1" "$2"; }
for folder in "$TEST_TMPDIR"/kubernetes/{base,overlays/*}; do
  made=$TEST_TMPDIR/${folder##*/}.yaml
  kubectl kustomize "$folder" >"$made" || die "kustomize $folder"
  for version in 1.25 1.31 1.37; do
    valid "$version" "$made" || die "$folder is not valid for $version"
  done
done

# It would tell.
sed 's/terminationGracePeriodSeconds/terminationPatience/' "$made" >"$TEST_TMPDIR/wrong.yaml"
if valid 1.31 "$TEST_TMPDIR/wrong.yaml" >/dev/null; then die "an unknown field is not noticed"; fi
grep -q 'nvidia.com/gpu: 1' "$TEST_TMPDIR/gpu.yaml" || die "the learner asks for no GPU"
for made in "$TEST_TMPDIR"/{base,gpu,insecure,replay}.yaml; do
  insecure=$(grep -c -- --insecure "$made" || true)
  secrets=$(grep -c secretName: "$made" || true)
  case "$made" in
    */insecure.yaml) [[ "$insecure $secrets" == "2 0" ]] ;;
    */replay.yaml) [[ "$insecure $secrets" == "0 4" ]] ;;
    *) [[ "$insecure $secrets" == "0 3" ]] ;;
  esac || die "$made has $insecure times --insecure and $secrets secrets"
done
