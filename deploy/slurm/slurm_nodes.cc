#include "deploy/slurm/slurm_nodes.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "deploy/reconcile.h"
#include "deploy/resources.h"

namespace drover {
namespace {

constexpr char kNone[] = "(null)";

// "gpu:a100:4(S:0-1),gpu:2" -> 6.
uint64_t Gpus(absl::string_view gres) {
  uint64_t gpus = 0;
  for (absl::string_view each : absl::StrSplit(gres, ',')) {
    each = each.substr(0, each.find('('));
    const std::vector<absl::string_view> parts = absl::StrSplit(each, ':');
    uint64_t count = 1;
    if (parts.size() > 1 && !absl::SimpleAtoi(parts.back(), &count)) count = 1;
    if (parts.front() == "gpu") gpus += count;
  }
  return gpus;
}

// sinfo adds "+" to what differs between the nodes of a line.
bool Number(absl::string_view text, uint64_t* number) {
  absl::ConsumeSuffix(&text, "+");
  return absl::SimpleAtoi(text, number);
}

// Takes it from the node; false: it does not fit.
bool Take(const Resources& wanted, SlurmNode* node) {
  const auto has = [node](const std::string& feature) { return node->features.count(feature) > 0; };
  if (wanted.cores() > node->cores || wanted.memory_mib() > node->memory_mib ||
      wanted.gpus() > node->gpus ||
      !std::all_of(wanted.features().begin(), wanted.features().end(), has)) {
    return false;
  }
  node->cores -= wanted.cores();
  node->memory_mib -= wanted.memory_mib();
  node->gpus -= wanted.gpus();
  return true;
}

std::string ToString(const Resources& wanted) {
  std::string text = absl::StrCat(wanted.cores(), " cores, ", wanted.memory_mib(), " MiB");
  if (wanted.gpus() > 0) absl::StrAppend(&text, ", ", wanted.gpus(), " GPUs");
  if (wanted.features_size() > 0) {
    absl::StrAppend(&text, ", features ", absl::StrJoin(wanted.features(), ", "));
  }
  return text;
}

absl::StatusOr<std::vector<SlurmNode>> NodesOf(const std::string& partition,
                                               const std::vector<SlurmNode>& nodes) {
  std::vector<SlurmNode> its;
  std::set<std::string> names;
  for (const SlurmNode& node : nodes) {
    names.insert(node.partition);
    if (partition.empty() ? node.is_default : node.partition == partition) its.push_back(node);
  }
  if (!its.empty()) return its;
  const std::string wanted = partition.empty()
                                 ? "Slurm has no default partition: set cluster.slurm.partition"
                                 : absl::StrCat("Slurm has no partition \"", partition,
                                                "\" with nodes (cluster.slurm.partition)");
  return absl::FailedPreconditionError(
      absl::StrCat(wanted, "; there is ", absl::StrJoin(names, ", ")));
}

}  // namespace

absl::StatusOr<std::vector<SlurmNode>> ParseSlurmNodes(absl::string_view sinfo) {
  std::vector<SlurmNode> nodes;
  for (const absl::string_view line : absl::StrSplit(sinfo, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, '|');
    SlurmNode& node = nodes.emplace_back();
    if (fields.size() != 5 || !Number(fields[1], &node.cores) ||
        !Number(fields[2], &node.memory_mib)) {
      return absl::FailedPreconditionError(absl::StrCat("sinfo said: ", line));
    }
    absl::string_view partition = fields[0];
    node.is_default = absl::ConsumeSuffix(&partition, "*");
    node.partition = std::string(partition);
    if (fields[3] != kNone) node.gpus = Gpus(fields[3]);
    if (fields[4] != kNone) node.features = absl::StrSplit(fields[4], ',');
  }
  return nodes;
}

absl::Status CheckSlurmFits(const Experiment& experiment, const std::vector<SlurmNode>& nodes) {
  const std::string& partition = experiment.cluster().slurm().partition();
  absl::StatusOr<std::vector<SlurmNode>> free = NodesOf(partition, nodes);
  if (!free.ok()) return free.status();
  const std::string where = absl::StrCat("partition \"", free->front().partition, "\"");
  for (const Place& place : Places(experiment, experiment.actors().count())) {
    const Resources wanted = ResourcesOf(experiment, place.role);
    const auto fits = [&wanted](SlurmNode& node) { return Take(wanted, &node); };
    if (std::any_of(free->begin(), free->end(), fits)) continue;
    if (place.role == Role::actor && place.index > 0) {
      return absl::FailedPreconditionError(absl::StrCat(
          where, " holds at most ", place.index, " actors of ", ToString(wanted),
          " beside the run's other processes; this run wants ", experiment.actors().count()));
    }
    return absl::FailedPreconditionError(absl::StrCat(where, " has no node for ", place.ToString(),
                                                      ": it wants ", ToString(wanted)));
  }
  return absl::OkStatus();
}

absl::Status CheckSlurmArrays(const Experiment& experiment, absl::string_view config) {
  for (const absl::string_view line : absl::StrSplit(config, '\n')) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" ="), absl::SkipEmpty());
    uint32_t size = 0;
    if (words.size() != 2 || words[0] != "MaxArraySize" || !absl::SimpleAtoi(words[1], &size)) {
      continue;
    }
    const uint32_t actors = experiment.actors().count();
    if (actors <= size) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat("this Slurm's MaxArraySize allows ", size,
                                                      " actors; this run wants ", actors));
  }
  return absl::OkStatus();
}

}  // namespace drover
