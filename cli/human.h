#ifndef DROVER_CLI_HUMAN_H_
#define DROVER_CLI_HUMAN_H_

#include <cstdint>
#include <string>

// Numbers for people.
namespace drover {

// "0:07", "12:34", "3:04:05"; "–" where it is unknown (negative, infinite).
std::string FormatDuration(double seconds);

// "1,234,567".
std::string FormatCount(uint64_t count);

// "1,234", "12.3", "0.5": about three digits, for rates and means.
std::string FormatNumber(double number);

}  // namespace drover

#endif  // DROVER_CLI_HUMAN_H_
