#!/bin/sh
# Bazel's way to a Python test of this folder: its name is the argument.
cd "$(dirname "$0")" && exec /usr/bin/python3 -B -m unittest -v "$@"
