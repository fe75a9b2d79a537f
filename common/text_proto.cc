#include "common/text_proto.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/enum_check.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "common/text_context.h"

namespace drover {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

constexpr size_t kLargestFile = 1 << 20;
constexpr int kDeepest = 100;

// The first error; what follows is mostly its consequence.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (!error_.has_value()) error_ = TextError{{line + 1, column + 1}, message};
  }
  TextError error() const { return error_.value_or(TextError{{1, 1}, "not in text format"}); }

 private:
  std::optional<TextError> error_;
};

std::string Place(const std::string& file, const TextPosition& position) {
  return absl::StrCat(file, ":", position.line, ":", position.column);
}

// Puts the place of each field of `type` that `tree` has into `locations`.
void RecordPlaces(const TextFormat::ParseInfoTree& tree, const Descriptor& type,
                  const std::string& path, FieldLocations* locations) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string field_path = JoinPath(path, field.name());
    for (int index = 0;; ++index) {
      const int position = field.is_repeated() ? index : -1;
      const TextFormat::ParseLocation start = tree.GetLocation(&field, position);
      if (start.line < 0) break;
      const std::string place = Place(locations->file(), {start.line + 1, start.column + 1});
      if (index == 0) locations->Record(field_path, place);
      const std::string item_path =
          field.is_repeated() ? absl::StrCat(field_path, "[", index, "]") : field_path;
      locations->Record(item_path, place);
      const TextFormat::ParseInfoTree* const nested = tree.GetTreeForNested(&field, position);
      if (nested != nullptr) RecordPlaces(*nested, *field.message_type(), item_path, locations);
      if (!field.is_repeated()) break;
    }
  }
}

}  // namespace

absl::StatusOr<FieldLocations> ReadTextProto(const std::string& path, Message* message) {
  DROVER_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kLargestFile));
  return ParseTextProto(path, text, message);
}

absl::StatusOr<FieldLocations> ParseTextProto(const std::string& file, const std::string& text,
                                              Message* message) {
  FirstError errors;
  TextFormat::ParseInfoTree tree;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(&tree);
  parser.SetRecursionLimit(kDeepest);
  const Descriptor& type = *message->GetDescriptor();
  if (!parser.ParseFromString(text, message)) {
    const TextError error = ExplainTextError(text, type, errors.error());
    return absl::InvalidArgumentError(
        absl::StrCat(Place(file, error.position), ": ", error.message));
  }
  FieldLocations locations(file);
  RecordPlaces(tree, type, "", &locations);
  DROVER_RETURN_IF_ERROR(CheckEnums(*message, locations));
  return locations;
}

}  // namespace drover
