#include "client/run_view.h"

#include "absl/strings/str_cat.h"

namespace drover {

bool RunView::SetTable(const MemberTable& table) {
  {
    MutexLock lock(&mutex_);
    if (table.version() == table_.version() && table.state() == table_.state()) return false;
    table_ = table;
  }
  changed_.NotifyAll();
  return true;
}

bool RunView::End(const absl::Status& status) {
  {
    MutexLock lock(&mutex_);
    if (!status_.ok()) return false;
    status_ = status;
  }
  changed_.NotifyAll();
  return true;
}

MemberTable RunView::table() const {
  MutexLock lock(&mutex_);
  return table_;
}

absl::Status RunView::status() const {
  MutexLock lock(&mutex_);
  return status_;
}

absl::StatusOr<Endpoint> RunView::WaitForPeer(Role::Kind role, uint32_t index,
                                              std::chrono::milliseconds timeout) const {
  const Clock::time_point deadline = Clock::now() + timeout;
  MutexLock lock(&mutex_);
  while (status_.ok()) {
    for (const Member& member : table_.members()) {
      const bool asked = member.role() == role && member.index() == index;
      if (asked && !member.endpoint().addresses().empty()) return member.endpoint();
    }
    if (!changed_.WaitUntil(&mutex_, deadline)) {
      return absl::UnavailableError(
          absl::StrCat("no ", Role::Kind_Name(role), " ", index, " in the run yet"));
    }
  }
  return status_;
}

bool RunView::WaitForDrain(std::chrono::milliseconds timeout) const {
  const Clock::time_point deadline = Clock::now() + timeout;
  MutexLock lock(&mutex_);
  while (status_.ok() && table_.state() < RunState::draining) {
    if (!changed_.WaitUntil(&mutex_, deadline)) return false;
  }
  return true;
}

bool RunView::Sleep(std::chrono::milliseconds time) {
  const Clock::time_point due = Clock::now() + time;
  MutexLock lock(&mutex_);
  while (status_.ok() && !woken_ && Clock::now() < due) changed_.WaitUntil(&mutex_, due);
  woken_ = false;
  return status_.ok();
}

void RunView::Wake() {
  MutexLock lock(&mutex_);
  woken_ = true;
  changed_.NotifyAll();
}

}  // namespace drover
