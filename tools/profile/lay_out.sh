#!/bin/sh
# lay_out.sh BOLT BINARY PROFILE: orders the code of BINARY, which was linked with --emit-relocs, by PROFILE. BINARY.linked
# stays as it was. Never fails: what cannot be laid out runs as well as it is linked.
bolt=$1 binary=$2 profile=$3
cp -f "$binary" "$binary.linked"
[ -e "$profile" ] || exit 0
if xz -dc "$profile" >"$binary.fdata" &&
  "$bolt" "$binary.linked" -o "$binary.laid" -data="$binary.fdata" -reorder-blocks=ext-tsp -reorder-functions=cdsort \
    -split-functions -split-all-cold -split-eh -dyno-stats=0 >"$binary.bolt.log" 2>&1; then
  mv -f "$binary.laid" "$binary"
else
  echo "lay_out.sh: $binary stays as it was linked ($binary.bolt.log)" >&2
fi
rm -f "$binary.fdata" "$binary.laid"
exit 0
