#include "tests/fuzz/mutate.h"

#include <array>
#include <cctype>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "tests/fuzz/steps.h"

namespace drover::fuzz {
namespace {

size_t Below(size_t bound, Random* random) { return bound == 0 ? 0 : (*random)() % bound; }

bool ReadVarint(absl::string_view* bytes, uint64_t* value) {
  *value = 0;
  for (int shift = 0; shift < 64 && !bytes->empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes->front());
    bytes->remove_prefix(1);
    *value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

std::string Varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes += static_cast<char>(value);
}

struct Field {
  uint64_t tag;
  uint64_t number;          // of wire type 0
  absl::string_view bytes;  // of the others
};

constexpr uint64_t kVarint = 0;
constexpr uint64_t kLengthDelimited = 2;

// False: these bytes are no message.
bool ReadFields(absl::string_view bytes, std::vector<Field>* fields) {
  while (!bytes.empty()) {
    Field field{};
    if (!ReadVarint(&bytes, &field.tag) || field.tag < 8) return false;
    size_t length = 0;
    switch (field.tag % 8) {
      case kVarint:
        if (!ReadVarint(&bytes, &field.number)) return false;
        break;
      case 1:
        length = 8;
        break;
      case kLengthDelimited:
        if (!ReadVarint(&bytes, &length)) return false;
        break;
      case 5:
        length = 4;
        break;
      default:
        return false;
    }
    if (length > bytes.size()) return false;
    field.bytes = bytes.substr(0, length);
    bytes.remove_prefix(length);
    fields->push_back(field);
  }
  return true;
}

uint64_t AnyNumber(uint64_t now, Random* random) {
  switch (Below(5, random)) {
    case 0:
      return now + 1;
    case 1:
      return now - 1;
    case 2:
      return std::numeric_limits<uint64_t>::max() >> Below(64, random);
    case 3:
      return uint64_t{1} << Below(64, random);
    default:
      return Below(8, random);
  }
}

std::string AnyBytes(absl::string_view now, Random* random) {
  std::string bytes(now);
  if (bytes.empty()) return bytes;
  char& byte = bytes[Below(bytes.size(), random)];
  switch (Below(4, random)) {
    case 0:
      byte = static_cast<char>((*random)());
      break;
    case 1:
      ++byte;
      break;
    case 2:
      --byte;
      break;
    default:
      bytes.resize(Below(2 * bytes.size(), random), '\x01');
  }
  return bytes;
}

std::string Encode(const Field& field, bool change, Random* random) {
  const std::string tag = Varint(field.tag);
  if (field.tag % 8 == kVarint) {
    return tag + Varint(change ? AnyNumber(field.number, random) : field.number);
  }
  std::string bytes(field.bytes);
  if (field.tag % 8 != kLengthDelimited) {
    if (change) bytes[Below(bytes.size(), random)] = static_cast<char>((*random)());
    return tag + bytes;
  }
  std::vector<Field> inner;
  if (change) {
    const bool message = !bytes.empty() && ReadFields(field.bytes, &inner);
    bytes = message ? MutateMessage(field.bytes, random) : AnyBytes(field.bytes, random);
  }
  return tag + Varint(bytes.size()) + bytes;
}

constexpr std::array<const char*, 7> kValues = {"null", "true", "\"x\"", "[]", "{}", "-1", "0.5"};
constexpr absl::string_view kSigns = "{}[]:,.=-\"";

// 0: a sign, which stands for itself; else of what makes up words, or the space between them.
int KindOf(char character) {
  const auto byte = static_cast<unsigned char>(character);
  if (std::isspace(byte) != 0) return 1;
  return std::isalnum(byte) != 0 ? 2 : 0;
}

}  // namespace

std::string MutateMessage(absl::string_view message, Random* random) {
  std::vector<Field> fields;
  if (!ReadFields(message, &fields) || fields.empty()) return AnyBytes(message, random);
  const size_t chosen = Below(fields.size(), random);
  const size_t action = Below(6, random);  // 0: drop, 1: repeat, else change
  std::string mutated;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i == chosen && action == 0) continue;
    mutated += Encode(fields[i], i == chosen && action > 1, random);
    if (i == chosen && action == 1) mutated += Encode(fields[i], false, random);
  }
  return mutated;
}

std::string MutateText(absl::string_view text, Random* random) {
  std::vector<size_t> bounds;
  for (size_t i = 0; i <= text.size(); ++i) {
    const bool inside = i > 0 && i < text.size() && KindOf(text[i - 1]) != 0 &&
                        KindOf(text[i - 1]) == KindOf(text[i]);
    if (!inside) bounds.push_back(i);
  }
  const size_t first = Below(bounds.size(), random);
  const size_t last = std::min(first + 1 + Below(8, random), bounds.size() - 1);
  const absl::string_view part = text.substr(bounds[first], bounds[last] - bounds[first]);
  std::string mutated(text);
  switch (Below(5, random)) {
    case 0:  // drop
      return mutated.erase(bounds[first], part.size());
    case 1:  // repeat somewhere
      return mutated.insert(bounds[Below(bounds.size(), random)], std::string(part));
    case 2:  // another number
      return mutated.replace(bounds[first], part.size(), std::to_string(AnyNumber(1, random)));
    case 3:  // a value of another kind
      return mutated.replace(bounds[first], part.size(), kValues[Below(kValues.size(), random)]);
    default:  // a sign
      return mutated.insert(bounds[first], 1, kSigns[Below(kSigns.size(), random)]);
  }
}

std::string MutateSteps(absl::string_view input, Random* random, const Mutator& mutate) {
  std::vector<std::string> steps;
  std::vector<Step> decoded;
  for (Step step{}; NextStep(&input, &step);) {
    decoded.push_back(step);
    steps.push_back(EncodeStep(step.what, step.bytes));
  }
  if (steps.empty()) return "";
  const size_t chosen = Below(steps.size(), random);
  const size_t other = Below(steps.size(), random);
  switch (Below(8, random)) {
    case 0:
      steps.erase(steps.begin() + static_cast<ptrdiff_t>(chosen));
      break;
    case 1:
      steps.insert(steps.begin() + static_cast<ptrdiff_t>(other), std::string(steps[chosen]));
      break;
    case 2:
      std::swap(steps[chosen], steps[other]);
      break;
    default:
      steps[chosen] = EncodeStep(decoded[chosen].what, mutate(decoded[chosen].bytes, random));
  }
  std::string mutated;
  for (const std::string& step : steps) mutated += step;
  return mutated;
}

}  // namespace drover::fuzz
