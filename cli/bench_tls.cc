#include "cli/bench_tls.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/bare_stream.h"
#include "bench/process_usage.h"
#include "bench/throughput_run.h"
#include "cli/config_options.h"
#include "cli/executables.h"
#include "cli/human.h"
#include "cli/resolve_plan.h"
#include "common/file.h"
#include "common/logging.h"
#include "common/rpc/credentials.h"
#include "common/signals.h"
#include "common/status_macros.h"
#include "deploy/certificates.h"

namespace drover {
namespace {

using nlohmann::ordered_json;

constexpr char kLoopback[] = "127.0.0.1:0";

struct Flags {
  ConfigOptions config;
  ThroughputOptions options;
  double stream_seconds = 2;
  int repeat = 5;
};

// Of all runs, in their order.
struct Rates {
  std::vector<double> plain;
  std::vector<double> tls;
};

double Best(const std::vector<double>& rates) {
  return *std::max_element(rates.begin(), rates.end());
}

absl::Status MakeCertificates(const std::string& authority) {
  DROVER_RETURN_IF_ERROR(InitAuthority(authority, ForDays(1)));
  for (const char* role : {"coordinator", "learner", "replay", "actor"}) {
    DROVER_RETURN_IF_ERROR(IssueCertificate(authority, role, {}, ForDays(1)).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<double> Train(ThroughputOptions options, const std::string& certs,
                             const StopSignal& stop) {
  options.tcp = true;
  options.certs = certs;
  DROVER_ASSIGN_OR_RETURN(const ThroughputRun run, RunThroughput(options, "", stop));
  return run.throughput.frames_per_second;
}

// This process is then what the directory says; "": nobody.
absl::Status Become(const std::string& directory) {
  std::shared_ptr<const Credentials> credentials;
  if (!directory.empty()) {
    DROVER_ASSIGN_OR_RETURN(credentials, Credentials::Load(directory));
  }
  SetProcessCredentials(credentials);
  return absl::OkStatus();
}

// Both ends in this process, on cores of their own if it has two.
absl::StatusOr<double> Stream(const std::string& certs, double seconds) {
  DROVER_RETURN_IF_ERROR(Become(certs.empty() ? "" : certs + "/learner"));
  DROVER_ASSIGN_OR_RETURN(const auto server, BareStreamServer::Start(kLoopback));
  DROVER_RETURN_IF_ERROR(Become(certs.empty() ? "" : certs + "/actor"));
  absl::StatusOr<double> rate = MeasureBareStream(server->address(), seconds);
  DROVER_RETURN_IF_ERROR(Become(""));
  return rate;
}

ordered_json Json(const Rates& frames, const Rates& bytes, double load) {
  const auto round = [](double share) { return std::round(share * 1000) / 1000; };
  return {{"frames_per_second", Best(frames.tls)},
          {"plain_frames_per_second", Best(frames.plain)},
          {"frames_kept", round(Best(frames.tls) / Best(frames.plain))},
          {"stream_bytes_per_second", Best(bytes.tls)},
          {"plain_stream_bytes_per_second", Best(bytes.plain)},
          {"stream_kept", round(Best(bytes.tls) / Best(bytes.plain))},
          {"tls_values", frames.tls},
          {"plain_values", frames.plain},
          {"load", load}};
}

std::string Line(const char* what, const Rates& rates) {
  return absl::StrCat(
      what, ": ", FormatNumber(Best(rates.plain)), " plain, ", FormatNumber(Best(rates.tls)),
      " with TLS: ", FormatNumber(100 * Best(rates.tls) / Best(rates.plain)), " %\n");
}

absl::StatusOr<ordered_json> Measure(const Flags& flags, const StopSignal& stop) {
  DROVER_ASSIGN_OR_RETURN(const TempDirectory directory, TempDirectory::Make());
  const std::string certs = directory.path() + "/certs";
  DROVER_RETURN_IF_ERROR(MakeCertificates(certs));
  const double load = LoadAverage();
  Rates bytes;
  Rates frames;
  for (int i = 0; i < flags.repeat; ++i) {
    DROVER_ASSIGN_OR_RETURN(bytes.plain.emplace_back(), Stream("", flags.stream_seconds));
    DROVER_ASSIGN_OR_RETURN(bytes.tls.emplace_back(), Stream(certs, flags.stream_seconds));
    DROVER_ASSIGN_OR_RETURN(frames.plain.emplace_back(), Train(flags.options, "", stop));
    DROVER_ASSIGN_OR_RETURN(frames.tls.emplace_back(), Train(flags.options, certs, stop));
    std::cout << FormatNumber(frames.plain.back()) << " frames/s plain, "
              << FormatNumber(frames.tls.back()) << " with TLS" << std::endl;
  }
  std::cout << Line("trained frames/s, best of each", frames)
            << Line("bare stream, bytes/s", bytes);
  return Json(frames, bytes, load);
}

int RunBench(Flags flags) {
  const StopSignal stop;
  if (absl::Status status = InitLogging("drover", "warning"); !status.ok()) {
    return Fail(status, kExitFailed);
  }
  flags.options.drover = DroverPath();
  flags.options.drover_agent = DroverAgentPath();
  if (const int code = ResolvePlanOrFail(flags.config, &flags.options.plan); code != kExitOk)
    return code;
  const absl::StatusOr<ordered_json> json = Measure(flags, stop);
  if (!json.ok()) return Fail(json.status(), kExitFailed);
  std::cout << json->dump() << std::endl;
  return kExitOk;
}

}  // namespace

Command AddBenchTls(CLI::App* bench) {
  auto flags = std::make_shared<Flags>();
  flags->options.warmup = 2;
  CLI::App* command = AddCommand(bench, "tls", "what TLS costs over TCP");
  flags->config.AddTo(command, "cartpole_impala");
  AddOption(command, "--seconds", flags->options.seconds, "of training to measure; default: 10")
      .Range(1.0, 1e6)
      .TypeName("S");
  AddOption(command, "--warmup", flags->options.warmup, "before that; default: 2")
      .Range(0.0, 1e6)
      .TypeName("S");
  AddOption(command, "--stream_seconds", flags->stream_seconds, "of a bare stream; default: 2")
      .Range(0.1, 1e6)
      .TypeName("S");
  AddOption(command, "--repeat", flags->repeat, "of each, of which the best counts; default: 5")
      .Range(1, 1000)
      .TypeName("N");
  return {command, [flags] { return RunBench(*flags); }};
}

}  // namespace drover
