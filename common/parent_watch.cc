#include "common/parent_watch.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace drover {
namespace {

bool ParentIsDead(int pipe) {
  char byte = 0;
  const ssize_t got = read(pipe, &byte, 1);
  return got == 0 || (got < 0 && errno != EINTR);
}

}  // namespace

std::unique_ptr<ParentWatch> ParentWatch::Start(std::function<void()> on_death) {
  if (std::getenv(kParentPipeVariable) == nullptr) return nullptr;
  // Neither the pipe nor its mark is for this process's children; they get their own.
  unsetenv(kParentPipeVariable);
  if (fcntl(kParentPipeFd, F_SETFD, FD_CLOEXEC) != 0) return nullptr;
  return std::unique_ptr<ParentWatch>(new ParentWatch(std::move(on_death)));
}

ParentWatch::ParentWatch(std::function<void()> on_death)
    : watch_(UniqueFd(kParentPipeFd), [on_death = std::move(on_death)](int pipe) {
        if (!ParentIsDead(pipe)) return true;
        on_death();
        return false;
      }) {}

}  // namespace drover
