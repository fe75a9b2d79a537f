#ifndef DROVER_COMMON_ENUM_CHECK_H_
#define DROVER_COMMON_ENUM_CHECK_H_

#include <google/protobuf/message.h>

#include "absl/status/status.h"
#include "common/field_locations.h"

namespace drover {

// INVALID_ARGUMENT, with the field's place, unless each enumerator in `message` has a name.
// Protobuf keeps any number, and its text format reads them.
absl::Status CheckEnums(const google::protobuf::Message& message, const FieldLocations& locations);

}  // namespace drover

#endif  // DROVER_COMMON_ENUM_CHECK_H_
