// Replay: the messages of a writer and a learner at one real store with two tables, calls by key,
// and what happens around them. What comes out of the tables is decoded, as the learner does.

#include <google/protobuf/io/coded_stream.h>

#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <set>

#include "common/check.h"
#include "common/rpc/wire.h"
#include "replay/insert_service.h"
#include "replay/sample_encoder.h"
#include "replay/sample_service.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/in_memory_call.h"
#include "tests/fuzz/steps.h"
#include "tests/replay/messages.h"

namespace drover::fuzz {
namespace {

using testing::kLearnerMember;

constexpr uint64_t kMaxFrames = 100;

// + 8: the other of two writers.
enum What : unsigned char { kInsert, kSample, kConnect, kUpdate, kTick, kFence, kConfigure };

std::vector<TableOptions> Tables() {
  std::vector<TableOptions> tables{testing::SmallTable("table", SelectorConfig::prioritized),
                                   testing::SmallTable("queue", SelectorConfig::fifo)};
  tables[0].capacity = 10;
  tables[0].steps = 2;
  tables[1].capacity = 8;
  tables[1].max_times_sampled = 1;
  tables[1].rate_limit.max_diff = 8;
  return tables;
}

class Session {
 public:
  Session() {
    writers_.Update(testing::ReplayMembers(1));
    learners_.Update(testing::ReplayMembers(1));
    inserts_.Open(store_.get(), testing::kReplaySpecHash);
    samples_.Open(store_.get(), testing::kReplaySpecHash);
    Connect();
  }

  void Do(const Step& step) {
    switch (step.what % 8) {
      case kInsert:
        return writing_[(step.what >> 3) % writing_.size()]->Send(step.bytes);
      case kSample:
        if (!IsHuge(step.bytes)) sampling_->Send(step.bytes);
        return;
      case kConnect:
        return Connect();
      case kUpdate:
        return Update(step.bytes);
      case kTick:
        inserts_.Tick(InsertService::Clock::now() + std::chrono::seconds(step.bytes.size()));
        return samples_.Tick(InsertService::Clock::now() + std::chrono::seconds(step.bytes.size()));
      case kFence: {
        const MemberTable table =
            testing::ReplayMembers(2, testing::kReplayEpoch + step.bytes.size());
        writers_.Update(table);
        return learners_.Update(table);
      }
      case kConfigure:
        return Configure(step.bytes);
      default:
        return;
    }
  }

  void Check() {
    for (bool woken = true; woken;) {
      for (auto& stream : writing_) stream->Settle();
      sampling_->Settle();
      woken = !woken_inserts_.empty() || !woken_samples_.empty();
      for (const uint64_t id : std::exchange(woken_inserts_, {})) inserts_.Retry(id);
      for (const uint64_t id : std::exchange(woken_samples_, {})) samples_.Retry(id);
    }
    DROVER_CHECK(store_->frames() <= kMaxFrames);
    for (size_t i = 0; i < store_->tables(); ++i) CheckTable(i);
  }

  // Nothing that was sent was wrong.
  bool Valid() const {
    return store_->counters().messages > 0 && store_->counters().rejected == 0 &&
           inserts_.counters().refused_streams == 0 && samples_.counters().refused_streams == 0;
  }

 private:
  // A batch of millions of items is allowed, and takes many seconds under a sanitizer.
  static bool IsHuge(absl::string_view bytes) {
    SampleMessage message;
    return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) &&
           message.request().batch() > 10000;
  }

  void Connect() {
    for (auto& stream : writing_) {
      stream = std::make_unique<InMemoryStream>();
      stream->Call([&](grpc::CallbackServerContext* context) { return inserts_.Accept(context); });
    }
    sampling_ = std::make_unique<InMemoryStream>();
    sampling_->Call([&](grpc::CallbackServerContext* context) { return samples_.Accept(context); });
  }

  void Update(absl::string_view bytes) {
    UpdateRequest request;
    if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
    const auto table = store_->FindTable(request.table());
    if (!table.ok()) return;
    store_->table(*table).UpdatePriorities(request.keys(), request.priorities()).IgnoreError();
    store_->table(*table).Delete(request.deletes());
  }

  void Configure(absl::string_view bytes) {
    ConfigureRequest request;
    if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
    const auto table = store_->FindTable(request.table());
    if (!table.ok()) return;
    RateLimit limit;
    limit.min_size = static_cast<uint32_t>(request.min_size());
    limit.samples_per_insert = request.samples_per_insert();
    limit.max_diff = request.max_diff();
    store_->table(*table).Configure(limit).IgnoreError();
  }

  void CheckTable(size_t index) {
    Table& table = store_->table(index);
    const TableStatus status = table.status();
    DROVER_CHECK(status.size <= table.options().capacity);
    DROVER_CHECK(std::isfinite(status.mass) && status.mass >= 0);
    if (index > 0) return;  // samples of a queue are gone
    SampledBatch batch(testing::kSteps);
    if (!table.TrySample(3, &batch)) return;
    double sum = 0;
    for (const double probability : batch.probabilities) sum += probability;
    DROVER_CHECK(sum > 0 && sum <= 3.0001);
    grpc::ByteBuffer bytes = encoder_.Encode(batch, {});
    SampleAnswer answer;
    DROVER_CHECK(DecodeMessage(&bytes, &answer));
    for (const auto leaf : {testing::kObservationLeaf, testing::kRewardLeaf}) {
      std::vector<float> values(answer.columns(leaf).size() / sizeof(float));
      std::memcpy(values.data(), answer.columns(leaf).data(), values.size() * sizeof(float));
      for (const float value : values) DROVER_CHECK(std::isfinite(value));
    }
  }

  Admission writers_{{Role::actor}};
  Admission learners_{{Role::learner}};
  std::set<uint64_t> woken_inserts_;
  std::set<uint64_t> woken_samples_;
  const std::unique_ptr<Store> store_ = *Store::Make(
      {*UnrollLayout::Make(testing::TestSpec()), Tables(), kMaxFrames, /*shard=*/0, /*seed=*/1});
  const SampleEncoder encoder_{&store_->layout(), 2};
  InsertService inserts_{&writers_, {}, [this](uint64_t id) { woken_inserts_.insert(id); }};
  SampleService samples_{&learners_, {}, [this](uint64_t id) { woken_samples_.insert(id); }};
  std::array<std::unique_ptr<InMemoryStream>, 2> writing_;
  std::unique_ptr<InMemoryStream> sampling_;
};

}  // namespace

bool Run(absl::string_view input) {
  Session session;
  DoSteps(input, &session);
  return session.Valid();
}

std::vector<std::string> Seeds() {
  const auto insert = [](unsigned char writer, const InsertMessage& message) {
    return EncodeStep(writer * 8 + kInsert, message.SerializeAsString());
  };
  const auto sample = [](const SampleMessage& message) {
    return EncodeStep(kSample, message.SerializeAsString());
  };
  // Windows of two steps, some of which begin in the message before.
  const auto windows = [](Unrolls unrolls) {
    InsertMessage message = testing::InsertOf(std::move(unrolls), "queue");
    TableItems* items = message.mutable_insert()->add_items();
    items->set_table("table");
    for (const int32_t first_step : {-1, 0, 1}) {
      items->add_environments(1);
      items->add_first_steps(first_step);
      items->add_priorities(0.5F * static_cast<float>(first_step + 1));
    }
    return message;
  };
  Unrolls ends = testing::MakeUnrolls(2, 1, 100);
  testing::Terminate(&ends, 0, 1, 1);
  testing::Truncate(&ends, 1, 0, 7, 21);
  testing::Truncate(&ends, 2, 1, 8, 22);
  UpdateRequest update;
  update.set_table("table");
  update.add_keys(uint64_t{1} << 32);
  update.add_priorities(3);
  update.add_deletes(uint64_t{1} << 32 | 1);
  ConfigureRequest configure;
  configure.set_table("queue");
  configure.set_samples_per_insert(2);
  configure.set_max_diff(4);
  const std::string hellos = insert(0, testing::ReplayHelloOf<InsertMessage>(1)) +
                             sample(testing::ReplayHelloOf<SampleMessage>(kLearnerMember));
  const std::string first = hellos + insert(0, windows(testing::MakeUnrolls(1, 2)));
  const std::string second = first + insert(0, windows(ends));
  const std::string samples =
      sample(testing::RequestOf(2, 2)) + sample(testing::RequestOf(3, 2, 1, "queue"));
  return {
      first,
      second,
      second + samples,
      hellos + samples + insert(0, windows(testing::MakeUnrolls(1, 2))),
      second + EncodeStep(kUpdate, update.SerializeAsString()) + samples,
      first + EncodeStep(kConfigure, configure.SerializeAsString()) + samples +
          EncodeStep(kTick, "123"),
      first + EncodeStep(kConnect) + hellos + insert(0, windows(ends)) + EncodeStep(kFence, "1") +
          EncodeStep(kTick),
      second + insert(1, testing::ReplayHelloOf<InsertMessage>(2)) +
          insert(1, windows(testing::MakeUnrolls(1, 0))) + samples,
  };
}

std::string Mutate(absl::string_view input, Random* random) {
  return MutateSteps(input, random, MutateMessage);
}

}  // namespace drover::fuzz
