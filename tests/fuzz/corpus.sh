#!/bin/sh
# Run one fuzz target over its corpus, and say so in TAP.
#   tests/fuzz/corpus.sh TARGET FILE...
target=$1
shift
name=$(basename "$target")
if "$target" "$@"; then
	echo "ok - $name takes its corpus of $# files"
else
	echo "not ok - $name on its corpus"
	exit 1
fi
