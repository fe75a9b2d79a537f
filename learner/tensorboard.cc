#include "learner/tensorboard.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/crc32c.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "proto/tensorboard.pb.h"

namespace drover {
namespace {

template <typename T>
std::string LittleEndian(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

std::string Frame(const TensorboardEvent& event) {
  const std::string data = event.SerializeAsString();
  const std::string length = LittleEndian<uint64_t>(data.size());
  return absl::StrCat(length, LittleEndian(MaskedCrc32c(length)), data,
                      LittleEndian(MaskedCrc32c(data)));
}

TensorboardEvent EventOfNow() {
  TensorboardEvent event;
  event.set_wall_time(static_cast<double>(UnixMicros()) * 1e-6);
  return event;
}

std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "host";
  return name.data();
}

}  // namespace

TensorboardWriter::TensorboardWriter(std::string path)
    : path_(std::move(path)), file_(path_, std::ios::binary | std::ios::app) {}

absl::StatusOr<std::unique_ptr<TensorboardWriter>> TensorboardWriter::Open(
    const std::string& directory) {
  DROVER_RETURN_IF_ERROR(MakeDirectories(directory));
  // The digits after "tfevents." must be there; TensorBoard reads the files in their order.
  std::unique_ptr<TensorboardWriter> writer(new TensorboardWriter(absl::StrCat(
      directory, "/events.out.tfevents.", absl::Dec(UnixMicros() / 1000000, absl::kZeroPad10), ".",
      HostName(), ".", getpid(), ".", UnixMicros() % 1000000)));
  if (!writer->file_) return FileError(errno, "open", writer->path_);
  TensorboardEvent version = EventOfNow();
  version.set_file_version("brain.Event:2");
  writer->pending_ = Frame(version);
  DROVER_RETURN_IF_ERROR(writer->Flush());
  return writer;
}

void TensorboardWriter::Add(int64_t step, const std::map<std::string, double>& values) {
  TensorboardEvent event = EventOfNow();
  event.set_step(step);
  for (const auto& [tag, value] : values) {
    TensorboardValue* point = event.mutable_summary()->add_value();
    point->set_tag(tag);
    point->set_simple_value(static_cast<float>(value));
  }
  pending_ += Frame(event);
}

absl::Status TensorboardWriter::Flush() {
  file_.clear();
  errno = 0;
  file_.write(pending_.data(), static_cast<std::streamsize>(pending_.size()));
  pending_.clear();
  file_.flush();
  if (!file_) return FileError(errno, "write", path_);
  return absl::OkStatus();
}

}  // namespace drover
