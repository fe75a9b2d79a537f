#!/bin/bash
# The tarball on a machine that has Debian's base system, LibTorch, and nothing else: trains Catch.
set -euo pipefail
# shellcheck source=tests/deploy/fresh_machine.sh
. tests/deploy/fresh_machine.sh

if [[ "${1:-}" != inside ]]; then
  exec unshare --mount --propagation=private --pid --fork --kill-child "$0" inside
fi

# The base system stays as it is: what is written goes to `layer`.
root=$TEST_TMPDIR/root
mkdir -p "$root" "$TEST_TMPDIR"/layer/{upper,work}
mount -t overlay overlay "$root" \
  -o "lowerdir=$BASE,upperdir=$TEST_TMPDIR/layer/upper,workdir=$TEST_TMPDIR/layer/work"
mount -t proc proc "$root/proc"
tar -C "$root/srv" -xzf deploy/package/drover.tar.gz
run() { chroot "$root" /usr/bin/env -i "$@"; }

run /srv/drover/bin/drover --help >/dev/null || die "its libraries are not complete"
for libraries in torch/lib nvidia/cu13/lib; do
  mkdir -p "$root/srv/drover/libtorch/$libraries"
  mount --bind "$LIBTORCH/$libraries" "$root/srv/drover/libtorch/$libraries"
done

run /srv/drover/bin/drover list configs | grep -qx catch_impala || die "its configs are not found"
run /srv/drover/bin/drover train catch_impala --actors 2 --run_dir /tmp/run ||
  die "it does not train"
grep -q '"reached_target": true' "$root/tmp/run/summary.json" || die "it does not reach its mark"
