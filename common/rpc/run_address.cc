#include "common/rpc/run_address.h"

#include <google/protobuf/text_format.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/file.h"
#include "common/rpc/address.h"

namespace drover {
namespace {

constexpr absl::string_view kRun = "run:";

}  // namespace

absl::StatusOr<std::string> FindCoordinator(const std::string& address) {
  absl::string_view run_dir = address;
  if (!absl::ConsumePrefix(&run_dir, kRun)) return address;
  const std::string path = absl::StrCat(run_dir, "/", kAddressFile);
  const absl::StatusOr<std::string> text = ReadFile(path, 1 << 16);
  if (absl::IsNotFound(text.status())) {
    return absl::UnavailableError(absl::StrCat("no coordinator has served ", run_dir, " yet"));
  }
  if (!text.ok()) return text.status();
  Endpoint endpoint;
  if (!google::protobuf::TextFormat::ParseFromString(*text, &endpoint)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is damaged"));
  }
  return ChooseAddress(endpoint);
}

absl::Status CheckCoordinatorAddress(const std::string& address) {
  absl::string_view run_dir = address;
  if (!absl::ConsumePrefix(&run_dir, kRun)) return CheckAddress(address);
  return run_dir.empty() ? absl::InvalidArgumentError("run: needs a run directory after it")
                         : absl::OkStatus();
}

}  // namespace drover
