#include "actor/lockstep.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/archive.h"
#include "common/status_macros.h"

namespace drover {

absl::Status Lockstep::AcquireCredits(Time deadline) {
  if (start_.empty()) start_ = Save(builder_->observation(0));
  DROVER_RETURN_IF_ERROR(transport_->AcquireCredits(deadline));
  const TrajectoryStream::Terms& terms = transport_->terms();
  if (synchronized_ == terms.connection) return absl::OkStatus();
  DROVER_RETURN_IF_ERROR(GoTo(terms.state.empty() ? start_ : terms.state));
  synchronized_ = terms.connection;
  return absl::OkStatus();
}

absl::Status Lockstep::Send(Unrolls* unrolls) {
  unrolls->set_state(Save(builder_->observation(builder_->steps())));
  absl::Status status = transport_->Send(unrolls);
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
  if (recorder_ != nullptr) recorder_->SaveOrRestore(archive);
  const int64_t numbers = environments_->size() * environments_->spec().observation.elements();
  for (int64_t i = 0; i < numbers; ++i) archive->Value(&observation[i]);
}

}  // namespace drover
