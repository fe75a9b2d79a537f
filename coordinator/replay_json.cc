#include "coordinator/replay_json.h"

namespace drover {

nlohmann::ordered_json ReplayJson(const ReplayReport& report) {
  nlohmann::ordered_json json;
  json["frames"] = report.frames();
  json["chunk_bytes"] = report.chunk_bytes();
  json["rejected_messages"] = report.rejected_messages();
  json["refused_streams"] = report.refused_streams();
  json["checkpoint_error"] = nullptr;
  if (!report.checkpoint_error().empty()) json["checkpoint_error"] = report.checkpoint_error();
  json["tables"] = nlohmann::ordered_json::array();
  for (const ReplayTableReport& table : report.tables()) {
    json["tables"].push_back({{"name", table.name()},
                              {"size", table.size()},
                              {"capacity", table.capacity()},
                              {"mass", table.mass()},
                              {"inserts", table.inserts()},
                              {"samples", table.samples()},
                              {"inserts_per_second", table.inserts_per_second()},
                              {"samples_per_second", table.samples_per_second()},
                              {"insert_blocked_seconds", table.insert_blocked_seconds()},
                              {"sample_blocked_seconds", table.sample_blocked_seconds()}});
  }
  return json;
}

}  // namespace drover
