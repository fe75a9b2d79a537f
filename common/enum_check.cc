#include "common/enum_check.h"

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/field_help.h"
#include "common/status_macros.h"

namespace drover {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

int EnumNumber(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.GetRepeatedEnumValue(message, &field, index)
                             : reflection.GetEnumValue(message, &field);
}

const Message& SubMessage(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.GetRepeatedMessage(message, &field, index)
                             : reflection.GetMessage(message, &field);
}

absl::Status Check(const Message& message, const std::string& path,
                   const FieldLocations& locations) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string field_path = JoinPath(path, field->name());
    const int count = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->message_type() != nullptr) {
        DROVER_RETURN_IF_ERROR(Check(SubMessage(message, *field, i), field_path, locations));
      }
      const EnumDescriptor* const type = field->enum_type();
      if (type == nullptr) continue;
      const int number = EnumNumber(message, *field, i);
      if (type->FindValueByNumber(number) != nullptr) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(locations.Locate(field_path), ": ",
                       UnknownValue(*type, field_path, absl::StrCat(number))));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckEnums(const Message& message, const FieldLocations& locations) {
  return Check(message, "", locations);
}

}  // namespace drover
