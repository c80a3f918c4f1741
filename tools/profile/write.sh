#!/bin/sh
# write.sh BINARY PROFILE: counts what calls run in BINARY.linked (see lay_out.sh), and writes it to PROFILE.
set -eu
binary=$1 profile=$2
# Debian's BOLT looks for its library from /usr/lib.
llvm-bolt-19 "$binary.linked" -o "$binary.counting" -instrument -instrumentation-file="$binary.counts" \
  -runtime-instrumentation-lib=llvm-19/lib/libbolt_rt_instr.a >"$binary.bolt.log" 2>&1
ASTERISM=$binary.counting /usr/bin/python3 "$(dirname "$0")/train.py"
xz -9 -c "$binary.counts" >"$profile"
rm -f "$binary.counting" "$binary.counts"
echo "$profile: $(stat -c %s "$profile") bytes"
