#ifndef DROVER_COMMON_FIELD_LOCATIONS_H_
#define DROVER_COMMON_FIELD_LOCATIONS_H_

#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace drover {

// "model", "layers" -> "model.layers"; the path of the whole message is "".
std::string JoinPath(const std::string& path, const std::string& name);

// Where each field of a message was set, so that an error found later can point there: a place in
// the text file it was read from, or what replaced it on the command line. Fields are named by
// paths, "model.layers", or "model.layers[1]" for one of several. Made by ReadTextProto.
class FieldLocations {
 public:
  explicit FieldLocations(std::string file) : file_(std::move(file)) {}

  // `path` was set at `place` ("config.textproto:12:3", "--set model.shared=true"), and so was all
  // below it.
  void Record(const std::string& path, std::string place);

  // Of the field or, where nobody set it, of the nearest message around that someone set; else the
  // file's name.
  const std::string& Locate(absl::string_view path) const;

  // INVALID_ARGUMENT "config.textproto:12:3: model.layers: <what>".
  absl::Status Error(absl::string_view path, absl::string_view what) const;

  const std::string& file() const { return file_; }

 private:
  std::string file_;
  std::map<std::string, std::string, std::less<>> places_;  // by path
};

}  // namespace drover

#endif  // DROVER_COMMON_FIELD_LOCATIONS_H_
