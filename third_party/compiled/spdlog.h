#ifndef DROVER_THIRD_PARTY_COMPILED_SPDLOG_H_
#define DROVER_THIRD_PARTY_COMPILED_SPDLOG_H_

// spdlog with all of fmt's formatting compiled once (spdlog.cc). libfmt has it too, but as GCC
// names it: Clang gives it another name.
#include <spdlog/spdlog.h>

// DROVER_FMT_TEMPLATES(extern) declares what DROVER_FMT_TEMPLATES() defines.
#define DROVER_FMT_TEMPLATES(storage)                  \
  storage template void fmt::detail::vformat_to<char>( \
      fmt::detail::buffer<char>&, fmt::string_view,    \
      fmt::basic_format_args<FMT_BUFFER_CONTEXT(char)>, fmt::detail::locale_ref);

DROVER_FMT_TEMPLATES(extern)

#endif  // DROVER_THIRD_PARTY_COMPILED_SPDLOG_H_
