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

absl::StatusOr<Endpoint> RunView::WaitForPeer(Role::Kind role,
                                              std::chrono::milliseconds timeout) const {
  const Clock::time_point deadline = Clock::now() + timeout;
  MutexLock lock(&mutex_);
  while (status_.ok()) {
    const Member* newest = nullptr;
    for (const Member& member : table_.members()) {
      if (member.role() != role || member.endpoint().addresses().empty()) continue;
      if (newest == nullptr || member.epoch() > newest->epoch()) newest = &member;
    }
    if (newest != nullptr) return newest->endpoint();
    if (!changed_.WaitUntil(&mutex_, deadline)) {
      return absl::UnavailableError(absl::StrCat("no ", Role::Kind_Name(role), " in the run yet"));
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
