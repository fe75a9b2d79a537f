#include "agent/config_ranges.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"

namespace drover {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr double kUnbounded = 1e18;

struct Range {
  const char* field;
  double low;
  double high;
  bool above_low = false;  // low itself is not allowed
};

constexpr Range kRanges[] = {
    {"environment_options.length", 1, 1000},
    {"environment_options.step_seconds", 0, 3600},
    {"actors.count", 1, 4096},
    {"actors.environments", 1, 65536},
    {"actors.unroll", 1, 65536},
    {"learner.batch", 1, 1 << 24},
    {"learner.max_policy_lag", 1, 1 << 20},
    {"learner.threads", 1, 1024},
    {"budget.max_frames", 1, kUnbounded},
    {"target.return", -kUnbounded, kUnbounded},
    {"target.episodes", 1, 1e6},
    {"evaluation.episodes", 1, 1e6},
    {"checkpoint.every_seconds", 0, 1e9, true},
    {"checkpoint.keep", 1, 1e6},
    {"model.layers", 1, 65536},
    {"model.critics.count", 1, 2},
    {"model.critics.atoms", 2, 65536},
    {"model.critics.v_min", -kUnbounded, kUnbounded},
    {"model.critics.v_max", -kUnbounded, kUnbounded},
    {"model.temperature", 0, kUnbounded, true},
    {"model.normalization.clip", 0, kUnbounded, true},
    {"model.bins", 2, 65536},
    {"model.recurrence.size", 1, 65536},
    {"returns.gamma", 0, 1},
    {"returns.lambda", 0, 1},
    {"returns.reward_scale", 0, kUnbounded, true},
    {"returns.clip_rho", 0, kUnbounded, true},
    {"returns.clip_c", 0, kUnbounded, true},
    {"returns.clip_policy_rho", 0, kUnbounded, true},
    {"returns.n_step", 1, 65535},
    {"loss.value_coefficient", 0, kUnbounded},
    {"loss.entropy.value", 0, kUnbounded},
    {"loss.entropy.final", 0, kUnbounded},
    {"loss.clip.value", 0, kUnbounded, true},
    {"loss.clip.final", 0, kUnbounded},
    {"loss.value_clip", 0, kUnbounded},
    {"loss.kl.beta", 0, kUnbounded, true},
    {"loss.kl.target", 0, kUnbounded},
    {"loss.target_entropy", -kUnbounded, kUnbounded},
    {"loss.target_noise", 0, kUnbounded},
    {"loss.target_noise_clip", 0, kUnbounded},
    {"loss.priority_beta.value", 0, 1},
    {"loss.priority_beta.final", 0, 1},
    {"update.rate.value", 0, kUnbounded, true},
    {"update.rate.final", 0, kUnbounded},
    {"update.policy_rate.value", 0, kUnbounded, true},
    {"update.policy_rate.final", 0, kUnbounded},
    {"update.policy_every", 1, 1e6},
    {"update.max_norm", 0, kUnbounded},
    {"update.epochs", 1, 1e6},
    {"update.minibatch", 1, kUnbounded},
    {"update.target_kl", 0, kUnbounded},
    {"update.adam.beta1", 0, 0.999999},
    {"update.adam.beta2", 0, 0.999999},
    {"update.adam.epsilon", 0, 1, true},
    {"update.rmsprop.decay", 0, 0.999999},
    {"update.rmsprop.momentum", 0, 0.999999},
    {"update.rmsprop.epsilon", 0, 1, true},
    {"exploration.sigma", 0, kUnbounded},
    {"exploration.sigma_last", 0, kUnbounded},
    {"exploration.theta", 0, kUnbounded},
    {"exploration.dt", 0, 1e3, true},
    {"target_networks.tau", 0, 1, true},
    {"target_networks.every", 1, 1e9},
    {"replay.shards", 1, 64},
    {"replay.snapshot_every_seconds", 0, 1e9, true},
    {"replay.keep", 1, 1e6},
    {"replay.tables.priority_exponent", 0, 10},
    {"replay.tables.capacity", 1, 1 << 24},
    {"replay.tables.steps", 1, 65536},
    {"replay.tables.rate_limit.samples_per_insert", 0, kUnbounded, true},
    {"replay.tables.rate_limit.min_diff", -kUnbounded, kUnbounded},
    {"replay.tables.rate_limit.max_diff", -kUnbounded, kUnbounded},
    {"replay.tables.rate_limit.error_buffer", 0, kUnbounded, true},
    {"cluster.coordinator.cores", 1, 4096},
    {"cluster.coordinator.memory_mib", 1, 1 << 24},
    {"cluster.learner.cores", 1, 4096},
    {"cluster.learner.memory_mib", 1, 1 << 24},
    {"cluster.actor.cores", 1, 4096},
    {"cluster.actor.memory_mib", 1, 1 << 24},
    {"cluster.replay.cores", 1, 4096},
    {"cluster.replay.memory_mib", 1, 1 << 24},
    {"cluster.evaluator.cores", 1, 4096},
    {"cluster.evaluator.memory_mib", 1, 1 << 24},
};

double Number(const Message& message, const FieldDescriptor* field, int index) {
  const Reflection& get = *message.GetReflection();
  const bool repeated = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      return repeated ? get.GetRepeatedUInt32(message, field, index)
                      : get.GetUInt32(message, field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<double>(get.GetUInt64(message, field));
    default:
      return get.GetDouble(message, field);
  }
}

// Adds every value that `path` has in `message`: none if it is not set.
void AddValues(const Message& message, absl::Span<const std::string> path,
               std::vector<double>* values) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(path[0]);
  const Reflection& get = *message.GetReflection();
  const bool repeated = field->is_repeated();
  const int count = repeated ? get.FieldSize(message, field) : get.HasField(message, field);
  for (int i = 0; i < count; ++i) {
    if (path.size() == 1) {
      values->push_back(Number(message, field, i));
    } else {
      const Message& inner =
          repeated ? get.GetRepeatedMessage(message, field, i) : get.GetMessage(message, field);
      AddValues(inner, path.subspan(1), values);
    }
  }
}

std::vector<double> Values(const Message& message, const std::string& path) {
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  std::vector<double> values;
  AddValues(message, names, &values);
  return values;
}

std::string Allowed(const Range& range) {
  std::string allowed = absl::StrCat(range.above_low ? "above " : "at least ", range.low);
  if (range.low == -kUnbounded) allowed = "a finite number";
  if (range.high < kUnbounded) absl::StrAppend(&allowed, " and at most ", range.high);
  return allowed;
}

}  // namespace

std::optional<ConfigError> CheckRanges(const Experiment& experiment) {
  for (const Range& range : kRanges) {
    for (const double value : Values(experiment, range.field)) {
      const bool low_enough = value <= range.high;  // false for NaN, as the next
      const bool high_enough = range.above_low ? value > range.low : value >= range.low;
      if (low_enough && high_enough) continue;
      return ConfigError{range.field, absl::StrCat("is ", value, "; allowed is ", Allowed(range))};
    }
  }
  return std::nullopt;
}

}  // namespace drover
