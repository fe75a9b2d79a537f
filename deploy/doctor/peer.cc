#include "deploy/doctor/peer.h"

#include <grpcpp/client_context.h>

#include <chrono>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/certificate.h"
#include "common/rpc/channel.h"
#include "common/rpc/credentials.h"
#include "common/rpc/server_time.h"
#include "common/status_grpc.h"
#include "deploy/doctor/clock.h"
#include "deploy/doctor/connect.h"
#include "deploy/doctor/tls_probe.h"
#include "proto/coordinator.grpc.pb.h"

namespace drover {
namespace {

constexpr std::chrono::milliseconds kPatience{3000};  // of each step

// ---- It does not even connect.

std::string MendOf(const absl::Status& status, const AddressParts& at) {
  if (at.host.empty()) {
    return absl::IsPermissionDenied(status)
               ? absl::StrCat("sudo -u \"$(stat -c %U ", at.port, ")\" …  # as the run's user")
               : absl::StrCat("drover status  # does the run go on? Its processes make ", at.port);
  }
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return absl::StrCat("echo \"ADDRESS ", at.host, "\" >>/etc/hosts  # or into the DNS");
    case absl::StatusCode::kUnavailable:
      return absl::StrCat("ss -ltn 'sport = :", at.port, "'  # on ", at.host,
                          ": start who should be there with --listen 0.0.0.0:", at.port);
    case absl::StatusCode::kDeadlineExceeded:
      return absl::StrCat("iptables -I INPUT -p tcp --dport ", at.port, " -j ACCEPT  # on ",
                          at.host, ": a firewall drops it, or the host is down");
    default:
      return absl::StrCat("ip route get $(getent hosts ", at.host, " | cut -d' ' -f1)");
  }
}

// ---- It connects, but does not talk.

// The role's directory anew, and to where it goes.
std::string Issue(const std::string& role, const std::string& host) {
  return absl::StrCat("drover certs issue CERTS ", role,
                      "  # where the authority is; then copy CERTS/", role, "/* to ", host);
}

// What is wrong with a server's certificate; if nothing, it is the server that refuses ours.
Finding JudgeCertificates(const std::string& what, const std::string& shown,
                          const Credentials& ours, const std::string& host) {
  const absl::StatusOr<CertificateInfo> server = ReadCertificate(shown);
  const absl::StatusOr<CertificateInfo> authority = ReadCertificate(ours.authorities());
  const std::string its = server.ok() ? server->issuer : "";
  const std::string role = server.ok() ? server->name : "";
  const absl::Status status =
      CheckCertificate(shown, ours.authorities(), CertificateUse::kServer, absl::Now());
  if (absl::IsUnauthenticated(status)) {
    return Wrong(what,
                 absl::StrCat("its certificate is of another authority, \"", its,
                              "\"; here it is \"", authority.ok() ? authority->issuer : "", "\""),
                 Issue(role, host));
  }
  if (!status.ok()) {
    return Wrong(what, std::string(status.message()),
                 absl::StrCat(Issue(role, host), "; or its clock: ", SetClock()));
  }
  return Wrong(
      what,
      absl::StrCat("it refuses this certificate, of role ", ours.role(), "; its log says why"),
      Issue(ours.role(), "this host"));
}

// Why it is not there for gRPC.
Finding WhyNot(const std::string& what, const std::string& address, const AddressParts& at) {
  const std::string listener = absl::StrCat("ss -ltnp 'sport = :", at.port, "'  # on ", at.host);
  const absl::StatusOr<UniqueFd> connection = Connect(address, kPatience);
  const TlsProbe probe = connection.ok() ? ProbeTls(connection->get()) : TlsProbe();
  const std::string& shown = probe.certificates;
  const std::shared_ptr<const Credentials> ours = ProcessCredentials();
  if (!shown.empty() && !probe.grpc) {
    return Wrong(what, "who listens there speaks TLS, but as a page: it is no peer", listener);
  }
  if (ours == nullptr && !shown.empty()) {
    return Wrong(what, "it wants a certificate", "drover doctor --certs DIR …");
  }
  if (ours == nullptr) return Wrong(what, "who listens there is none of Drover's", listener);
  if (shown.empty()) {
    return Wrong(what, "who listens there speaks no TLS",
                 absl::StrCat(listener, ": start it with --certs, or do without here"));
  }
  return JudgeCertificates(what, shown, *ours, at.host);
}

// ---- It talks.

// OK also from those that do not know the call.
absl::Status Ask(const std::string& name, const std::string& address, PeerReport* report) {
  const auto stub = Coordinator::NewStub(MakeChannel(address, ChannelUse::kBulk));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  StatusReply reply;
  const absl::Time asked = absl::Now();
  const absl::Status status = FromGrpcStatus(stub->Status(&context, StatusRequest(), &reply));
  const absl::Time heard = absl::Now();
  if (absl::IsUnimplemented(status)) return absl::OkStatus();
  if (!status.ok()) return status;
  report->status = std::move(reply);
  if (const auto told = ToldTime(context)) {
    report->findings.push_back(CheckClockOf(name, asked, *told, heard));
  }
  return absl::OkStatus();
}

Finding Reach(const std::string& name, const std::string& address, PeerReport* report) {
  const std::string what = absl::StrCat(name, " at ", address);
  const AddressParts at = PartsOf(address);
  const absl::Status connected = Connect(address, kPatience).status();
  if (!connected.ok()) return Wrong(what, std::string(connected.message()), MendOf(connected, at));
  const absl::Status answered = Ask(name, address, report);
  if (answered.ok()) return Ok(what, "answers");
  if (absl::IsUnavailable(answered) && !at.host.empty()) return WhyNot(what, address, at);
  const std::string found(answered.message());
  if (absl::IsUnauthenticated(answered) || absl::IsPermissionDenied(answered)) {
    const auto ours = ProcessCredentials();
    return Wrong(what, found, Issue(ours == nullptr ? "ROLE" : ours->role(), "this host"));
  }
  if (absl::IsDeadlineExceeded(answered)) {
    return Wrong(
        what, "it takes connections and does not answer: it stands still",
        "drover down; drover up … --resume  # or, where somebody stopped it, kill -CONT PID");
  }
  return Wrong(what, found, "drover status");
}

}  // namespace

PeerReport CheckPeer(const std::string& name, const std::string& address) {
  PeerReport report;
  const Finding reach = Reach(name, address, &report);
  report.findings.insert(report.findings.begin(), reach);
  return report;
}

}  // namespace drover
