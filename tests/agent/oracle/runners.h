#ifndef DROVER_TESTS_AGENT_ORACLE_RUNNERS_H_
#define DROVER_TESTS_AGENT_ORACLE_RUNNERS_H_

#include <map>
#include <string>

#include "agent/algorithms/algorithm.h"
#include "agent/returns/returns.h"
#include "env/spec.h"
#include "tests/agent/oracle/oracle_check.h"

// A runner hands the inputs of one oracle file to the functions of agent/ or
// replay/ that it is about, and returns what they say by the file's output names.
namespace drover {

// From an oracle's name to its runner.
const std::map<std::string, OracleRunner>& OracleRunners();

// returns_runners.cc
OracleOutputs RunDiscountedReturns(OracleInputs& in);
OracleOutputs RunNStepReturns(OracleInputs& in);
OracleOutputs RunLambdaReturns(OracleInputs& in);
OracleOutputs RunGae(OracleInputs& in);
OracleOutputs RunGaeTruncation(OracleInputs& in);

// vtrace_runners.cc
OracleOutputs RunVtrace(OracleInputs& in);
OracleOutputs RunVtraceGeneral(OracleInputs& in);
OracleOutputs RunLeakyVtrace(OracleInputs& in);
OracleOutputs RunVtraceFromLogits(OracleInputs& in);
OracleOutputs RunImpalaLoss(OracleInputs& in);

// policy_gradient_runners.cc
OracleOutputs RunCategorical(OracleInputs& in);
OracleOutputs RunReinforceLoss(OracleInputs& in);
OracleOutputs RunA2cLoss(OracleInputs& in);

// ppo_runners.cc
OracleOutputs RunAdvantageNormalization(OracleInputs& in);
OracleOutputs RunPpoClipLoss(OracleInputs& in);
OracleOutputs RunPpoFullLoss(OracleInputs& in);
OracleOutputs RunPpoKlPenaltyLoss(OracleInputs& in);
OracleOutputs RunPpoAdaptiveKlBeta(OracleInputs& in);

// update_runners.cc
OracleOutputs RunGlobalNormClip(OracleInputs& in);
OracleOutputs RunRmsPropVariants(OracleInputs& in);

// distribution_runners.cc
OracleOutputs RunGaussian(OracleInputs& in);
OracleOutputs RunGaussianKlPenaltyLoss(OracleInputs& in);
OracleOutputs RunSquashedGaussian(OracleInputs& in);
OracleOutputs RunBetaPolicy(OracleInputs& in);
OracleOutputs RunSacActorReparam(OracleInputs& in);

// replay_runners.cc
OracleOutputs RunNStepTransitions(OracleInputs& in);
OracleOutputs RunCategoricalProjection(OracleInputs& in);
OracleOutputs RunD4pgCriticLoss(OracleInputs& in);

// q_runners.cc
OracleOutputs RunDpgLoss(OracleInputs& in);
OracleOutputs RunDdpgUpdate(OracleInputs& in);
OracleOutputs RunTd3Target(OracleInputs& in);
OracleOutputs RunPolyakUpdate(OracleInputs& in);
OracleOutputs RunOuNoise(OracleInputs& in);
OracleOutputs RunActorCriticQ(OracleInputs& in);

// sac_runners.cc
OracleOutputs RunSacLosses(OracleInputs& in);
OracleOutputs RunSacVNetworkLosses(OracleInputs& in);

// normalization_runners.cc
OracleOutputs RunRunningMeanStd(OracleInputs& in);
OracleOutputs RunRewardScaling(OracleInputs& in);

// sampling_runners.cc
OracleOutputs RunPerSampling(OracleInputs& in);

// What several runners need.

// Inputs rewards, discounts, values [T, B] and bootstrap_value [B], none truncated.
Steps StepsOf(OracleInputs& in);

// The box of inputs low and high [D].
Space BoxOf(OracleInputs& in);

// The same tensor as a leaf that autograd differentiates by.
at::Tensor Variable(const at::Tensor& tensor);

at::Tensor Number(double value);  // []

// The algorithm's own settings.
Experiment DefaultsOf(const Algorithm& algorithm);

}  // namespace drover

#endif  // DROVER_TESTS_AGENT_ORACLE_RUNNERS_H_
