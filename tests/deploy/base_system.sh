#!/bin/bash
# Debian 12's base system in a folder outside the clone, to be a fresh machine or the base of an
# image where no registry can be reached. Makes it if it is not there, which needs root;
# `./drover test` calls it. With --where it only prints where that is.
set -euo pipefail

home=~  # where HOME is not set, as in a Bazel test: the one of passwd
folder="${DROVER_HOME:-$home/.cache/drover}/debian-bookworm"

if [[ "${1:-}" == --where ]]; then
  echo "$folder"
elif [[ ! -e "$folder" && "$(id -u)" == 0 ]]; then
  echo "drover: fetching Debian's base system into $folder (200 MB)" >&2
  rm -rf "$folder.new"
  debootstrap --variant=minbase bookworm "$folder.new" >&2
  mv "$folder.new" "$folder"
fi
