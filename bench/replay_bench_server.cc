#include "bench/replay_bench_server.h"

#include <chrono>
#include <limits>
#include <memory>
#include <thread>
#include <utility>

#include "bench/replay_experience.h"
#include "common/spec.h"
#include "common/status_macros.h"
#include "replay/replay_services.h"
#include "replay/store.h"

namespace drover {

absl::Status RunReplayBenchServer(const ReplayBenchServerOptions& options,
                                  const std::function<bool()>& stop) {
  const Spec spec = ReplayBenchSpec(ReplayShape(options.item_bytes));
  TableOptions table;
  table.name = kReplayBenchTable;
  table.sampler = SelectorConfig::prioritized;
  table.capacity = options.capacity;
  DROVER_ASSIGN_OR_RETURN(UnrollLayout layout, UnrollLayout::Make(spec));
  DROVER_ASSIGN_OR_RETURN(
      const std::unique_ptr<Store> store,
      Store::Make({std::move(layout), {table}, std::numeric_limits<uint64_t>::max(), 0, 1}));
  DROVER_ASSIGN_OR_RETURN(const auto services, ReplayServices::Start({{options.listen}}));
  services->SetTable(ReplayBenchMembers());
  services->Open(store.get(), SpecHash(spec), nullptr);
  while (!stop()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  return absl::OkStatus();
}

}  // namespace drover
