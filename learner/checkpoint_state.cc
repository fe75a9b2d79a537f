#include "learner/checkpoint_state.h"

#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace drover {
namespace {

using Json = nlohmann::json;

// Calls visit(name, field) for each plain number of a state.
template <typename State, typename Visit>
void VisitNumbers(State* state, const Visit& visit) {
  visit("version", &state->version);
  visit("epoch", &state->epoch);
  visit("seed", &state->seed);
  visit("frames", &state->frames);
  visit("trained_frames", &state->trained_frames);
  visit("updates", &state->updates);
  visit("seconds", &state->seconds);
  visit("lag_sum", &state->lag_sum);
  visit("lag_max", &state->lag_max);
  visit("episodes", &state->episodes);
  visit("missing", &state->missing);
  visit("replay_frames", &state->replay_frames);
}

bool Read(const Json& json, uint64_t* value) {
  if (!json.is_number_unsigned()) return false;
  *value = json.get<uint64_t>();
  return true;
}

bool Read(const Json& json, double* value) {
  if (!json.is_number()) return false;
  *value = json.get<double>();
  return true;
}

// Pairs of return and length.
bool Read(const Json& json, std::deque<EpisodeStatistics::Episode>* episodes) {
  if (!json.is_array()) return false;
  for (const Json& pair : json) {
    EpisodeStatistics::Episode& episode = episodes->emplace_back();
    const bool good = pair.is_array() && pair.size() == 2 &&
                      Read(pair[0], &episode.undiscounted_return) && Read(pair[1], &episode.length);
    if (!good) return false;
  }
  return true;
}

bool Read(const Json& json, std::map<uint64_t, uint64_t>* sequences) {
  if (!json.is_object()) return false;
  for (const auto& [member, sequence] : json.items()) {
    uint64_t id = 0;
    if (!absl::SimpleAtoi(member, &id) || !Read(sequence, &(*sequences)[id])) return false;
  }
  return true;
}

bool Read(const Json& json, std::map<uint64_t, std::string>* states) {
  if (!json.is_object()) return false;
  for (const auto& [member, state] : json.items()) {
    uint64_t id = 0;
    const bool good = absl::SimpleAtoi(member, &id) && state.is_string() &&
                      absl::Base64Unescape(state.get_ref<const std::string&>(), &(*states)[id]);
    if (!good) return false;
  }
  return true;
}

}  // namespace

std::string CheckpointState::ToJson() const {
  Json json;
  VisitNumbers(this, [&](const char* name, const auto* value) { json[name] = *value; });
  json["newest_episodes"] = Json::array();
  for (const auto& episode : newest_episodes) {
    json["newest_episodes"].push_back({episode.undiscounted_return, episode.length});
  }
  json["last_sequence"] = Json::object();
  for (const auto& [member, sequence] : last_sequence) {
    json["last_sequence"][std::to_string(member)] = sequence;
  }
  json["actor_states"] = Json::object();
  for (const auto& [member, actor_state] : actor_states) {
    json["actor_states"][std::to_string(member)] = absl::Base64Escape(actor_state);
  }
  return json.dump(2) + "\n";
}

absl::StatusOr<CheckpointState> CheckpointState::FromJson(absl::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError("the state is no JSON object");
  CheckpointState state;
  std::string wrong;
  const auto read = [&](const char* name, auto* value) {
    const auto found = json.find(name);
    if (found == json.end() || !Read(*found, value)) wrong = name;
  };
  VisitNumbers(&state, read);
  read("newest_episodes", &state.newest_episodes);
  read("last_sequence", &state.last_sequence);
  read("actor_states", &state.actor_states);
  if (wrong.empty()) return state;
  return absl::InvalidArgumentError(
      absl::StrCat("the state's ", wrong, " is missing or malformed"));
}

}  // namespace drover
