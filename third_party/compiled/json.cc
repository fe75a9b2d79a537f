#include "third_party/compiled/json.h"

DROVER_JSON_TEMPLATES()
