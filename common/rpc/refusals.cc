#include "common/rpc/refusals.h"

#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"

namespace drover {
namespace {

constexpr std::chrono::seconds kLogInterval{1};
constexpr size_t kLongest = 300;  // what a peer says of itself may be of any length

struct Words {
  absl::string_view name;
  absl::string_view text;
};

const Words& WordsOf(Refusal reason) {
  static constexpr std::array<Words, kRefusals> kWords = {{
      {"connection_rate", "too many connections from one address"},
      {"handshake", "no TLS handshake"},
      {"no_certificate", "no certificate"},
      {"unknown_authority", "a certificate of another authority"},
      {"expired_certificate", "a certificate that is not valid now"},
      {"bad_certificate", "a bad certificate"},
      {"no_token", "no token"},
      {"wrong_token", "a wrong token"},
      {"wrong_role", "a role that may not do this"},
  }};
  return kWords[static_cast<size_t>(reason)];
}

// Of one line, whatever the peer sent.
std::string Printable(absl::string_view text) {
  std::string printable(text.substr(0, kLongest));
  for (char& c : printable) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  return printable;
}

}  // namespace

absl::string_view RefusalName(Refusal reason) { return WordsOf(reason).name; }

Refusals& Refusals::OfProcess() {
  static auto* const refusals = new Refusals;
  return *refusals;
}

void Refusals::Add(Refusal reason, absl::string_view who, Clock::time_point now) {
  const std::string text = absl::StrCat(Printable(who), ": ", WordsOf(reason).text);
  uint64_t silent = 0;
  {
    MutexLock lock(&mutex_);
    last_ = text;
    Count& count = counts_[static_cast<size_t>(reason)];
    ++count.total;
    if (count.total > 1 && now - count.logged < kLogInterval) {
      ++count.silent;
      return;
    }
    count.logged = now;
    std::swap(silent, count.silent);
  }
  const std::string more = silent > 0 ? absl::StrCat("; and ", silent, " more like it") : "";
  spdlog::warn("refused {}{}", text, more);
}

Refusals::Snapshot Refusals::snapshot() const {
  MutexLock lock(&mutex_);
  Snapshot snapshot;
  snapshot.last = last_;
  for (size_t i = 0; i < kRefusals; ++i) {
    if (counts_[i].total == 0) continue;
    snapshot.total += counts_[i].total;
    snapshot.by_reason[std::string(RefusalName(static_cast<Refusal>(i)))] = counts_[i].total;
  }
  return snapshot;
}

}  // namespace drover
