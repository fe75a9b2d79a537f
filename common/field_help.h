#ifndef DROVER_COMMON_FIELD_HELP_H_
#define DROVER_COMMON_FIELD_HELP_H_

#include <google/protobuf/descriptor.h>

#include <string>

#include "absl/strings/string_view.h"

// What may stand in a text-format file, in words, from the message's own description. Enumerators
// with the number 0 mean "not set" and are left out.
namespace drover {

// e.g. "an integer of 0 … 4294967295", "one of: tanh, relu", "{ … } with fields of: beta1, beta2".
std::string AllowedValues(const google::protobuf::FieldDescriptor& field);

// e.g. unknown field of learner "bach"; did you mean "batch"? known: batch, threads
// `where` is the path of the message, "" at the top.
std::string UnknownField(const google::protobuf::Descriptor& message, absl::string_view where,
                         absl::string_view name);

// e.g. unknown value of model.activation "tan"; did you mean "tanh"? known: tanh, relu
std::string UnknownValue(const google::protobuf::EnumDescriptor& type, absl::string_view path,
                         absl::string_view value);

}  // namespace drover

#endif  // DROVER_COMMON_FIELD_HELP_H_
