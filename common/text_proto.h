#ifndef DROVER_COMMON_TEXT_PROTO_H_
#define DROVER_COMMON_TEXT_PROTO_H_

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/statusor.h"
#include "common/field_locations.h"

// Messages as people write them, in protobuf's text format. Works on any message; errors say where,
// what is wrong, and what is allowed:
//   configs/a.textproto:3:1: unknown field "topolgy"; did you mean "topology"? known: name, …
namespace drover {

// Reads a file into `message`, whatever that held. Errors of ReadFile; INVALID_ARGUMENT with
// file:line:column: unknown field or value, wrong type, out of its type's range, given twice.
absl::StatusOr<FieldLocations> ReadTextProto(const std::string& path,
                                             google::protobuf::Message* message);

// The same of a text that is here already; `file` is what errors call it.
absl::StatusOr<FieldLocations> ParseTextProto(const std::string& file, const std::string& text,
                                              google::protobuf::Message* message);

}  // namespace drover

#endif  // DROVER_COMMON_TEXT_PROTO_H_
