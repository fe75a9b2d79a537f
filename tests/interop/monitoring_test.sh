#!/bin/bash
# Runs monitoring_test.py with a browser, Prometheus and the packages that setup.sh has installed.
set -euo pipefail
here="$(dirname "$0")"
for program in chromium prometheus promtool; do
  if ! command -v "$program" > /dev/null; then
    echo "DROVER-SKIPPED: no $program (third_party/debian_test.txt)"
    exit
  fi
done
venv="$("$here/setup.sh" --where)"
if [[ ! -e "$venv/complete" ]]; then
  echo "Python packages are missing at $venv: run tests/interop/setup.sh, or ./drover test" >&2
  exit 1
fi
exec "$venv/bin/python" -B "$here/monitoring_test.py" -v
