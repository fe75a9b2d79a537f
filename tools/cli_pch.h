// What library_pch.h has, and what declares flags. Who makes a CLI::App includes <CLI/CLI.hpp>,
// which puts most of CLI11 into its object file.
#include <CLI/App.hpp>

#include "tools/library_pch.h"
