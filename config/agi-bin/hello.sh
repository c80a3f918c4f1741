#!/bin/sh
# A local AGI script: AGI(hello.sh). Reads what it is told, says hello.
while read -r line && [ -n "$line" ]; do :; done
echo 'STREAM FILE hello-world "#"'
read -r answer
echo "VERBOSE \"hello.sh: $answer\" 1"
read -r answer
