#include "learner/push_validator.h"

#include <cmath>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"

namespace drover {
namespace {

constexpr int kMostStatistics = 64;
constexpr size_t kLongestName = 64;

absl::Status CheckStatistics(const PushRequest& request) {
  if (request.statistics_size() > kMostStatistics) {
    return absl::InvalidArgumentError(
        absl::StrCat(request.statistics_size(), " statistics; at most ", kMostStatistics));
  }
  for (const auto& [name, value] : request.statistics()) {
    if (name.empty() || name.size() > kLongestName) {
      return absl::InvalidArgumentError(
          absl::StrCat("a statistic's name of ", name.size(), " bytes"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status PushValidator::CheckForm(const PushRequest& request) const {
  if (request.layout_hash() != options_.layout_hash) {
    return absl::FailedPreconditionError("another layout of the parameters than this run's");
  }
  if (request.sequence() == 0) {
    const bool empty = request.gradient().empty() && request.episodes().empty() &&
                       request.statistics().empty() && !request.has_observation_moments() &&
                       !request.has_return_moments();
    if (empty) return absl::OkStatus();
    return absl::InvalidArgumentError("a gradient without a sequence number: it starts at 1");
  }
  const size_t bytes = options_.parameters * sizeof(float);
  if (request.gradient().size() != bytes) {
    return absl::InvalidArgumentError(absl::StrCat("a gradient of ", request.gradient().size(),
                                                   " bytes; this model's has ", bytes));
  }
  if (static_cast<uint64_t>(request.episodes_size()) > options_.message_frames) {
    return absl::InvalidArgumentError(absl::StrCat(request.episodes_size(), " episodes ended in ",
                                                   options_.message_frames, " steps"));
  }
  for (const Episode& episode : request.episodes()) {
    if (episode.length() == 0) return absl::InvalidArgumentError("an episode without steps");
  }
  if (auto status = CheckStatistics(request); !status.ok()) return status;
  return CheckMoments(request, options_.moments, options_.message_frames);
}

absl::Status PushValidator::CheckFinite(const PushRequest& request) {
  const std::string& gradient = request.gradient();
  for (size_t i = 0; i < gradient.size(); i += sizeof(float)) {
    float value;
    std::memcpy(&value, gradient.data() + i, sizeof(value));
    if (!std::isfinite(value)) {
      return absl::InvalidArgumentError(
          absl::StrCat("the gradient's number ", i / sizeof(float), " is ", value));
    }
  }
  for (const Episode& episode : request.episodes()) {
    if (!std::isfinite(episode.return_())) {
      return absl::InvalidArgumentError(absl::StrCat("a return is ", episode.return_()));
    }
  }
  for (const auto& [name, value] : request.statistics()) {
    if (!std::isfinite(value)) {
      return absl::InvalidArgumentError(absl::StrCat(name, " is ", value));
    }
  }
  return CheckMomentsFinite(request);
}

size_t PushValidator::MaxMessageBytes() const {
  constexpr size_t kHeaderBytes = 4096;
  constexpr size_t kEpisodeBytes = 32;
  constexpr size_t kStatisticBytes = kLongestName + 32;
  return kHeaderBytes + options_.parameters * sizeof(float) +
         options_.message_frames * kEpisodeBytes + kMostStatistics * kStatisticBytes +
         options_.moments.MaxBytes();
}

}  // namespace drover
