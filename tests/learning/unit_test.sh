#!/bin/sh
# Bazel's way to the Python tests of this folder.
cd "$(dirname "$0")" && exec /usr/bin/python3 -B -m unittest discover -p '*_test.py' -v
