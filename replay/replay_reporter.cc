#include "replay/replay_reporter.h"

#include "absl/strings/str_cat.h"
#include "client/report_wait.h"

namespace drover {
Report ReplayReporter::Make(const InfoReply& info, double seconds) {
  Report report;
  ReplayReport* replay = report.mutable_replay();
  for (const TableInfo& table : info.tables()) {
    ReplayTableReport* out = replay->add_tables();
    out->set_name(table.name());
    out->set_size(table.size());
    out->set_capacity(table.capacity());
    out->set_mass(table.mass());
    out->set_inserts(table.inserts());
    out->set_samples(table.samples());
    out->set_insert_blocked_seconds(table.insert_wait_seconds());
    out->set_sample_blocked_seconds(table.sample_wait_seconds());
    out->set_stale_keys(table.stale_keys());
    out->set_unknown_keys(table.unknown_keys());
    out->set_refused_updates(table.refused_updates());
    const Before now{seconds, static_cast<double>(table.inserts()),
                     static_cast<double>(table.samples())};
    const auto [entry, first] = before_.try_emplace(table.name(), now);
    const double elapsed = seconds - entry->second.seconds;
    if (!first && elapsed > 0) {
      out->set_inserts_per_second((now.inserts - entry->second.inserts) / elapsed);
      out->set_samples_per_second((now.samples - entry->second.samples) / elapsed);
    }
    entry->second = now;
    AddWait(absl::StrCat("samples (", table.name(), ")"), table.insert_wait_current(), &report);
    AddWait(absl::StrCat("inserts (", table.name(), ")"), table.sample_wait_current(), &report);
  }
  const ReplayCounters& counters = info.counters();
  replay->set_frames(counters.frames());
  replay->set_chunk_bytes(counters.chunk_bytes());
  replay->set_rejected_messages(counters.rejected_messages());
  replay->set_refused_streams(counters.refused_streams());
  replay->set_refused_calls(counters.refused_calls());
  replay->set_late_messages(counters.late_messages());
  replay->set_incomplete_items(counters.incomplete_items());
  replay->set_checkpoint_error(counters.checkpoint_error());
  return report;
}

}  // namespace drover
