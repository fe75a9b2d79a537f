#include "coordinator/replay_json.h"

namespace drover {

nlohmann::ordered_json ReplayJson(const ReplayReport& report) {
  nlohmann::ordered_json json;
  json["frames"] = report.frames();
  json["chunk_bytes"] = report.chunk_bytes();
  json["rejected_messages"] = report.rejected_messages();
  json["refused_streams"] = report.refused_streams();
  json["refused_calls"] = report.refused_calls();
  json["late_messages"] = report.late_messages();
  json["incomplete_items"] = report.incomplete_items();
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
                              {"sample_blocked_seconds", table.sample_blocked_seconds()},
                              {"stale_keys", table.stale_keys()},
                              {"unknown_keys", table.unknown_keys()},
                              {"refused_updates", table.refused_updates()}});
  }
  return json;
}

}  // namespace drover
