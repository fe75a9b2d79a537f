# Sourced by ./drover: puts in place what a build needs. Each step looks first
# whether it has anything to do, and says what it does.

readonly DROVER_HOME="${DROVER_HOME:-$HOME/.cache/drover}"
export DROVER_HOME
readonly LIBTORCH="$DROVER_HOME/libtorch-2.11.0"

say() { printf 'drover: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# The names in a list, without its comments.
names_in() { sed 's/#.*//' "$1" | tr -s ' \n' '\n' | grep . ; }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "this needs root or sudo: $*"
  fi
}

install_packages() {
  local wanted missing=() name
  wanted=$(names_in third_party/debian.txt)
  for name in $wanted; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] ||
      missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing Debian packages: ${missing[*]}"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
    "${missing[@]}"
}

install_libtorch() {
  [ ! -e "$LIBTORCH/.complete" ] || return 0
  local new="$LIBTORCH.new" dependencies=--no-deps
  # With an NVIDIA driver its CUDA half is wanted too, and all that needs.
  if command -v nvidia-smi >/dev/null && nvidia-smi >/dev/null 2>&1; then dependencies=; fi
  say "fetching LibTorch into $LIBTORCH (0.5 GB)"
  rm -rf "$new" "$LIBTORCH"
  mkdir -p "$DROVER_HOME"
  /usr/bin/python3 -m venv "$DROVER_HOME/venv"
  # shellcheck disable=SC2086  # no option where it is empty
  "$DROVER_HOME/venv/bin/pip" install -q $dependencies --no-cache-dir --target "$new" \
    -r third_party/libtorch.txt
  touch "$new/.complete"
  mv "$new" "$LIBTORCH"
}

# What only this machine knows: where compiled things are kept between clones.
configure_bazel() {
  local line="build --disk_cache=$DROVER_HOME/bazel"
  [ "$(cat .bazelrc.local 2>/dev/null)" != "$line" ] || return 0
  say "keeping compiled files in $DROVER_HOME/bazel"
  printf '%s\n' "$line" > .bazelrc.local
}

set_up() {
  [ "$(. /etc/os-release && echo "$ID$VERSION_ID")" = debian12 ] ||
    say "this is not Debian 12: package names and versions may differ"
  install_packages
  install_libtorch
  configure_bazel
}
