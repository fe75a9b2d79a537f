#include "third_party/compiled/spdlog.h"

DROVER_FMT_TEMPLATES()
