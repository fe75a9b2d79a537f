#ifndef DROVER_LEARNER_ROUND_H_
#define DROVER_LEARNER_ROUND_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "proto/trajectory.pb.h"

namespace drover {

// The barrier of lockstep: one message of every member, all of the same version, makes a batch.
//
// A strict round waits for as many members as there should be, however long: so that whoever dies
// leaves no trace. An elastic one waits for those who took part or could when it began, less those
// who died since; only the first waits for all, too.
//
// Pure bookkeeping, not thread-safe: the trajectory receiver owns it under its lock.
class Round {
 public:
  using Members = std::set<uint64_t>;
  static constexpr int64_t kMostMembers = 4096;  // of an elastic one, as Actors.count allows

  // `members`: as many as there should be.
  Round(size_t members, bool elastic) : members_(members), elastic_(elastic) {}

  // The next one: of the `present` ones, and of those of the last round that still live.
  void Begin(const Members& present, const Members& living);

  // It is here, and may be awaited.
  void Arrived(uint64_t member);
  // Whether its message of this round is still to come: only then may it act.
  bool Awaits(uint64_t member) const;
  // Of a member that is awaited.
  void Add(uint64_t member, std::unique_ptr<Unrolls> message);
  // Elastic: nobody else is waited for.
  void KeepOnly(const Members& living);

  // All have come. Then Take() ends it, in the order of the members.
  bool complete() const;
  std::vector<std::unique_ptr<Unrolls>> Take();

  // It has nobody to wait for and nothing to give: everyone died. Begin() with who comes.
  bool deserted() const;

 private:
  bool first() const { return !elastic_ || taken_ == 0; }

  const size_t members_;
  const bool elastic_;
  bool open_ = true;
  uint64_t taken_ = 0;  // rounds
  Members last_;        // who took part
  Members awaited_;     // elastic, after the first round
  Members lost_;        // in the first: who was here and died
  Members seen_;        // and who was here
  std::map<uint64_t, std::unique_ptr<Unrolls>> messages_;
};

}  // namespace drover

#endif  // DROVER_LEARNER_ROUND_H_
