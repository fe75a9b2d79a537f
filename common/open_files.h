#ifndef DROVER_COMMON_OPEN_FILES_H_
#define DROVER_COMMON_OPEN_FILES_H_

#include <cstdint>

namespace drover {

// Lets this process have as many files open as the system allows it, and says how many that is.
// Each connection is one: a shell's usual limit, 1024, is less than a thousand actors take. That
// limit is there for programs that call select(), which ours do not. Early in main.
uint64_t RaiseOpenFiles();

}  // namespace drover

#endif  // DROVER_COMMON_OPEN_FILES_H_
