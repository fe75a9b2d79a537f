#!/bin/bash
# Runs interop_test.py with the packages that setup.sh has installed.
set -euo pipefail
here="$(dirname "$0")"
venv="$("$here/setup.sh" --where)"
if [[ ! -e "$venv/complete" ]]; then
  echo "Python packages are missing at $venv: run tests/interop/setup.sh, or ./drover test" >&2
  exit 1
fi
exec "$venv/bin/python" -B "$here/interop_test.py" -v
