#ifndef DROVER_COMMON_FIELD_OVERRIDE_H_
#define DROVER_COMMON_FIELD_OVERRIDE_H_

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/field_locations.h"

// Changes of a message on the command line.
namespace drover {

// Replaces the field at `path` ("optimizer.rate"); messages on the way are made, and of a list of
// messages on the way it is the only one. `value` is
//   a number, true, an enumerator's name  as in the file,
//   a string                              as it is, without quotes,
//   a repeated field                      the values with commas between; "": none,
//   a message                             its fields in braces: "{ beta1: 0.9 }".
// `origin` says where it is from: "--seed 3"; errors begin with it, and `locations`, if not null,
// remembers it. After an error (INVALID_ARGUMENT) the message is of no use.
absl::Status SetField(absl::string_view path, absl::string_view value, const std::string& origin,
                      google::protobuf::Message* message, FieldLocations* locations);

// SetField of the argument of `--set`: "path=value".
absl::Status SetOption(absl::string_view option, google::protobuf::Message* message,
                       FieldLocations* locations);

}  // namespace drover

#endif  // DROVER_COMMON_FIELD_OVERRIDE_H_
