#ifndef DROVER_TESTS_SUPPORT_CERTIFICATES_H_
#define DROVER_TESTS_SUPPORT_CERTIFICATES_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/support/program.h"

namespace drover {

// Certificates and tokens of all roles (docs/security.md) in a directory, which is made; as long as
// this lives each process that is started takes its own role's.
class Certificates {
 public:
  explicit Certificates(const std::string& directory) {
    for (const char* command : {"init", "issue"}) {
      const Finished made = RunProgram({Runfile("cli/drover"), "certs", command, directory});
      EXPECT_TRUE(made.exit.ok()) << made.err;
    }
    setenv(kVariable, directory.c_str(), 1);
  }
  ~Certificates() { unsetenv(kVariable); }
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

 private:
  static constexpr char kVariable[] = "DROVER_CERTS";
};

}  // namespace drover

#endif  // DROVER_TESTS_SUPPORT_CERTIFICATES_H_
