#include "actor/evaluator_loop.h"

#include <ATen/Parallel.h>

#include <memory>
#include <string>
#include <vector>

#include "env/registry.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

// As in an actor: more threads only get in each other's way.
const bool kOneThread = (at::set_num_threads(1), true);

TEST(EvaluatorLoopTest, EvaluatesOnceInSoManyFramesAndKeepsPointsUntilTheyArrived) {
  ModelConfig config;
  config.add_layers(4);
  config.set_activation(ModelConfig::Activation::tanh);
  const EnvironmentSpec spec = MakeEnvironment("CartPole-v1").value()->spec();
  const std::unique_ptr<Model> model = Model::Make(config, spec, 1).value();

  // Version i + 1 was published at frames[i].
  const std::vector<uint64_t> frames = {0, 999, 1200, 1999, 2000, 5500, 5900, 6000};
  size_t taken = 0;
  WeightCache weights(
      [&](WeightSet* set) {
        set->header.set_frames(frames[taken]);
        set->header.set_version(++taken);
        set->data.assign(model->acting_parameters().nbytes(), '\0');
        return true;
      },
      model->acting_parameters());
  EvaluatorLoop loop(model.get(), &weights, 1000,
                     {"CartPole-v1", 3, 1, [&] { return taken == frames.size(); }},
                     [] { return true; });
  // The stop comes with the last version, in the midst of its evaluation.
  ASSERT_TRUE(loop.Run().ok());

  const EvaluatorReport report = loop.Report();
  ASSERT_EQ(report.points_size(), 3);
  EXPECT_EQ(report.points(0).version(), 3U);
  EXPECT_EQ(report.points(0).frames(), 1200U);
  EXPECT_EQ(report.points(0).evaluation().episodes(), 3U);
  EXPECT_GT(report.points(0).evaluation().mean(), 1);
  EXPECT_EQ(report.points(1).frames(), 2000U);
  EXPECT_EQ(report.points(2).frames(), 5500U);
  EXPECT_EQ(loop.version(), 6U);

  EXPECT_EQ(loop.Report().points_size(), 3);  // that report never arrived
  loop.ReportSent();
  EXPECT_EQ(loop.Report().points_size(), 0);
}

}  // namespace
}  // namespace drover
