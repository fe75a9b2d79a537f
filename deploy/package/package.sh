#!/usr/bin/env bash
# Makes the tarball of //deploy/package: OUT, then the files to put into it.
#
#   bin/       drover, drover-agent
#   lib/       the libraries that they link, but for glibc's and LibTorch's
#   configs/, kubernetes/, LICENSE, README.md, libtorch.txt, get_libtorch.sh
#
# The libraries are Debian's shared ones: what they are is read from the executables, so that a
# new one needs no line here. Linking them statically would want each one's own list of what it
# needs in turn, in a link of its own, to save 3 MB. The executables find them relative to
# themselves: DT_RPATH, unlike DT_RUNPATH, also holds for what the libraries need.
set -euo pipefail

out=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/drover
mkdir -p "$root"/{bin,lib,configs}

for file in "$@"; do
  case "$file" in
    */bin/cli/*) cp "$file" "$root/bin/" ;;
    configs/*) cp "$file" "$root/configs/" ;;
    deploy/kubernetes/*) (cd deploy && cp --parents "${file#deploy/}" "$root/") ;;
    *) cp "$file" "$root/" ;;
  esac
done
chmod -R u+w "$root"

# shellcheck disable=SC2016  # the loader's $ORIGIN
readonly RPATH='$ORIGIN/../lib:$ORIGIN/../libtorch/torch/lib'
# Of glibc there can be one in a process: the system's.
readonly GLIBC='/(ld-linux-x86-64|lib(c|m|dl|rt|util|pthread|resolv|anl))\.so'
ldd "$root"/bin/* | awk '$2 == "=>" { print $3 }' | sort -u |
  grep -E '^/(usr/)?lib/' | grep -vE "$GLIBC" | xargs cp -Lt "$root/lib"
for program in "$root"/bin/*; do patchelf --force-rpath --set-rpath "$RPATH" "$program"; done

tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -czf "$out" drover
