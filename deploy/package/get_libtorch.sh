#!/bin/sh
# Fetches LibTorch from PyPI to where this Drover looks for it: libtorch/ beside this file.
#
#   get_libtorch.sh cpu     0.5 GB
#   get_libtorch.sh cuda    5 GB, for NVIDIA GPUs
#
# Needs Debian's python3-venv or the like. A machine without internet can have the folder copied
# from one with.
set -eu
cd "$(dirname "$0")"
case "${1:-}" in
  cpu) without="--no-deps" ;;
  cuda) without="" ;;
  *) sed -n '2,5s/^# \{0,1\}//p' "$(basename "$0")" >&2; exit 2 ;;
esac

work=$(mktemp -d ./fetch-XXXXXX)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
# shellcheck disable=SC2086  # one argument or none
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-cache-dir --no-compile \
  --only-binary :all: $without --target "$work/wheels" -r libtorch.txt

# Of the wheels, the libraries alone.
mkdir -p "$work/libtorch/torch"
mv "$work/wheels/torch/lib" "$work/libtorch/torch/"
mv "$work/wheels/nvidia" "$work/libtorch/"
if [ "$1" = cpu ]; then rm -f "$work"/libtorch/torch/lib/*cuda*; fi
find "$work/libtorch" -type f ! -name '*.so' ! -name '*.so.*' -delete
rm -f "$work"/libtorch/torch/lib/libtorch_python.so
rm -rf libtorch
mv "$work/libtorch" .
