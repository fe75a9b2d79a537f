#include "common/text_context.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/field_help.h"
#include "common/field_locations.h"

namespace drover {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::io::Tokenizer;

class IgnoreErrors : public google::protobuf::io::ErrorCollector {
  void AddError(int, int, const std::string&) override {}
};

// What is known between the braces of one message, up to some token.
struct Frame {
  enum class Next { kName, kColon, kValue };

  const Descriptor* message;  // null: of an unknown field
  std::string path;
  Next next = Next::kName;
  bool in_list = false;
  std::string name;  // of the field read last
  TextPosition name_position;
  std::string value;  // read last for it, if it is an identifier
  TextPosition value_position;

  const FieldDescriptor* field() const {
    return message == nullptr || name.empty() ? nullptr : message->FindFieldByName(name);
  }
  std::string FieldPath() const { return JoinPath(path, name); }
};

TextPosition PositionOf(const Tokenizer::Token& token) {
  return {token.line + 1, token.column + 1};
}

bool Before(const TextPosition& a, const TextPosition& b) {
  return std::tie(a.line, a.column) < std::tie(b.line, b.column);
}

void ReadWord(const Tokenizer::Token& token, Frame* frame) {
  const bool identifier = token.type == Tokenizer::TYPE_IDENTIFIER;
  if (identifier && frame->next == Frame::Next::kName) {
    frame->name = token.text;
    frame->name_position = PositionOf(token);
    frame->value.clear();
    frame->next = Frame::Next::kColon;
  } else {
    frame->value = identifier ? token.text : "";
    frame->value_position = PositionOf(token);
    frame->next = frame->in_list ? Frame::Next::kValue : Frame::Next::kName;
  }
}

// Follows the text format loosely: the parser has found it good up to the error.
void ReadToken(const Tokenizer::Token& token, std::vector<Frame>* frames) {
  Frame& frame = frames->back();
  const std::string& text = token.text;
  if (token.type != Tokenizer::TYPE_SYMBOL) {
    ReadWord(token, &frame);
  } else if (text == "{" || text == "<") {
    const FieldDescriptor* const field = frame.field();
    frames->push_back({field == nullptr ? nullptr : field->message_type(), frame.FieldPath()});
  } else if (text == "}" || text == ">") {
    if (frames->size() > 1) frames->pop_back();
    frames->back().next = frames->back().in_list ? Frame::Next::kValue : Frame::Next::kName;
  } else if (text == ":") {
    frame.next = Frame::Next::kValue;
  } else if (text == "[" || text == "]") {
    frame.in_list = text == "[";
    frame.next = frame.in_list ? Frame::Next::kValue : Frame::Next::kName;
  }
}

Frame FrameAt(const std::string& text, const Descriptor& root, const TextPosition& end) {
  google::protobuf::io::ArrayInputStream input(text.data(), static_cast<int>(text.size()));
  IgnoreErrors ignore;
  Tokenizer tokenizer(&input, &ignore);
  tokenizer.set_comment_style(Tokenizer::SH_COMMENT_STYLE);
  std::vector<Frame> frames{{&root, ""}};
  while (tokenizer.Next() && Before(PositionOf(tokenizer.current()), end)) {
    ReadToken(tokenizer.current(), &frames);
  }
  return frames.back();
}

// Whether the word just read cannot be the field's value; the parser says so one token late.
bool IsWrongWord(const FieldDescriptor& field, const std::string& word) {
  if (word.empty()) return false;
  if (field.enum_type() != nullptr) return field.enum_type()->FindValueByName(word) == nullptr;
  return field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL && word != "true" && word != "false";
}

}  // namespace

TextError ExplainTextError(const std::string& text, const Descriptor& root,
                           const TextError& error) {
  const Frame frame = FrameAt(text, root, error.position);
  const FieldDescriptor* const field = frame.field();
  const bool at_name = frame.next == Frame::Next::kColon;
  if (field == nullptr) {
    if (!at_name || frame.message == nullptr) return error;
    return {frame.name_position, UnknownField(*frame.message, frame.path, frame.name)};
  }
  const std::string explained =
      absl::StrCat(frame.FieldPath(), ": ", error.message, "; allowed: ", AllowedValues(*field));
  if (at_name) return {frame.name_position, explained};
  if (IsWrongWord(*field, frame.value)) {
    if (field->enum_type() == nullptr) return {frame.value_position, explained};
    return {frame.value_position,
            UnknownValue(*field->enum_type(), frame.FieldPath(), frame.value)};
  }
  if (frame.next == Frame::Next::kValue) return {error.position, explained};
  return error;  // between fields
}

}  // namespace drover
