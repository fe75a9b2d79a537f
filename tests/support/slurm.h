#ifndef DROVER_TESTS_SUPPORT_SLURM_H_
#define DROVER_TESTS_SUPPORT_SLURM_H_

#include <string>
#include <vector>

#include "tests/support/hosts.h"
#include "tests/support/program.h"

namespace drover {

// A real Slurm, as long as this lives: tests/support/slurm_cluster.sh, which says what nodes and
// partitions it has. Commands that are started from now on find it.
class Slurm {
 public:
  // Why this machine cannot have it, for a test to skip; empty: it can.
  static std::string Lacks();

  // Of four nodes here; keeps its files in `directory`, which is made. Fails the test where it does
  // not come up.
  explicit Slurm(const std::string& directory) : Slurm(directory, std::vector<std::string>()) {}
  // Of a node on each of the hosts, of which this thread enters the first.
  Slurm(const std::string& directory, const Hosts& hosts);
  ~Slurm();  // fails the test if jobs are left
  Slurm(const Slurm&) = delete;
  Slurm& operator=(const Slurm&) = delete;

  // What is in the queue, sorted: "actor 3 RUNNING n1", "learner N/A PENDING "; of jobs that no run
  // has, the whole name.
  std::vector<std::string> Queue() const;
  // The id of the learner's job; empty: there is none.
  std::string LearnersJob() const;
  // Where it runs, "actor 3" or "learner N/A"; empty: nowhere.
  std::string NodeOf(const std::string& who) const;

  // A person's sbatch with these words; the id of the job.
  std::string Submit(const std::vector<std::string>& words) const;

  // The node's daemon and the processes with ProcessMark `mark` that it started, at once.
  void KillNode(const std::string& node, const ProcessMark& mark) const;

 private:
  Slurm(const std::string& directory, const std::vector<std::string>& nodes);

  const std::string directory_;
  Program cluster_;
};

}  // namespace drover

#endif  // DROVER_TESTS_SUPPORT_SLURM_H_
