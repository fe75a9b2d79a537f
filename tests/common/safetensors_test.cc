#include "common/safetensors.h"

#include <cstring>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/file.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

const std::vector<float> kFloats = {1, 2, 3, 4, 5, 6};
const std::vector<int64_t> kIntegers = {-1, std::numeric_limits<int64_t>::max()};

template <typename T>
absl::string_view BytesOf(const std::vector<T>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T)};
}

std::vector<NamedArray> Arrays() {
  return {{"bytes", DType::uint8, {3}, "abc"},
          {"policy/0/weight", DType::float32, {2, 3}, BytesOf(kFloats)},
          {"steps \"\u00e9\"", DType::int64, {2}, BytesOf(kIntegers)},
          {"empty", DType::float64, {0, 4}, ""},
          {"scalar", DType::int32, {}, absl::string_view("\7\0\0\0", 4)}};
}

// A file with any header.
std::string File(const std::string& header, const std::string& data) {
  const uint64_t size = header.size();
  std::string file(sizeof(size), '\0');
  std::memcpy(file.data(), &size, sizeof(size));
  return file + header + data;
}

std::string Error(const std::string& contents) {
  const absl::StatusOr<SafetensorsFile> file = SafetensorsFile::Parse(contents);
  EXPECT_EQ(file.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(file.status().message());
}

class SafetensorsTest : public ::testing::Test {
 protected:
  SafetensorsFile Written(const std::vector<NamedArray>& arrays,
                          const std::map<std::string, std::string>& metadata = {}) {
    EXPECT_EQ(WriteSafetensors(path_, arrays, metadata), absl::OkStatus());
    absl::StatusOr<SafetensorsFile> file = SafetensorsFile::Read(path_);
    EXPECT_TRUE(file.ok()) << file.status();
    return *std::move(file);
  }

  TempDirectory directory_ = *TempDirectory::Make();
  const std::string path_ = directory_.path() + "/weights.safetensors";
};

TEST_F(SafetensorsTest, RoundTrip) {
  SafetensorsFile written = Written(Arrays(), {{"version", "12"}, {"format", "pt"}});
  const SafetensorsFile file = std::move(written);
  EXPECT_EQ(file.arrays().size(), Arrays().size());
  for (const NamedArray& array : Arrays()) {
    const NamedArray* const found = file.Find(array.name);
    ASSERT_NE(found, nullptr) << array.name;
    EXPECT_EQ(found->dtype, array.dtype);
    EXPECT_EQ(found->shape, array.shape);
    EXPECT_EQ(found->data, array.data);
  }
  EXPECT_EQ(file.Find("other"), nullptr);
  EXPECT_EQ(file.metadata(),
            (std::map<std::string, std::string>{{"version", "12"}, {"format", "pt"}}));
}

TEST_F(SafetensorsTest, NothingAtAll) {
  const SafetensorsFile file = Written({});
  EXPECT_TRUE(file.arrays().empty());
  EXPECT_TRUE(file.metadata().empty());
}

TEST_F(SafetensorsTest, ArraysAreAlignedInTheFile) {
  Written(Arrays());
  const std::string bytes = *ReadFile(path_);
  for (const absl::string_view data : {BytesOf(kFloats), BytesOf(kIntegers)}) {
    const size_t offset = bytes.find(std::string(data));
    ASSERT_NE(offset, std::string::npos);
    EXPECT_EQ(offset % 8, 0U);
  }
}

// The format's own example of a header, byte for byte as other programs write it.
TEST_F(SafetensorsTest, ReadsWhatOthersWrite) {
  const absl::StatusOr<SafetensorsFile> file = SafetensorsFile::Parse(
      File(R"({"__metadata__":{"foo":"bar"},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]},)"
           R"("a":{"shape":[2],"dtype":"U8","data_offsets":[0,2]}}  )",
           std::string("xy\0\0\x80\x3f", 6)));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_EQ(file->arrays().size(), 2U);
  EXPECT_EQ(file->arrays()[0].name, "a");
  EXPECT_EQ(file->arrays()[0].data, "xy");
  EXPECT_EQ(file->arrays()[1].data.size(), 4U);
  EXPECT_EQ(file->metadata().at("foo"), "bar");
}

TEST_F(SafetensorsTest, ErrorsOfReadNameTheFile) {
  ASSERT_EQ(WriteFile(path_, "short"), absl::OkStatus());
  EXPECT_EQ(SafetensorsFile::Read(path_).status(),
            absl::InvalidArgumentError(
                path_ + ": no valid safetensors file: shorter than its header's size"));
  EXPECT_EQ(SafetensorsFile::Read(path_ + "x").status().code(), absl::StatusCode::kNotFound);
}

// One array "a" of the given JSON fields, over 8 bytes.
std::string Array(const std::string& fields) {
  return File("{\"a\":{" + fields + "}}", std::string(8, 'x'));
}

TEST(SafetensorsParseTest, TheBaseOfTheNextTestsIsValid) {
  EXPECT_TRUE(
      SafetensorsFile::Parse(Array(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])")).ok());
}

TEST(SafetensorsParseTest, RefusesMalformedFiles) {
  const std::string ok_header = R"({"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}})";
  const std::vector<std::string> malformed = {
      "",
      "1234567",
      std::string("\x40\0\0\0\0\0\0\0{}", 10),  // header cut off
      std::string(8, '\xff') + "{}",            // header of 2^64-1 bytes
      File("", ""),
      File("{", ""),
      File("[]", ""),
      File("null", ""),
      File("{}", "x"),                       // bytes of no array
      File(ok_header, std::string(7, 'x')),  // too few
      File(ok_header, std::string(9, 'x')),  // too many
      File("\xff\xfe", ""),
      File(std::string(1000000, '['), ""),  // deep
      File("{\"a\":" + std::string(100000, '{'), ""),
      File(R"({"__metadata__":{"a":1}})", ""),
      File(R"({"__metadata__":[]})", ""),
      File(R"({"a":3})", ""),
      File(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
           R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
           ""),
      Array(R"("dtype":"F32","shape":[2])"),
      Array(R"("dtype":"F32","data_offsets":[0,8])"),
      Array(R"("shape":[2],"data_offsets":[0,8])"),
      Array(R"("dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1)"),
      Array(R"("dtype":"F99","shape":[2],"data_offsets":[0,8])"),
      Array(R"("dtype":3,"shape":[2],"data_offsets":[0,8])"),
      Array(R"("dtype":"F32","shape":2,"data_offsets":[0,8])"),
      Array(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])"),
      Array(R"("dtype":"F32","shape":[1],"data_offsets":[0,8])"),
      Array(R"("dtype":"F32","shape":[-2],"data_offsets":[0,8])"),
      Array(R"("dtype":"F32","shape":[2.0],"data_offsets":[0,8])"),
      Array(R"("dtype":"F32","shape":["2"],"data_offsets":[0,8])"),
      Array(R"("dtype":"F32","shape":[4611686018427387904,2],"data_offsets":[0,8])"),
      Array(R"("dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8])"),
      Array(R"("dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8])"),
      Array(R"("dtype":"F32","shape":[2],"data_offsets":[0])"),
      Array(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])"),
      Array(R"("dtype":"F32","shape":[2],"data_offsets":[1,9])"),
      Array(R"("dtype":"F32","shape":[2],"data_offsets":[-8,0])"),
      Array(
          R"("dtype":"F32","shape":[2],"data_offsets":[9223372036854775799,9223372036854775807])"),
      Array(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])"),
      Array(R"("dtype":"F32","shape":[2],"data_offsets":[0,8],"dtype":"I32")"),
  };
  for (size_t i = 0; i < malformed.size(); ++i) {
    EXPECT_NE(Error(malformed[i]), "") << i;
  }
}

// Before a hostile header has cost as much memory as it can ask for.
TEST(SafetensorsParseTest, RefusesDepthAtOnce) {
  const std::string deep = std::string(4, '[') + std::string(4, ']');
  EXPECT_EQ(Error(File("{\"a\":" + deep + "}", "")),
            "no valid safetensors file: its header has a name twice, or is nested too deep");
}

TEST(SafetensorsParseTest, RefusesOverlapsAndGaps) {
  const auto two = [](const std::string& first, const std::string& second, size_t bytes) {
    return File(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + first +
                    R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + second + "}}",
                std::string(bytes, 'x'));
  };
  EXPECT_TRUE(SafetensorsFile::Parse(two("[0,4]", "[4,8]", 8)).ok());
  EXPECT_TRUE(SafetensorsFile::Parse(two("[4,8]", "[0,4]", 8)).ok());
  EXPECT_EQ(Error(two("[0,4]", "[2,6]", 6)),
            "no valid safetensors file: array \"b\": a gap or overlap before it");
  EXPECT_EQ(Error(two("[0,4]", "[0,4]", 4)),
            "no valid safetensors file: array \"b\": a gap or overlap before it");
  EXPECT_EQ(Error(two("[0,4]", "[5,9]", 9)),
            "no valid safetensors file: array \"b\": a gap or overlap before it");
}

// Every file that differs from a good one in one byte, or is cut off, is refused or valid.
TEST_F(SafetensorsTest, SurvivesDamage) {
  Written(Arrays(), {{"k", "v"}});
  const std::string good = *ReadFile(path_);
  for (size_t i = 0; i < good.size(); ++i) {
    EXPECT_FALSE(SafetensorsFile::Parse(good.substr(0, i)).ok()) << i;
    for (const char replacement : {'\0', '9', '"', '}', '\xff'}) {
      std::string damaged = good;
      damaged[i] = replacement;
      const absl::StatusOr<SafetensorsFile> file = SafetensorsFile::Parse(damaged);
      if (!file.ok()) continue;
      for (const NamedArray& array : file->arrays()) EXPECT_LE(array.data.size(), good.size());
    }
  }
}

}  // namespace
}  // namespace drover
