#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The dualpipe authors
#
# Prints how many lines of each file in src/ the tests have run, from what
# lies in the build tree that it is started in.

if ! command -v ${GCOV:=gcov} >/dev/null; then
	echo "coverage: no gcov" >&2
	exit 1
fi
find src -name '*.gcda' | while read -r data; do
	# GCOV may be two words (llvm-cov gcov)
	$GCOV -n -o "${data%/*}" "$data" 2>/dev/null
done | awk '
	/^File / {
		file = $0
		sub(/^File ./, "", file)
		sub(/.$/, "", file)
	}
	/^Lines executed:/ && file ~ /(^|\/)src\/[^\/]*(\/compat\/[^\/]*)?\.[ch]$/ {
		sub(/.*\/src\//, "src/", file)
		split($2, part, /[:%]/)
		share = part[2]
		# the same source may be in several objects: the best counts
		if (!(file in lines) || share * $4 > hit[file] * 100)
			hit[file] = share * $4 / 100
		lines[file] = $4
	}
	/^Lines executed:/ { file = "" }
	END {
		for (file in lines) {
			printf "%6.1f%% of %5d  %s\n", 100 * hit[file] / lines[file], lines[file], file | "sort -k4"
			h += hit[file]
			l += lines[file]
		}
		close("sort -k4")
		if (!l) {
			print "coverage: nothing was run" > "/dev/stderr"
			exit 1
		}
		printf "%6.1f%% of %5d  in all\n", 100 * h / l, l
	}'
