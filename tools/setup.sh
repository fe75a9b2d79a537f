# shellcheck shell=bash
# Sourced by ./drover: puts in place what a build needs. Each step looks first
# whether it has anything to do, and says what it does.

export DROVER_HOME="${DROVER_HOME:-$HOME/.cache/drover}"  # what all clones share

# third_party/libtorch.bzl and third_party/clang_tidy.bzl look here.
LIBTORCH="$DROVER_HOME/libtorch-$(sed -n 's/^torch==//p' third_party/libtorch.txt)"
CLANG_TIDY="$DROVER_HOME/clang-tidy-$(sed -n 's/^clang-tidy==//p' third_party/clang_tidy.txt)"
readonly LIBTORCH CLANG_TIDY

say() { printf 'drover: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# install_packages LIST: a package a line, `#` and a reason after it.
install_packages() {
  local wanted installed missing=() name
  wanted=$(sed 's/ *#.*//' "$1" | grep . || true)
  [ -n "$wanted" ] || return 0
  # shellcheck disable=SC2086  # one argument a name
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null || true)
  for name in $wanted; do
    grep -qxF "$name installed" <<<"$installed" || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      die "needs root or sudo to install packages; as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing Debian packages: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
}

# fetch_wheels FOLDER REQUIREMENTS SIZE [PIP OPTIONS]: whole or not at all.
fetch_wheels() {
  say "fetching $(basename "$2" .txt) into $1 ($3)"
  mkdir -p "$DROVER_HOME"
  local work
  work=$(mktemp -d "$DROVER_HOME/new-XXXXXX")
  /usr/bin/python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install -q --disable-pip-version-check --no-cache-dir --no-compile \
    --only-binary :all: "${@:4}" --target "$work/wheels" -r "$2"
  touch "$work/wheels/.complete"
  rm -rf "$1"
  mv "$work/wheels" "$1"
  rm -rf "$work"
}

install_libtorch() {
  [ ! -e "$LIBTORCH/.complete" ] || return 0
  # With an NVIDIA driver its CUDA half is wanted too, and all that needs.
  if nvidia-smi >/dev/null 2>&1; then
    fetch_wheels "$LIBTORCH" third_party/libtorch.txt "3 GB, as there is an NVIDIA GPU"
  else
    fetch_wheels "$LIBTORCH" third_party/libtorch.txt "0.5 GB" --no-deps
  fi
}

# What only tests need.
set_up_tests() {
  install_packages third_party/debian_test.txt
  # Another vendor's will do, beside which Debian's cannot be installed.
  command -v kubectl >/dev/null || install_packages <(echo kubernetes-client)
  [ -e "$CLANG_TIDY/.complete" ] ||
    fetch_wheels "$CLANG_TIDY" third_party/clang_tidy.txt "20 MB" --no-deps
  tests/interop/setup.sh
  tests/deploy/base_system.sh
}

# What only this machine knows: where compiled files are kept between clones.
configure_bazel() {
  local line="build --disk_cache=$DROVER_HOME/bazel"
  [ "$(cat .bazelrc.local 2>/dev/null)" != "$line" ] || return 0
  say "keeping compiled files in $DROVER_HOME/bazel"
  printf '%s\n' "$line" >.bazelrc.local
}

# Bazel never deletes what it keeps there: what was read least lately goes first.
limit_kept_files() {
  local most=$((12 << 30))
  # Not there yet, or another build's temporary file, gone meanwhile.
  { find "$DROVER_HOME/bazel" -type f -printf '%A@ %s %p\n' 2>/dev/null || true; } | sort -rn |
    awk -v most=$most '(sum += $2) > most { sub(/^[^ ]+ [^ ]+ /, ""); print }' | xargs -r -d '\n' rm -f
}

set_up() {
  [ "$(. /etc/os-release && echo "$ID${VERSION_ID:-}")" = debian12 ] ||
    say "this is not Debian 12: packages may have other names or versions"
  install_packages third_party/debian.txt
  install_libtorch
  configure_bazel
  limit_kept_files
}
