// What library_pch.h has, and what reads a command line.
#include <CLI/CLI.hpp>

#include "tools/library_pch.h"
