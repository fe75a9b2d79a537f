#include "cli/limit_command.h"

#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/run_option.h"
#include "common/rpc/address.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/status_macros.h"
#include "deploy/coordinator_client.h"
#include "proto/replay.grpc.pb.h"

namespace drover {
namespace {

constexpr std::chrono::seconds kDeadline{5};

struct Flags {
  RunOption run;
  std::string table = "replay";
  std::optional<uint64_t> min_size;
  std::optional<double> samples_per_insert;
  std::optional<double> min_diff;
  std::optional<double> max_diff;
};

ConfigureRequest MakeRequest(const Flags& flags) {
  ConfigureRequest request;
  request.set_table(flags.table);
  if (flags.min_size) request.set_min_size(*flags.min_size);
  if (flags.samples_per_insert) request.set_samples_per_insert(*flags.samples_per_insert);
  if (flags.min_diff) request.set_min_diff(*flags.min_diff);
  if (flags.max_diff) request.set_max_diff(*flags.max_diff);
  return request;
}

absl::StatusOr<std::unique_ptr<ReplayService::Stub>> Connect(const Member& server) {
  DROVER_ASSIGN_OR_RETURN(const std::string address, ChooseAddress(server.endpoint()));
  return ReplayService::NewStub(MakeChannel(address, ChannelUse::kControl));
}

// The table's limiter as it is now.
absl::StatusOr<std::string> Limits(ReplayService::Stub* server, const std::string& table) {
  DROVER_ASSIGN_OR_RETURN(const InfoReply info,
                          CallUnary(server, &ReplayService::Stub::Info, InfoRequest(), kDeadline));
  for (const TableInfo& each : info.tables()) {
    if (each.name() != table) continue;
    return absl::StrCat("replay ", info.shard(), ": table ", table, " min_size ", each.min_size(),
                        ", samples_per_insert ", each.samples_per_insert(), ", min_diff ",
                        each.min_diff(), ", max_diff ", each.max_diff(), "; it has ",
                        each.inserts(), " inserts and ", each.samples(), " samples\n");
  }
  return absl::NotFoundError(absl::StrCat("there is no table ", table));
}

absl::Status MoveLimits(const Flags& flags, const std::string& run_dir) {
  DROVER_ASSIGN_OR_RETURN(CoordinatorClient coordinator, CoordinatorClient::OfRun(run_dir));
  DROVER_ASSIGN_OR_RETURN(const StatusReply status, coordinator.Status());
  const ConfigureRequest request = MakeRequest(flags);
  int servers = 0;
  for (const MemberStatus& member : status.members()) {
    if (member.member().role() != Role::replay || !member.alive()) continue;
    DROVER_ASSIGN_OR_RETURN(const auto server, Connect(member.member()));
    DROVER_RETURN_IF_ERROR(
        CallUnary(server.get(), &ReplayService::Stub::Configure, request, kDeadline).status());
    DROVER_ASSIGN_OR_RETURN(const std::string limits, Limits(server.get(), flags.table));
    std::cout << limits << std::flush;
    ++servers;
  }
  if (servers > 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(run_dir, " has no replay server now"));
}

int RunLimit(const Flags& flags) {
  const absl::StatusOr<std::string> run_dir = OpenRun(flags.run);
  if (!run_dir.ok()) return Fail(run_dir.status(), kExitBadInput);
  const absl::Status status = MoveLimits(flags, *run_dir);
  return status.ok() ? kExitOk : Fail(status, kExitFailed);
}

}  // namespace

Command AddLimit(CLI::App* app) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = AddCommand(
      app, "limit",
      "show or move how inserts and samples of a running run's replay wait for each other");
  AddRun(command, &flags->run);
  AddOption(command, "--table", flags->table, "default: replay").TypeName("NAME");
  AddOption(command, "--min_size", flags->min_size, "items before any is sampled");
  AddOption(command, "--samples_per_insert", flags->samples_per_insert);
  AddOption(command, "--min_diff", flags->min_diff,
            "least inserts * samples_per_insert - samples: below it samples wait");
  AddOption(command, "--max_diff", flags->max_diff, "and most: above it inserts wait");
  return {command, [flags] { return RunLimit(*flags); }};
}

}  // namespace drover
