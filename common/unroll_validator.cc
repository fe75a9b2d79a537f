#include "common/unroll_validator.h"

#include <cmath>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/end.h"
#include "common/tensor_codec.h"

namespace drover {
namespace {

template <typename... Parts>
absl::Status Malformed(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

}  // namespace

UnrollValidator::UnrollValidator(UnrollLayout layout, int32_t actions, size_t max_state_bytes,
                                 const MomentsSizes& moments)
    : layout_(std::move(layout)),
      actions_(actions),
      max_state_bytes_(max_state_bytes),
      moments_(moments) {}

absl::Status UnrollValidator::CheckForm(const Unrolls& message, int64_t unrolls,
                                        uint64_t newest_version) const {
  const auto columns = static_cast<size_t>(unrolls);
  if (auto status = CheckColumns(message, columns); !status.ok()) return status;
  if (auto status = CheckEnds(message, columns); !status.ok()) return status;
  if (auto status = CheckVersions(message, newest_version); !status.ok()) return status;
  if (auto status = CheckLockstep(message, newest_version); !status.ok()) return status;
  const size_t steps = layout_.steps() * columns;
  if (auto status = CheckMoments(message, moments_, steps); !status.ok()) return status;
  return CheckActions(message);
}

absl::Status UnrollValidator::CheckColumns(const Unrolls& message, size_t unrolls) const {
  const auto leaves = static_cast<size_t>(message.columns_size());
  if (leaves != layout_.leaves()) {
    return Malformed(leaves, " columns; the spec has ", layout_.leaves(), " leaves");
  }
  const auto finals = static_cast<size_t>(message.finals_size());
  for (size_t i = 0; i < leaves; ++i) {
    const size_t expected = layout_.Values(i, unrolls, finals) * layout_.value_bytes(i);
    const size_t actual = message.columns(static_cast<int>(i)).size();
    if (actual != expected) {
      return Malformed("column ", layout_.leaf(i).name(), " has ", actual, " bytes, not ",
                       expected);
    }
  }
  return absl::OkStatus();
}

absl::Status UnrollValidator::CheckEnds(const Unrolls& message, size_t unrolls) const {
  const std::string& ends = message.columns(static_cast<int>(layout_.end_leaf()));
  int finals = 0;
  int episodes = 0;
  for (size_t i = 0; i < ends.size(); ++i) {
    const auto end = static_cast<uint8_t>(ends[i]);
    if (end == static_cast<uint8_t>(End::kRunning)) continue;
    ++episodes;
    if (end == static_cast<uint8_t>(End::kTerminated)) continue;
    if (end != static_cast<uint8_t>(End::kTruncated)) return Malformed("an end of ", end);
    const bool listed =
        finals < message.finals_size() && message.finals(finals).environment() < unrolls &&
        message.finals(finals).step() * unrolls + message.finals(finals).environment() == i;
    if (!listed) {
      return Malformed("finals do not list the truncation at step ", i / unrolls,
                       " of environment ", i % unrolls);
    }
    ++finals;
  }
  if (finals != message.finals_size()) {
    return Malformed(message.finals_size(), " finals; ", finals, " episodes were truncated");
  }
  if (episodes != message.episodes_size()) {
    return Malformed(message.episodes_size(), " episodes; ", episodes, " ended");
  }
  for (const Episode& episode : message.episodes()) {
    if (episode.length() == 0) return Malformed("an episode of 0 steps");
  }
  return absl::OkStatus();
}

absl::Status UnrollValidator::CheckVersions(const Unrolls& message, uint64_t newest_version) const {
  if (message.versions().empty() || message.versions(0).first_step() != 0) {
    return Malformed("versions do not start at step 0");
  }
  for (int i = 1; i < message.versions_size(); ++i) {
    const VersionRun& last = message.versions(i - 1);
    const VersionRun& next = message.versions(i);
    if (next.first_step() <= last.first_step() || next.version() <= last.version()) {
      return Malformed("versions do not ascend at run ", i);
    }
  }
  const VersionRun& newest = *message.versions().rbegin();
  if (newest.first_step() >= layout_.steps()) {
    return Malformed("version ", newest.version(), " acted from step ", newest.first_step(), " of ",
                     layout_.steps());
  }
  if (newest.version() > newest_version) {
    return absl::AbortedError(absl::StrCat("version ", newest.version(), " acted; the newest is ",
                                           newest_version, ": another learner's"));
  }
  return absl::OkStatus();
}

absl::Status UnrollValidator::CheckLockstep(const Unrolls& message, uint64_t newest_version) const {
  if (message.state().size() > max_state_bytes_) {
    return Malformed("a state of ", message.state().size(), " bytes; at most ", max_state_bytes_,
                     " are taken");
  }
  if (max_state_bytes_ == 0) return absl::OkStatus();
  if (message.state().empty()) return Malformed("no state, in lockstep");
  if (message.versions_size() == 1 && message.versions(0).version() == newest_version) {
    return absl::OkStatus();
  }
  return Malformed("in lockstep version ", newest_version,
                   " has to act from the first step to the last");
}

absl::Status UnrollValidator::CheckActions(const Unrolls& message) const {
  if (actions_ == 0 || layout_.action_leaf() == layout_.leaves()) return absl::OkStatus();
  const std::string& column = message.columns(static_cast<int>(layout_.action_leaf()));
  for (size_t at = 0; at + sizeof(int32_t) <= column.size(); at += sizeof(int32_t)) {
    int32_t action;
    std::memcpy(&action, column.data() + at, sizeof(action));
    if (action < 0 || action >= actions_) {
      return Malformed("action ", action, " is not one of 0 to ", actions_ - 1);
    }
  }
  return absl::OkStatus();
}

absl::Status UnrollValidator::CheckFinite(const Unrolls& message) const {
  for (size_t i = 0; i < layout_.leaves(); ++i) {
    if (!AllFinite(layout_.leaf(i).dtype(), message.columns(static_cast<int>(i)))) {
      return Malformed("a value of ", layout_.leaf(i).name(), " is NaN or infinite");
    }
  }
  for (const Episode& episode : message.episodes()) {
    if (!std::isfinite(episode.return_())) return Malformed("an episode's return is not finite");
  }
  return CheckMomentsFinite(message);
}

}  // namespace drover
