#ifndef DROVER_COMMON_CLOCK_H_
#define DROVER_COMMON_CLOCK_H_

#include <cstdint>

// What measures leases or limits takes its time as an argument, so that tests can move it.
namespace drover {

// Seconds since some fixed moment before this process started; never goes back. Not comparable
// between hosts.
double MonotonicSeconds();

// Microseconds since 1970-01-01 00:00 UTC, by the host's clock, which may jump.
uint64_t UnixMicros();

}  // namespace drover

#endif  // DROVER_COMMON_CLOCK_H_
