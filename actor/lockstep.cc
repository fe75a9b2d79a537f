#include "actor/lockstep.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/archive.h"
#include "common/status_macros.h"

namespace drover {

Lockstep::Lockstep(VectorEnvironment* environments, Policy* policy, TrajectoryStream* stream,
                   UnrollBuilder* builder, std::function<void()> wait)
    : environments_(environments),
      policy_(policy),
      stream_(stream),
      builder_(builder),
      wait_(std::move(wait)) {}

absl::Status Lockstep::AcquireCredits(Time deadline) {
  if (start_.empty()) start_ = Save(builder_->observation(0));
  if (!held_ || !stream_->Holds(terms_.connection)) {
    held_ = false;
    DROVER_RETURN_IF_ERROR(stream_->AcquireCredits(deadline, &terms_));
    held_ = true;
  }
  if (synchronized_ != terms_.connection) {
    DROVER_RETURN_IF_ERROR(GoTo(terms_.state.empty() ? start_ : terms_.state));
    synchronized_ = terms_.connection;
  }
  while ((version_ = policy_->Refresh()) < terms_.version) {
    if (std::chrono::steady_clock::now() >= deadline || !stream_->Holds(terms_.connection)) {
      return absl::DeadlineExceededError("no such weights yet");
    }
    wait_();
  }
  held_ = false;
  return absl::OkStatus();
}

absl::Status Lockstep::Send(Unrolls* unrolls) {
  unrolls->set_state(Save(builder_->observation(builder_->steps())));
  absl::Status status = stream_->Send(unrolls);
  if (!status.ok()) synchronized_ = 0;
  return status;
}

std::string Lockstep::Save(const float* observation) {
  const int64_t numbers = environments_->size() * environments_->spec().observation.elements();
  std::vector<float> row(observation, observation + numbers);
  Archive archive;
  Exchange(&archive, row.data());
  return archive.bytes();
}

absl::Status Lockstep::GoTo(const std::string& state) {
  const int64_t numbers = environments_->size() * environments_->spec().observation.elements();
  std::vector<float> row(static_cast<size_t>(numbers));
  Archive archive(state);
  Exchange(&archive, row.data());
  if (const absl::Status status = archive.Finish(); !status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("what the learner has of this actor: ", status.message()));
  }
  builder_->StartFrom(row.data());
  return absl::OkStatus();
}

void Lockstep::Exchange(Archive* archive, float* observation) {
  policy_->SaveOrRestore(archive);
  environments_->SaveOrRestore(archive);
  const int64_t numbers = environments_->size() * environments_->spec().observation.elements();
  for (int64_t i = 0; i < numbers; ++i) archive->Value(&observation[i]);
}

}  // namespace drover
