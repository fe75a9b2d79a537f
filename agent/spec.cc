#include "agent/spec.h"

#include <string>
#include <vector>

#include "agent/model/recurrent_core.h"
#include "common/spec.h"

namespace drover {
namespace {

void AddLeaf(const std::string& name, DType::Kind dtype, const std::vector<int64_t>& shape,
             Leaf::Rate rate, Spec* spec) {
  Leaf* leaf = spec->add_leaves();
  leaf->set_name(name);
  leaf->set_dtype(dtype);
  leaf->mutable_shape()->Add(shape.begin(), shape.end());
  leaf->set_rate(rate);
}

}  // namespace

Spec MakeSpec(const Experiment& experiment, const EnvironmentSpec& environment) {
  Spec spec;
  spec.set_protocol_version(kProtocolVersion);
  spec.set_steps(experiment.actors().unroll());
  const Space& action = environment.action;
  AddLeaf("observation", DType::float32, environment.observation.shape, Leaf::per_observation,
          &spec);
  AddLeaf("action", action.discrete() ? DType::int32 : DType::float32, action.shape, Leaf::per_step,
          &spec);
  AddLeaf("log_prob", DType::float32, {}, Leaf::per_step, &spec);
  AddLeaf("reward", DType::float32, {}, Leaf::per_step, &spec);
  AddLeaf("end", DType::uint8, {}, Leaf::per_step, &spec);
  AddLeaf("final_observation", DType::float32, environment.observation.shape, Leaf::sparse, &spec);
  const int64_t state = RecurrentCore::StateElements(experiment.model());
  if (state > 0) AddLeaf("state", DType::float32, {state}, Leaf::per_unroll, &spec);
  return spec;
}

}  // namespace drover
