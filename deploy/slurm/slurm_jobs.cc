#include "deploy/slurm/slurm_jobs.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace drover {

void SlurmJobs::Look(std::vector<SlurmJob> jobs) {
  jobs_ = std::move(jobs);
  std::set<Place> there;
  for (const SlurmJob& job : jobs_) there.insert(job.place);
  lost_.clear();
  for (const Place& place : there_) {
    if (there.count(place) == 0 && ending_.count(place) == 0) lost_.push_back(place);
  }
  for (auto place = ending_.begin(); place != ending_.end();) {
    place = there.count(*place) > 0 ? std::next(place) : ending_.erase(place);
  }
  for (const Place& place : there) held_back_.erase(place);
  there_ = std::move(there);
}

void SlurmJobs::Submitted(const std::vector<Place>& places) {
  there_.insert(places.begin(), places.end());
}

void SlurmJobs::Ending(const std::vector<Place>& places) {
  ending_.insert(places.begin(), places.end());
}

std::vector<std::string> SlurmJobs::Ids(const std::vector<Place>& places) const {
  std::vector<std::string> ids;
  for (const Place& place : places) {
    for (const SlurmJob& job : jobs_) {
      if (job.place == place) ids.push_back(job.id);
    }
  }
  return ids;
}

std::vector<drover::Placed> SlurmJobs::Placed() const {
  std::vector<drover::Placed> placed;
  for (const SlurmJob& job : jobs_) {
    placed.push_back({job.place, job.completes() || ending_.count(job.place) > 0});
  }
  return placed;
}

bool SlurmJobs::Runs(const Place& place) const {
  return std::any_of(jobs_.begin(), jobs_.end(),
                     [&place](const SlurmJob& job) { return job.place == place && job.runs(); });
}

bool SlurmJobs::Settled() const {
  return ending_.empty() && held_back_.empty() &&
         std::none_of(jobs_.begin(), jobs_.end(), [](const SlurmJob& job) { return job.waits(); });
}

bool SlurmJobs::Died(const Place& place, Time now) {
  const std::optional<RestartPolicy::Duration> wait = policies_[place].Died(now);
  if (wait.has_value()) held_back_[place] = now + *wait;
  return wait.has_value();
}

bool SlurmJobs::HeldBack(const Place& place, Time now) const {
  const auto found = held_back_.find(place);
  return found != held_back_.end() && now < found->second;
}

}  // namespace drover
