#include "learner/version_block.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace drover {
namespace {

// Reached about once a minute by a learner that makes 1,000 versions a second.
constexpr uint64_t kBlock = 65536;
constexpr uint64_t kLeastVersion = 1;
constexpr uint64_t kRetry = 1024;

}  // namespace

absl::StatusOr<VersionBlock> VersionBlock::Open(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (absl::IsNotFound(text.status())) return VersionBlock(path, 0);
  DROVER_RETURN_IF_ERROR(text.status());
  uint64_t end = 0;
  if (!absl::SimpleAtoi(absl::StripAsciiWhitespace(*text), &end)) {
    return absl::DataLossError(
        absl::StrCat(path, " should hold one number: a version above all that were published"));
  }
  return VersionBlock(path, end);
}

uint64_t VersionBlock::First(uint64_t version) const {
  return std::max({version, end_, kLeastVersion});
}

absl::Status VersionBlock::Reserve(uint64_t version) {
  if (version < renew_at_) return absl::OkStatus();
  const absl::Status status = Write(version + kBlock);
  if (status.ok()) {
    renew_at_ = version + kBlock / 2;
    return status;
  }
  if (version >= end_) return status;
  spdlog::error("versions cannot be reserved: {}", status.ToString());
  renew_at_ = std::min(end_, version + kRetry);
  return absl::OkStatus();
}

absl::Status VersionBlock::Finish(uint64_t version) { return Write(version); }

absl::Status VersionBlock::Write(uint64_t end) {
  // Always as long, so that a full disk has room for it where the last one was.
  const std::string text = absl::StrCat(absl::Dec(end, absl::kZeroPad20), "\n");
  absl::Status status = WriteFile(path_, text);
  if (absl::IsResourceExhausted(status)) status = OverwriteFile(path_, text);
  DROVER_RETURN_IF_ERROR(status);
  end_ = end;
  return absl::OkStatus();
}

}  // namespace drover
