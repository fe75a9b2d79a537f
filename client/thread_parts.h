#ifndef DROVER_CLIENT_THREAD_PARTS_H_
#define DROVER_CLIENT_THREAD_PARTS_H_

#include <string>
#include <utility>
#include <vector>

#include "proto/coordinator.pb.h"

namespace drover {

// A thread of a process that says in its reports how long it did what: the metrics that are its
// parts add up to its time.
struct ThreadParts {
  Role::Kind role;
  std::string name;
  std::vector<std::pair<std::string, std::string>> parts;  // for people; of Report.metrics
};

// Every such thread.
const std::vector<ThreadParts>& AllThreads();

// A metric of a report; 0: it has none.
double MetricOf(const Report& report, const std::string& name);

// How a thread's time was spent: shares of the time that passed.
struct ThreadShares {
  std::string name;
  std::vector<std::pair<std::string, double>> parts;

  double sum() const;  // near 1: nothing is unaccounted for
  double share(const std::string& part) const;
};

// Where a process's time went between two of its reports, thread by thread; since its start where
// `before` is empty. Empty: no time passed between them, or its role has no such threads.
std::vector<ThreadShares> SharesBetween(Role::Kind role, const Report& before, const Report& now);

}  // namespace drover

#endif  // DROVER_CLIENT_THREAD_PARTS_H_
