#include "learner/round.h"

#include <iterator>
#include <utility>

#include "common/check.h"

namespace drover {

void Round::Begin(const Members& present, const Members& living) {
  open_ = true;
  awaited_.clear();
  for (const uint64_t member : living) {
    if (present.count(member) > 0 || last_.count(member) > 0) awaited_.insert(member);
  }
}

void Round::Arrived(uint64_t member) {
  seen_.insert(member);
  lost_.erase(member);
}

bool Round::Awaits(uint64_t member) const {
  if (!open_ || messages_.count(member) > 0) return false;
  return first() ? messages_.size() < members_ : awaited_.count(member) > 0;
}

void Round::Add(uint64_t member, std::unique_ptr<Unrolls> message) {
  DROVER_CHECK(Awaits(member)) << "member " << member;
  messages_[member] = std::move(message);
}

void Round::KeepOnly(const Members& living) {
  if (!elastic_) return;
  for (const uint64_t member : seen_) {
    if (living.count(member) == 0 && messages_.count(member) == 0) lost_.insert(member);
  }
  for (auto member = awaited_.begin(); member != awaited_.end();) {
    member = living.count(*member) > 0 ? std::next(member) : awaited_.erase(member);
  }
}

bool Round::complete() const {
  if (!open_ || messages_.empty()) return false;
  if (first()) return messages_.size() + lost_.size() >= members_;
  for (const uint64_t member : awaited_) {
    if (messages_.count(member) == 0) return false;
  }
  return true;
}

std::vector<std::unique_ptr<Unrolls>> Round::Take() {
  DROVER_CHECK(complete());
  std::vector<std::unique_ptr<Unrolls>> messages;
  last_.clear();
  for (auto& [member, message] : messages_) {
    messages.push_back(std::move(message));
    last_.insert(member);
  }
  messages_.clear();
  awaited_.clear();
  lost_.clear();
  open_ = false;
  ++taken_;
  return messages;
}

bool Round::deserted() const { return open_ && !first() && messages_.empty() && awaited_.empty(); }

}  // namespace drover
