#!/bin/bash
# Installs the Python packages that tests/interop reads a run's files with, in a virtual environment
# outside the clone, one for each requirements.txt. Does nothing when it is there. With --where it
# only prints where that is. `./drover test` calls it; nothing but this test needs Python packages.
set -euo pipefail

requirements="$(dirname "${BASH_SOURCE[0]}")/requirements.txt"
hash="$(sha256sum < "$requirements" | cut -c 1-12)"
home=~  # where HOME is not set, as in a Bazel test: the one of passwd
venv="${DROVER_HOME:-$home/.cache/drover}/interop-$hash"

if [[ "${1:-}" == --where ]]; then
  echo "$venv"
  exit
fi
if [[ -e "$venv/complete" ]]; then
  exit
fi
if ! /usr/bin/python3 -c 'import ensurepip, venv' 2> /dev/null; then
  echo "drover: tests/interop needs Debian's python3-venv" >&2
  exit 1
fi
echo "drover: fetching Python packages that read a run's files into $venv" >&2
# In its final place: a virtual environment does not move. The file `complete` is written last.
rm -rf "$venv"
/usr/bin/python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --no-deps \
  --requirement "$requirements"
"$venv/bin/python" -c 'import grafana_foundation_sdk.builders.dashboard, playwright.sync_api, safetensors.numpy
from tensorboard.backend.event_processing import event_accumulator'
touch "$venv/complete"
