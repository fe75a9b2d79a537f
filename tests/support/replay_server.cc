#include "tests/support/replay_server.h"

#include <thread>
#include <utility>

#include "common/check.h"
#include "common/rpc/address.h"
#include "tests/learner/unrolls.h"
#include "tests/support/socket.h"

namespace drover::testing {

MemberTable ReplayMembers(uint64_t version, uint64_t epoch) {
  MemberTable table;
  table.set_run_id("run");
  table.set_version(version);
  const auto add = [&](uint64_t id, Role::Kind role) {
    Member* member = table.add_members();
    member->set_member_id(id);
    member->set_epoch(epoch);
    member->set_role(role);
  };
  for (uint64_t id = 1; id <= kWriters; ++id) add(id, Role::actor);
  for (uint64_t i = 0; i < kLearners; ++i) add(kLearnerMember + i, Role::learner);
  add(kEvaluatorMember, Role::evaluator);
  return table;
}

Identity ReplayIdentity(uint64_t member, uint64_t epoch) { return {"run", member, epoch, 1}; }

TableOptions SmallTable(const std::string& name, SelectorConfig::Kind sampler) {
  TableOptions table;
  table.name = name;
  table.sampler = sampler;
  table.capacity = 1000;
  return table;
}

ReplayServer::ReplayServer(Options options)
    : options_(std::move(options)), address_(NewSocketAddress()) {}

ReplayServer::~ReplayServer() { Kill(); }

void ReplayServer::Serve() {
  auto services = ReplayServices::Start({{address_}}, options_.limits);
  DROVER_CHECK(services.ok()) << services.status();
  services_ = *std::move(services);
  services_->SetTable(ReplayMembers(1));
  if (store_ == nullptr) {
    auto layout = UnrollLayout::Make(TestSpec());
    DROVER_CHECK(layout.ok()) << layout.status();
    auto store = Store::Make(
        {*std::move(layout), options_.tables, options_.max_frames, options_.shard, 1, life_++});
    DROVER_CHECK(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  services_->Open(store_.get(), kReplaySpecHash, nullptr);
}

void ReplayServer::Kill() {
  services_.reset();
  store_.reset();
}

void ReplayServer::Restart() {
  services_.reset();
  Serve();
}

Endpoint ReplayServer::endpoint() const { return LocalEndpoint({address_}); }

PeerFn ReplayServer::peer() const {
  return [endpoint = endpoint()](std::chrono::milliseconds) { return endpoint; };
}

bool ReplayServer::WaitFor(const std::function<bool(const InfoReply&)>& condition) const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition(services_->info())) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace drover::testing
