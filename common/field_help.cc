#include "common/field_help.h"

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/near_match.h"

namespace drover {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

std::vector<std::string> FieldNames(const Descriptor& message) {
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(message.field_count()));
  for (int i = 0; i < message.field_count(); ++i) names.push_back(message.field(i)->name());
  return names;
}

std::vector<std::string> ValueNames(const EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) names.push_back(type.value(i)->name());
  }
  return names;
}

template <typename Integer>
std::string IntegersOf() {
  return absl::StrCat("an integer of ", std::numeric_limits<Integer>::min(), " … ",
                      std::numeric_limits<Integer>::max());
}

}  // namespace

std::string AllowedValues(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return IntegersOf<int32_t>();
    case FieldDescriptor::CPPTYPE_INT64:
      return IntegersOf<int64_t>();
    case FieldDescriptor::CPPTYPE_UINT32:
      return IntegersOf<uint32_t>();
    case FieldDescriptor::CPPTYPE_UINT64:
      return IntegersOf<uint64_t>();
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return "a number";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_STRING:
      return "a string in quotes";
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrCat("one of: ", absl::StrJoin(ValueNames(*field.enum_type()), ", "));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return absl::StrCat("{ … } with fields of: ",
                          absl::StrJoin(FieldNames(*field.message_type()), ", "));
  }
  return "a value";
}

std::string UnknownField(const Descriptor& message, absl::string_view where,
                         absl::string_view name) {
  return UnknownName(where.empty() ? "field" : absl::StrCat("field of ", where), name,
                     FieldNames(message));
}

std::string UnknownValue(const EnumDescriptor& type, absl::string_view path,
                         absl::string_view value) {
  return UnknownName(absl::StrCat("value of ", path), value, ValueNames(type));
}

}  // namespace drover
