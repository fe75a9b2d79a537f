#include "common/field_override.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/enum_check.h"
#include "common/field_help.h"
#include "common/status_macros.h"

namespace drover {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::TextFormat;

constexpr int kDeepest = 100;

// The caller says it better.
class IgnoreErrors : public google::protobuf::io::ErrorCollector {
  void AddError(int, int, const std::string&) override {}
};

// A field of a message that may be changed.
struct Place {
  Message* message;
  const FieldDescriptor* field;
};

// The message that a field holds, made if there is none; null: it holds several.
Message* MessageOf(const FieldDescriptor* field, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  if (!field->is_repeated()) return reflection.MutableMessage(message, field);
  switch (reflection.FieldSize(*message, field)) {
    case 0:
      return reflection.AddMessage(message, field);
    case 1:
      return reflection.MutableRepeatedMessage(message, field, 0);
    default:
      return nullptr;
  }
}

// Goes down to the field at `path`, making messages on the way.
absl::StatusOr<Place> FindPlace(absl::string_view path, const std::string& origin,
                                Message* message) {
  std::string walked;
  Place place{message, nullptr};
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(path, '.'))) {
    if (place.field != nullptr) {
      const FieldDescriptor* const field = place.field;
      if (field->message_type() == nullptr) {
        return absl::InvalidArgumentError(
            absl::StrCat(origin, ": ", walked, " has no fields of its own"));
      }
      place.message = MessageOf(field, place.message);
      if (place.message == nullptr) {
        return absl::InvalidArgumentError(
            absl::StrCat(origin, ": there are several ", walked, "; change them in the file"));
      }
    }
    const Descriptor& type = *place.message->GetDescriptor();
    place.field = type.FindFieldByName(name);
    if (place.field == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(origin, ": ", UnknownField(type, walked, name)));
    }
    walked = JoinPath(walked, name);
  }
  return place;
}

// Sets the field, or adds to it if it is repeated.
bool AddValue(const Place& place, const std::string& value) {
  if (place.field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
    IgnoreErrors ignore;
    TextFormat::Parser parser;
    parser.RecordErrorsTo(&ignore);
    parser.SetRecursionLimit(kDeepest);
    return parser.ParseFieldValueFromString(value, place.field, place.message);
  }
  const Reflection& reflection = *place.message->GetReflection();
  if (place.field->is_repeated()) {
    reflection.AddString(place.message, place.field, value);
  } else {
    reflection.SetString(place.message, place.field, value);
  }
  return true;
}

std::vector<std::string> SplitValues(const FieldDescriptor& field, absl::string_view value) {
  if (!field.is_repeated()) return {std::string(value)};
  if (value.empty()) return {};
  return absl::StrSplit(value, ',');
}

}  // namespace

absl::Status SetField(absl::string_view path, absl::string_view value, const std::string& origin,
                      Message* message, FieldLocations* locations) {
  DROVER_ASSIGN_OR_RETURN(const Place place, FindPlace(path, origin, message));
  place.message->GetReflection()->ClearField(place.message, place.field);
  for (const std::string& part : SplitValues(*place.field, value)) {
    if (!AddValue(place, part)) {
      return absl::InvalidArgumentError(absl::StrCat(origin, ": ", path, " cannot be \"", part,
                                                     "\"; allowed: ", AllowedValues(*place.field)));
    }
  }
  DROVER_RETURN_IF_ERROR(CheckEnums(*message, FieldLocations(origin)));
  if (locations != nullptr) locations->Record(std::string(path), origin);
  return absl::OkStatus();
}

absl::Status SetOption(absl::string_view option, Message* message, FieldLocations* locations) {
  const std::string origin = absl::StrCat("--set ", option);
  const size_t equals = option.find('=');
  if (equals == absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(origin, ": not of the form path=value"));
  }
  return SetField(option.substr(0, equals), option.substr(equals + 1), origin, message, locations);
}

}  // namespace drover
