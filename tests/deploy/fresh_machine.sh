# shellcheck shell=bash
# Sourced by tests that need root and tests/deploy/base_system.sh.

skip() {
  echo "DROVER-SKIPPED: $*"
  exit 0
}

die() {
  echo "FAILED: $*" >&2
  exit 1
}

[[ "$(id -u)" == 0 ]] || skip "needs root"
unshare --mount true 2>/dev/null || skip "needs the right to make namespaces"
BASE="$(tests/deploy/base_system.sh --where)"
[[ -e "$BASE" ]] || skip "needs $BASE, which tests/deploy/base_system.sh makes"
LIBTORCH="$(dirname "$BASE")/libtorch-$(sed -n 's/^torch==//p' third_party/libtorch.txt)"
readonly BASE
export LIBTORCH
export PATH="$PATH:/usr/sbin:/sbin"
