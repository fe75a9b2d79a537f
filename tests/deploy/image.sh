# shellcheck shell=bash
# Sourced, after tests/deploy/fresh_machine.sh, by tests of the container image: build_image makes
# it, "drover", in a store of podman's that is gone with forget_images. `pod` is podman with that.
for tool in podman runc; do command -v "$tool" >/dev/null || skip "needs $tool"; done

# Everything of podman's is in here: short paths, as it needs, and no mounts in Bazel's folders,
# which it could not build in any more were this test killed.
PODS=$(mktemp -d /tmp/pods-XXXXXX)
readonly PODS
cat >"$PODS/containers.conf" <<END
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[network]
network_backend = "netavark"
network_config_dir = "$PODS/networks"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
tmp_dir = "$PODS/tmp"
lock_type = "file" # others' podman has locks in shared memory
END
export CONTAINERS_CONF=$PODS/containers.conf

pod() { podman --root "$PODS/store" --runroot "$PODS/run" "$@" 2> >(
  grep -v 'systemd\|syslog\|CNI config' >&2); }

forget_images() {
  [[ -e "$PODS" ]] || return 0
  pod system reset -f >/dev/null || true
  rm -rf "$PODS"
}

build_image() {
  local context=$PODS/image
  # Where a registry is missing, so is the base image.
  tar -C "$BASE" -c . | pod import -q - base >/dev/null || skip "podman cannot import here"
  mkdir -p "$context"/libtorch/{torch/lib,nvidia/cu13/lib}
  cp -L deploy/package/drover.tar.gz "$context/"
  share() { cp -lt "$1" "${@:2}" 2>/dev/null || cp -t "$1" "${@:2}"; }
  share "$context/libtorch/torch/lib" "$LIBTORCH"/torch/lib/{libtorch_cpu.so,libc10.so,libgomp.so.1}
  share "$context/libtorch/nvidia/cu13/lib" "$LIBTORCH"/nvidia/cu13/lib/lib{cudart,cupti}.so.13
  pod build -q --format docker --layers=false --isolation=chroot --network=host \
    --build-arg BASE=base -f deploy/Dockerfile -t drover "$context" >/dev/null || die "no image"
  rm -rf "$context"
}
