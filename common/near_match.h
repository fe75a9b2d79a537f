#ifndef DROVER_COMMON_NEAR_MATCH_H_
#define DROVER_COMMON_NEAR_MATCH_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// What a person may have meant who wrote a name that does not exist.
namespace drover {

// Characters to insert, delete, replace or swap with their neighbour to turn `a` into `b`; the
// case of ASCII letters does not count.
size_t EditDistance(absl::string_view a, absl::string_view b);

// The name of `known` with the least distance to `name`, the first of several; "" where even that
// is too far to be a slip: more than a third of the longer of both.
std::string NearMatch(absl::string_view name, const std::vector<std::string>& known);

// The whole error, e.g. UnknownName("environment", "CartPole-v2", ListEnvironments()):
//   unknown environment "CartPole-v2"; did you mean "CartPole-v1"? known: CartPole-v1, Catch-v0
std::string UnknownName(absl::string_view kind, absl::string_view name,
                        const std::vector<std::string>& known);

}  // namespace drover

#endif  // DROVER_COMMON_NEAR_MATCH_H_
