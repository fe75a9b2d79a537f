#ifndef DROVER_COMMON_TEXT_CONTEXT_H_
#define DROVER_COMMON_TEXT_CONTEXT_H_

#include <google/protobuf/descriptor.h>

#include <string>

namespace drover {

// A place in a text, both from 1; a tab goes to the next column of 1 + a multiple of 8.
struct TextPosition {
  int line = 0;
  int column = 0;
};

struct TextError {
  TextPosition position;
  std::string message;
};

// Makes an error of protobuf's text-format parser one that helps: says which field it is about and
// what may stand there, with the nearest name where one is unknown, and points at the name or value
// that is wrong instead of what follows it.
//
// `text` is the file, `root` its message's type, `error` what the parser said first.
TextError ExplainTextError(const std::string& text, const google::protobuf::Descriptor& root,
                           const TextError& error);

}  // namespace drover

#endif  // DROVER_COMMON_TEXT_CONTEXT_H_
