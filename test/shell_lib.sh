# What the shell tests share: read by them, not run. JWTD names the binary. A test works in a folder of its own, which
# goes away with it, and counts what it checks.
# shellcheck shell=sh
JWTD=$(cd "$(dirname "$JWTD")" && pwd)/$(basename "$JWTD")
# How it is run and was built, from our caller: jwtd itself would wonder about such variables.
# shellcheck disable=SC2034
under=${JWTD_UNDER-} dynamic=${JWTD_DYNAMIC-}
unset JWTD_UNDER JWTD_DYNAMIC
test=$0 tests=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d) || exit 2
cd "$dir" || exit 2
passed=0 failed=0 skipped=0
server='' input=/dev/null

finish() {
	[ -n "$server" ] && kill "$server" 2>/dev/null && kill -CONT "$server"
	cd / && rm -rf "$dir"
}
trap finish EXIT

# check WHAT: counts the status of the command before it, as it stands in $status. All that stderr said is
# kept in `all_err`.
check() {
	cat err >>all_err 2>/dev/null
	if [ "$status" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $test: $1"
		sed 's/^/  /' out err 2>/dev/null
	fi
}

# holds WHAT COMMAND...: the command succeeds.
holds() {
	what=$1
	shift
	"$@"
	status=$?
	check "$what"
}

# skip WHAT: counts and names what can't be tested here.
skip() {
	skipped=$((skipped + 1))
	echo "skipped: $1"
}

# fails STATUS WHAT PATTERN ARGUMENTS...: this exit status, one line on stderr that matches, nothing on stdout.
# Standard input is what $input names.
fails() {
	want=$1 what=$2 pattern=$3
	shift 3
	"$JWTD" "$@" >out 2>err <"$input"
	[ $? = "$want" ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ] && grep -q "^jwtd: .*$pattern" err
	status=$?
	check "$what"
}

# refuses WHAT PATTERN ARGUMENTS...: it's a mistake.
refuses() {
	fails 2 "$@"
}

# starts ARGUMENTS...: serves in the background; $address is where.
starts() {
	: >log
	"$JWTD" "$@" 2>log >/dev/null &
	server=$!
	tries=0
	until grep -q 'ready (' log || [ $tries = 100 ] || ! kill -0 "$server" 2>/dev/null; do
		tries=$((tries + 1))
		sleep 0.05
	done
	address=$(sed -n 's/^jwtd: listening on //p; s/.*"message":"listening on \(.*\)"}$/\1/p' log | head -n 1)
	[ -n "$address" ]
	status=$?
	cp log err
	check "starts with $*"
}

# stops: SIGTERM ends it with status 0 and a word.
stops() {
	kill "$server"
	wait "$server" && grep -q '^jwtd: stopped$\|,"message":"stopped"}$' log
	status=$?
	cp log err
	server=
	check "stops at SIGTERM"
}

# sum_up: the last line of a test, and its status.
sum_up() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
}
