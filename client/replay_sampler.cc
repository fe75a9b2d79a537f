#include "client/replay_sampler.h"

#include <algorithm>
#include <utility>

#include "client/shard_split.h"
#include "common/check.h"

namespace drover {
namespace {

constexpr size_t kMostEpisodes = 65536;
constexpr int kShardBits = 56;  // a key's bits below its shard

}  // namespace

ReplaySampler::ReplaySampler(Options options)
    : options_(std::move(options)), random_({options_.seed}), shards_(options_.servers.size()) {
  DROVER_CHECK(!options_.servers.empty() && options_.batch > 0 && options_.prefetch > 0);
  for (const PeerFn& server : options_.servers) {
    PriorityUpdater::Options updater;
    updater.identity = options_.identity;
    updater.server = server;
    updater.table = options_.table;
    updaters_.push_back(std::make_unique<PriorityUpdater>(std::move(updater)));
  }
  SampleStream::Owner* owner = this;
  MutexLock lock(&mutex_);  // what they say first waits until all are there
  for (size_t shard = 0; shard < options_.servers.size(); ++shard) {
    streams_.push_back(std::make_unique<SampleStream>(
        SampleStream::Options{shard, options_.identity, options_.servers[shard], options_.spec_hash,
                              options_.limits},
        owner));
  }
}

ReplaySampler::~ReplaySampler() { Stop(); }

void ReplaySampler::Stop() {
  End(absl::CancelledError("the sampler was stopped"));
  for (const auto& stream : streams_) stream->RequestStop();
  for (const auto& stream : streams_) stream->Stop();
  for (const auto& updater : updaters_) updater->Stop();
}

void ReplaySampler::End(const absl::Status& status) {
  {
    MutexLock lock(&mutex_);
    if (status_.ok()) status_ = status;
  }
  changed_.NotifyAll();
}

// ---- What the learner calls.

absl::Status ReplaySampler::Next(ReplayBatch* batch, Clock::time_point deadline) {
  std::shared_ptr<Building> complete;
  Requests requests;
  {
    MutexLock lock(&mutex_);
    while (status_.ok() && (complete = TakeComplete()) == nullptr) {
      if (!std::exchange(waiting_, true)) waits_.Begin(Clock::now());
      if (!changed_.WaitUntil(&mutex_, deadline)) break;
    }
    if (status_.ok() && complete == nullptr) complete = TakeComplete();
    if (complete != nullptr) {
      ++counters_.batches;
      requests = Plan();
    }
    if (complete != nullptr && std::exchange(waiting_, false)) waits_.End(Clock::now());
    if (!status_.ok()) return status_;
    if (complete == nullptr) return absl::DeadlineExceededError("no batch yet");
    batch->items = complete->total;
  }
  Send(requests);
  const uint64_t items = batch->items;
  complete->builder.Finish(batch);
  batch->items = items;
  MutexLock lock(&mutex_);
  spare_.push_back(std::move(complete));
  return absl::OkStatus();
}

void ReplaySampler::Update(const std::vector<uint64_t>& keys,
                           const std::vector<float>& priorities) {
  DROVER_CHECK(keys.size() == priorities.size());
  if (updaters_.size() == 1) return updaters_[0]->Add(keys, priorities);
  std::vector<std::pair<std::vector<uint64_t>, std::vector<float>>> parts(updaters_.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    const uint64_t shard = keys[i] >> kShardBits;
    if (shard >= parts.size()) continue;
    parts[shard].first.push_back(keys[i]);
    parts[shard].second.push_back(priorities[i]);
  }
  for (size_t shard = 0; shard < parts.size(); ++shard) {
    updaters_[shard]->Add(parts[shard].first, parts[shard].second);
  }
}

bool ReplaySampler::FlushUpdates(Clock::time_point deadline) {
  return std::all_of(updaters_.begin(), updaters_.end(),
                     [deadline](const auto& updater) { return updater->Flush(deadline); });
}

std::vector<Episode> ReplaySampler::TakeEpisodes() {
  MutexLock lock(&mutex_);
  std::vector<Episode> episodes(episodes_.begin(), episodes_.end());
  episodes_.clear();
  return episodes;
}

ReplaySampler::Counters ReplaySampler::counters() const {
  MutexLock lock(&mutex_);
  Counters counters = counters_;
  counters.drained = counters.met_all = true;
  for (const Shard& shard : shards_) {
    counters.frames += shard.frames;
    counters.drained = counters.drained && shard.drained;
    counters.met_all = counters.met_all && shard.met;
  }
  counters.items = Items();
  counters.wait_seconds = waits_.TotalSeconds(Clock::now());
  counters.wait_current = waits_.CurrentSeconds(Clock::now());
  for (const auto& updater : updaters_) {
    const PriorityUpdater::Counters one = updater->counters();
    counters.priorities.sent += one.sent;
    counters.priorities.updated += one.updated;
    counters.priorities.stale += one.stale;
    counters.priorities.unknown += one.unknown;
    counters.priorities.dropped += one.dropped;
  }
  return counters;
}

// ---- What to ask whom for.

ReplaySampler::Requests ReplaySampler::Plan() {
  std::vector<double> masses;
  for (const Shard& shard : shards_) masses.push_back(shard.table.ready() ? shard.table.mass() : 0);
  Requests requests;
  if (!status_.ok() || *std::max_element(masses.begin(), masses.end()) <= 0) return requests;
  for (const Part& part : std::exchange(orphans_, {})) {
    counters_.asked_anew += part.items.count;
    Ask(part.batch, part.items.first, part.items.count, masses, &requests);
  }
  while (building_.size() < options_.prefetch) {
    if (spare_.empty()) {
      spare_.push_back(std::make_shared<Building>(options_.layout, options_.steps, options_.batch));
    }
    const std::shared_ptr<Building> batch = std::move(spare_.back());
    spare_.pop_back();
    batch->missing = options_.batch;
    batch->total = Items();
    building_.push_back(batch);
    Ask(batch, 0, options_.batch, masses, &requests);
  }
  return requests;
}

void ReplaySampler::Ask(const std::shared_ptr<Building>& batch, size_t first, size_t count,
                        const std::vector<double>& masses, Requests* requests) {
  for (const ShardShare& share : SplitByMass(masses, count, random_.Uniform())) {
    const uint64_t tag = next_tag_++;
    asked_[tag] = {share.shard, batch, {first, share.count, share.probability}};
    SampleRequest request;
    request.set_table(options_.table);
    request.set_batch(static_cast<uint32_t>(share.count));
    request.set_batches(1);
    request.set_tag(tag);
    requests->emplace_back(share.shard, std::move(request));
    first += share.count;
  }
}

void ReplaySampler::Send(const Requests& requests) {
  for (const auto& [shard, request] : requests) streams_[shard]->Send(request);
}

std::shared_ptr<ReplaySampler::Building> ReplaySampler::TakeComplete() {
  const auto complete = std::find_if(building_.begin(), building_.end(),
                                     [](const auto& batch) { return batch->missing == 0; });
  if (complete == building_.end()) return nullptr;
  std::shared_ptr<Building> batch = std::move(*complete);
  building_.erase(complete);
  return batch;
}

uint64_t ReplaySampler::Items() const {
  uint64_t items = 0;
  for (const Shard& shard : shards_) items += shard.table.size();
  return items;
}

// ---- What the shards say.

void ReplaySampler::Note(size_t shard, const ReplayProgress& progress) {
  // A batch was drawn before it was sent: it may know less than what came before it.
  shards_[shard].frames = std::max(shards_[shard].frames, progress.frames());
  shards_[shard].drained |= progress.drained();
  for (const TableState& table : progress.tables()) {
    if (table.name() == options_.table) shards_[shard].table = table;
  }
  counters_.episodes += static_cast<uint64_t>(progress.episodes_size());
  episodes_.insert(episodes_.end(), progress.episodes().begin(), progress.episodes().end());
  while (episodes_.size() > kMostEpisodes) episodes_.pop_front();
}

void ReplaySampler::OnConnected(size_t shard, const SampleWelcome& welcome) {
  Requests requests;
  {
    MutexLock lock(&mutex_);
    ++counters_.connections;
    shards_[shard].connected = true;
    shards_[shard].met = true;
    if (std::exchange(shards_[shard].life, welcome.life()) != welcome.life()) {
      const uint64_t before = std::exchange(shards_[shard].frames, 0);
      counters_.lost_frames += before - std::min(before, welcome.first_frames());
    }
    Note(shard, welcome.progress());
    requests = Plan();
  }
  Send(requests);
}

void ReplaySampler::OnDisconnected(size_t shard) {
  Requests requests;
  {
    MutexLock lock(&mutex_);
    shards_[shard].connected = false;
    shards_[shard].table.Clear();
    for (auto part = asked_.begin(); part != asked_.end();) {
      if (part->second.shard == shard) {
        orphans_.push_back(std::move(part->second));
        part = asked_.erase(part);
      } else {
        ++part;
      }
    }
    requests = Plan();
  }
  Send(requests);
}

void ReplaySampler::OnProgress(size_t shard, const ReplayProgress& progress) {
  Requests requests;
  {
    MutexLock lock(&mutex_);
    Note(shard, progress);
    requests = Plan();
  }
  Send(requests);
  changed_.NotifyAll();
}

absl::Status ReplaySampler::OnBatch(size_t shard, const SampleBatch& head,
                                    google::protobuf::io::CodedInputStream* columns) {
  Part part;
  {
    MutexLock lock(&mutex_);
    const auto found = asked_.find(head.tag());
    if (found == asked_.end() || found->second.shard != shard) return absl::OkStatus();  // void
    part = found->second;
  }
  const absl::Status added = part.batch->builder.Add(part.items, head, columns);
  if (!added.ok()) return added;  // its part is asked for anew, once the connection is closed
  MutexLock lock(&mutex_);
  asked_.erase(head.tag());
  shards_[shard].table = head.table();
  Note(shard, head.progress());
  part.batch->missing -= part.items.count;
  if (part.batch->missing == 0) changed_.NotifyAll();
  return absl::OkStatus();
}

void ReplaySampler::OnOver(const absl::Status& status) { End(status); }

}  // namespace drover
