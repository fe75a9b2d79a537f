#include "learner/tensorboard.h"

#include <unistd.h>

#include <array>
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

absl::StatusOr<std::unique_ptr<TensorboardWriter>> TensorboardWriter::Open(
    const std::string& directory) {
  DROVER_RETURN_IF_ERROR(MakeDirectories(directory));
  // The digits after "tfevents." must be there; TensorBoard reads the files in their order.
  DROVER_ASSIGN_OR_RETURN(
      AppendFile file,
      AppendFile::Open(absl::StrCat(directory, "/events.out.tfevents.",
                                    absl::Dec(UnixMicros() / 1000000, absl::kZeroPad10), ".",
                                    HostName(), ".", getpid(), ".", UnixMicros() % 1000000)));
  std::unique_ptr<TensorboardWriter> writer(new TensorboardWriter(std::move(file)));
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
  absl::Status status = file_.Append(pending_);
  pending_.clear();
  return status;
}

}  // namespace drover
