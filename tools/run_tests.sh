#!/usr/bin/env bash
# Every test, sanitizer and check there is; `./drover test` sets up and calls it.
# Each phase runs, whatever came before. The last line counts: a test target in each
# configuration it runs in, the format check and clang-tidy each as one. A test that this
# machine cannot run says so in its log ("DROVER-SKIPPED: why"): it is told before the last
# line, and counts as neither passed nor failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
trap 'exit 130' INT TERM

passed=0
failed=0
skipped=()

# phase WHAT: with the minutes since the start.
phase() { printf '== %d:%02d %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"; }

# Runs Bazel as a log likes it: a line of progress now and then.
run_bazel() {
  bazel "$@" --keep_going --curses=no --color=no --show_progress_rate_limit=30 --show_result=0 2>&1 |
    grep --line-buffered -vE '^(INFO|Loading|Analyzing|DEBUG|Executed|There were tests)|^$|Cannot export local symbol'
  return "${PIPESTATUS[0]}"
}

# note_skipped LOGS TARGET: whether it was, by its log in the folder LOGS; if so, remembers why.
note_skipped() {
  local name=${2#//} why
  why=$(grep -rhom 1 --include=test.log '^DROVER-SKIPPED: .*' "$1/${name/:/\/}" | head -n 1)
  [ -n "$why" ] && skipped+=("$2: ${why#DROVER-SKIPPED: }")
}

run_tests() {
  local log logs status bad target
  log=$(mktemp)
  run_bazel test --test_summary=short "$@" //... | tee "$log"
  status=${PIPESTATUS[0]}
  logs=$(bazel info "$@" bazel-testlogs 2>/dev/null)
  while read -r target _; do
    note_skipped "$logs" "$target" || passed=$((passed + 1))
  done < <(grep -E '^//[^ ]+ +PASSED' "$log")
  bad=$(grep -cE '^//[^ ]+ +(FAILED|TIMEOUT|FLAKY|NO STATUS|INCOMPLETE)' "$log")
  rm -f "$log"
  # What is no test and does not build counts once.
  if [ "$status" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
  failed=$((failed + bad))
}

check() {
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

check_format() { git ls-files -z '*.h' '*.cc' | xargs -0 clang-format --dry-run --Werror; }

check_tidy() {
  local folder forgotten=0 runs
  for folder in $(git ls-files '*.cc' ':!third_party' | xargs -n 1 dirname | sort -u); do
    if [ "$(tail -n 1 "$folder/BUILD")" != "clang_tidy()" ]; then
      echo "$folder/BUILD: its last line is not clang_tidy()"
      forgotten=1
    fi
  done
  mapfile -t runs < <(bazel query --noshow_progress 'kind(clang_tidy_run, //...)')
  [ ${#runs[@]} -gt 0 ] && run_bazel build "${runs[@]}" && [ "$forgotten" = 0 ]
}

# What runs under both sanitizers is not built and run a third time, except where the compiler's
# optimisation could change results; nor is what is "sanitized" (tests/support/cc_test.bzl).
phase "tests of processes, of what links LibTorch, and of arithmetic"
run_tests --build_tests_only --test_tag_filters=torch,no-sanitizer,numeric,-sanitized
phase "tests with AddressSanitizer and UndefinedBehaviorSanitizer"
run_tests --config=asan
phase "tests with ThreadSanitizer"
run_tests --config=tsan
phase "format"
check check_format
phase "clang-tidy"
check check_tidy

for line in ${skipped[@]+"${skipped[@]}"}; do printf '== skipped: %s\n' "$line"; done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
