#include "learner/tensorboard.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "common/crc32c.h"
#include "common/file.h"
#include "proto/tensorboard.pb.h"

namespace drover {
namespace {

template <typename T>
T Take(std::string* bytes) {
  T value{};
  EXPECT_GE(bytes->size(), sizeof(T));
  std::memcpy(&value, bytes->data(), std::min(sizeof(T), bytes->size()));
  bytes->erase(0, sizeof(T));
  return value;
}

// Reads an event file as TensorBoard does, checksums included.
std::vector<TensorboardEvent> ReadEvents(const std::string& path) {
  std::string bytes = *ReadFile(path);
  std::vector<TensorboardEvent> events;
  while (!bytes.empty()) {
    const std::string head = bytes.substr(0, 8);
    const auto length = Take<uint64_t>(&bytes);
    EXPECT_EQ(Take<uint32_t>(&bytes), MaskedCrc32c(head));
    const std::string data = bytes.substr(0, length);
    bytes.erase(0, length);
    EXPECT_EQ(Take<uint32_t>(&bytes), MaskedCrc32c(data));
    TensorboardEvent event;
    EXPECT_TRUE(event.ParseFromString(data));
    events.push_back(event);
  }
  return events;
}

TEST(TensorboardWriter, WritesWhatTensorBoardReads) {
  const auto directory = TempDirectory::Make();
  auto writer = TensorboardWriter::Open(directory->path() + "/tensorboard");
  ASSERT_TRUE(writer.ok()) << writer.status();
  EXPECT_EQ(ReadEvents((*writer)->path()).size(), 1U);
  (*writer)->Add(7, {{"loss/policy", -0.5}, {"return", 0}});
  (*writer)->Add(9, {{"return", 1.5}});
  EXPECT_EQ(ReadEvents((*writer)->path()).size(), 1U);
  ASSERT_TRUE((*writer)->Flush().ok());

  const auto events = ReadEvents((*writer)->path());
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].file_version(), "brain.Event:2");
  EXPECT_EQ(events[1].step(), 7);
  EXPECT_GT(events[1].wall_time(), 1.6e9);
  ASSERT_EQ(events[1].summary().value_size(), 2);
  EXPECT_EQ(events[1].summary().value(0).tag(), "loss/policy");
  EXPECT_FLOAT_EQ(events[1].summary().value(0).simple_value(), -0.5F);
  EXPECT_EQ(events[1].summary().value(1).value_case(), TensorboardValue::kSimpleValue);  // a zero
  EXPECT_EQ(events[2].step(), 9);
}

// Field numbers and types are tensorflow's: written out by hand once.
TEST(TensorboardWriter, ItsMessageIsTensorflowsOnTheWire) {
  TensorboardEvent event;
  event.set_wall_time(1);
  event.set_step(2);
  TensorboardValue* value = event.mutable_summary()->add_value();
  value->set_tag("a");
  value->set_simple_value(0);
  const std::string expected(
      "\x09\x00\x00\x00\x00\x00\x00\xf0\x3f"  // wall_time = 1: double 1.0
      "\x10\x02"                              // step = 2: varint 2
      "\x2a\x0a\x0a\x08"                      // summary = 5 { value = 1 {
      "\x0a\x01\x61"                          // tag = 1: "a"
      "\x15\x00\x00\x00\x00",                 // simple_value = 2: float 0
      9 + 2 + 4 + 3 + 5);
  EXPECT_EQ(event.SerializeAsString(), expected);
}

TEST(TensorboardWriter, WritersShareADirectory) {
  const auto directory = TempDirectory::Make();
  auto first = TensorboardWriter::Open(directory->path());
  auto second = TensorboardWriter::Open(directory->path());
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE((*first)->path(), (*second)->path());
}

TEST(TensorboardWriter, SaysWhatIsWrong) {
  const auto directory = TempDirectory::Make();
  ASSERT_TRUE(WriteFile(directory->path() + "/file", "").ok());
  EXPECT_FALSE(TensorboardWriter::Open(directory->path() + "/file").ok());
}

}  // namespace
}  // namespace drover
