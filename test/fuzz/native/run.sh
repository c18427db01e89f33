#!/bin/sh
# Fuzzes the addon's C++ under libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer (clang, which is installed when it is
# missing). Each fuzzer gets an equal part of the time; what they learn stays in .cache/fuzz-native/corpus, and the next run goes on from
# there. An input that fails is kept in .cache/fuzz-native/findings; .cache/fuzz-native/FUZZER FILE tries it again. Ends with `N passed, N failed`.
# An input may take 10 s: the sanitizers slow these parts down five times or more.
# Usage: npm run test:fuzz:native -- [--minutes N] [FUZZER…]      (default: 1 minute, all fuzzers)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
build=$top/.cache/fuzz-native

minutes=1
if [ "${1:-}" = --minutes ]; then
  minutes=${2:-}
  shift 2 || shift
fi
case $minutes in
  '' | *[!0-9]* | 0*) echo "run.sh: --minutes takes a whole number from 1 on, received '$minutes'" >&2 && exit 64 ;;
esac

sh "$top/scripts/apt-install.sh" clang libclang-rt-dev make python3
make --silent --jobs=2 --directory="$here"
python3 "$here/seeds.py" "$build/seeds"
[ $# -gt 0 ] || set -- letterbox rgb motion decode nms detector

arch=$(node -p process.arch)
ONNXRUNTIME_LIB=$(find "$top/node_modules/onnxruntime-node/bin" -path "*/linux/$arch/libonnxruntime.so*" | head -n 1)
export ONNXRUNTIME_LIB
# ONNX Runtime keeps some of its memory until the process ends.
export ASAN_OPTIONS=detect_leaks=0

seconds=$((minutes * 60 / $#)) passed=0 failed=0
mkdir -p "$build/findings"
for fuzzer in "$@"; do
  mkdir -p "$build/corpus/$fuzzer"
  log=$build/$fuzzer.log
  if "$build/$fuzzer" -seed=1 -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="$build/findings/$fuzzer-" "$build/corpus/$fuzzer" "$build/seeds" >"$log" 2>&1; then
    passed=$((passed + 1)) mark=ok
  else
    failed=$((failed + 1)) mark='not ok'
    grep -E 'ERROR|SUMMARY|runtime error|^ +#[0-9]+ .*/native/|Test unit written' "$log" | cut -c 1-200 | head -n 20
  fi
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
  echo "$mark - $fuzzer: ${runs:-?} inputs in $seconds s, ${coverage:-?} edges covered"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
