#!/usr/bin/env bash
# Every test, sanitizer and check there is; ./drover test sets up and calls it.
# Each phase runs, whatever came before; the last line counts targets.
set -uo pipefail
cd "$(dirname "$0")/.."

passed=0
failed=0

count() { if [ "$1" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi; }

# Runs bazel test and counts its targets; what does not even build counts once.
bazel_test() {
  local title="$1" log ok bad
  shift
  echo "== $title"
  log=$(mktemp)
  bazel test -k --noshow_progress --test_summary=short "$@" 2>&1 | tee "$log" |
    grep -vE '^(INFO|Loading|Analyzing|Target |  bazel-bin|There were tests)' || true
  ok=$(grep -cE '^//[^ ]+ +(\(cached\) )?PASSED' "$log")
  bad=$(grep -cE '^//[^ ]+ +(\(cached\) )?(FAILED|TIMEOUT|FLAKY|NO STATUS)' "$log")
  if [ "$bad" = 0 ] && grep -qE '^(ERROR|FAILED):' "$log"; then bad=1; fi
  if [ "$ok" = 0 ] && [ "$bad" = 0 ]; then bad=1; fi
  passed=$((passed + ok))
  failed=$((failed + bad))
  rm -f "$log"
}

check_format() {
  echo "== format"
  git ls-files -z '*.h' '*.cc' | xargs -0 clang-format --dry-run --Werror
  count $?
}

check_tidy() {
  echo "== clang-tidy"
  bazel build -k --noshow_progress --aspects tools/clang_tidy.bzl%clang_tidy \
    --output_groups=tidy //... 2>&1 | grep -vE '^(INFO|Loading|Analyzing|Aspect|Target |  bazel-bin)'
  count "${PIPESTATUS[0]}"
}

bazel_test "tests" //...
bazel_test "AddressSanitizer and UndefinedBehaviorSanitizer" --config=asan //...
bazel_test "ThreadSanitizer" --config=tsan //...
check_format
check_tidy

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
