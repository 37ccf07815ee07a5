#!/bin/sh
# Clients as their operator meets them: jwtd client, check, the start, a reload. JWTD names the binary. What needs script,
# strace, root or sha512sum is skipped by name where that is missing.
set -u
# shellcheck source=test/shell_lib.sh
. "$(dirname "$0")/shell_lib.sh"
unset NO_COLOR CREDENTIALS_DIRECTORY LISTEN_PID LISTEN_FDS
umask 077

"$JWTD" keygen key && "$JWTD" keygen --jwk --kid k2 k2.jwk || exit 2
digest=1f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f5302860c652bf08d560252aa5e74210546f369fbbbce8c12cfc7957b2652fe9a75

# A secret file's digest, without its newline.
digest_of() {
	tr -d '\n' <"$1" | sha512sum | cut -d' ' -f1
}

# makes ENTRY ARGUMENTS...: a client whose entry is this, DIGEST being that of the secret in the file `s`, which is new.
makes() {
	entry=$1
	shift
	rm -f s
	"$JWTD" client --secret-file s "$@" >out 2>err && [ ! -s err ] && [ "$(wc -c <s)" = 44 ] && [ -n "$(find s -perm 0600)" ] &&
		grep -qx '[A-Za-z0-9_-]\{43\}' s && cat s >>secrets && printf '%s\n' "$entry" | sed "s/DIGEST/$(digest_of s)/" | cmp -s - out
}

differ() {
	! cmp -s "$1" "$2"
}

# gone FILE...: none of them is there.
gone() {
	for file; do
		[ ! -e "$file" ] || return 1
	done
}

# still FILE: it is what it was, with nothing beside it, and there is no secret.
still() {
	cmp -s "$1" before && [ ! -e "$1.new" ] && [ ! -e never ]
}

# keeps WHAT PATTERN FILE ARGUMENTS...: no client is made, and the file stays.
keeps() {
	what=$1 pattern=$2 file=$3
	shift 3
	cp "$file" before
	refuses "$what" "$pattern" client --file "$file" --secret-file never "$@"
	holds "$what: nothing has changed" still "$file"
}

if ! command -v sha512sum >/dev/null; then
	skip "all of it (needs sha512sum)"
	sum_up
	exit
fi

# client

holds "client" makes '{"client_id":"ci","secret_sha512":"DIGEST"}' ci
holds "client of any characters" makes '{"client_id":"A-z_0.9~","secret_sha512":"DIGEST"}' A-z_0.9~
holds "client with a scope" makes '{"client_id":"a","secret_sha512":"DIGEST","scope":"r w"}' a --scope 'r w'
holds "client with an audience" makes '{"client_id":"a","secret_sha512":"DIGEST","aud":"x y"}' --audience 'x y' a
holds "client with two" makes '{"client_id":"a","secret_sha512":"DIGEST","scope":"r","aud":["x\"","y"]}' a --scope r --audience 'x"' --audience y
cp s one
quiet_environment() {
	JWTD_AUDIENCE=z JWTD_SCOPE=z "$JWTD" client a --secret-file two >out 2>err && ! grep -q '"z"' out
}
holds "client asks the environment for nothing" quiet_environment
holds "secrets differ" differ one two
id="a client's ID has 1 to 64 of A-Z a-z 0-9 - _ . ~; 'jwtd help client' shows how to make one$"
refuses "client without a name" "$id" client --secret-file never
for name in '' 'a b' 'a/b' 'a"' ä "$(printf '%065d' 0)"; do
	refuses "client '$name'" "$id" client --secret-file never "$name"
done
refuses "two clients" "unexpected argument b" client a b
refuses "no terminal" "give --secret-file NEW: standard error is no terminal that could show the secret$" client a
refuses "a scope with two spaces" "the new entry: line 2, byte [0-9]*, client a: scope takes words" client a --secret-file never --scope 'a  b'
refuses "an audience that is not UTF-8" "the new entry: line 2, byte [0-9]*, client 1 of the list: malformed JSON: not UTF-8$" client a \
	--secret-file never --audience "$(printf '\377')"
refuses "a scope that is too long" "the new entry: .*: its token could be larger than 12,288 bytes" client a --secret-file never \
	--scope "$(printf '%09300d' 0)"
refuses "a scope beyond all" "scope and audiences are too large for a token$" client a --secret-file never --scope "$(printf '%066000d' 0)"
refuses "a secret over a file" "one: it exists already and is left as it is$" client a --secret-file one
refuses "a secret nowhere" "nowhere/s: No such file or directory$" client a --secret-file nowhere/s
refuses "a key for client" "--key-file is not an option of client" client a --key-file key
holds "none of these made a secret" gone never

# client --file

holds "a new file" makes '{"client_id":"a","secret_sha512":"DIGEST"}' a --file new.json
new_file() {
	printf '{"clients": [\n  {"client_id": "a", "secret_sha512": "%s"}\n]}\n' "$(digest_of s)" | cmp -s - new.json && [ -n "$(find new.json -perm 0600)" ]
}
holds "it is as it should be" new_file
holds "one more" makes '{"client_id":"b","secret_sha512":"DIGEST","scope":"r"}' b --scope r --file new.json
one_more() {
	[ "$(wc -l <new.json)" = 4 ] && [ "$(sed -n 3p new.json)" = \
		"  {\"client_id\": \"b\", \"secret_sha512\": \"$(digest_of s)\", \"scope\": \"r\"}" ] && [ "$(sed -n 2p new.json | tail -c 3)" = '},' ]
}
holds "it stands behind the first" one_more
printf '\n {\t"clients"\n:[ {"client_id":"a","secret_sha512":"%s" } \n\n ] \n}\n\n' $digest >odd.json
chmod 640 odd.json
holds "a file of another form" makes '{"client_id":"b","secret_sha512":"DIGEST"}' b --file odd.json
odd() {
	printf '\n {\t"clients"\n:[ {"client_id":"a","secret_sha512":"%s" },\n  {"client_id": "b", "secret_sha512": "%s"}\n] \n}\n\n' \
		$digest "$(digest_of s)" | cmp -s - odd.json && [ -n "$(find odd.json -perm 0640)" ]
}
holds "keeps its form and its mode" odd
printf '{"clients":[]}' >short.json
holds "an empty list" makes '{"client_id":"b","secret_sha512":"DIGEST"}' b --file short.json
holds "is one no more" [ "$(tr -d '\n' <short.json)" = "{\"clients\":[  {\"client_id\": \"b\", \"secret_sha512\": \"$(digest_of s)\"}]}" ]
keeps "a client that is there" "clients file new.json: it has a client b already$" new.json b
printf '{"clients":[{"client_id":"a"}]}' >bad.json
keeps "a file with a mistake" "clients file bad.json: line 1, byte 12, client a: a client needs client_id and secret_sha512$" bad.json b
keeps "an entry with a mistake" "the new entry: line 4, byte [0-9]*, client c: scope takes words" new.json c --scope 'a a'

# many N FILE: so many clients, c1 and so on.
many() {
	seq "$1" | sed "s/.*/{\"client_id\": \"c&\", \"secret_sha512\": \"$digest\"},/; \$s/,\$/]}/; 1s/^/{\"clients\": [\\n/" >"$2"
}
many 1023 many.json
holds "the 1,024th" makes '{"client_id":"last","secret_sha512":"DIGEST"}' last --file many.json
keeps "a 1,025th" "the new entry: line 1026, byte [0-9]*, client 1025 of the list: there are more than 1,024 clients$" many.json more
cp new.json large.json
head -c $((4194304 - $(wc -c <new.json))) /dev/zero | tr '\0' ' ' >>large.json
keeps "a file that is full" "the new entry: it is too large" large.json c
printf ' ' >>large.json
keeps "a file that is too large" "clients file large.json: it is too large: 4 MiB are the most$" large.json c
ln -s new.json link.json
keeps "a link" "link.json: it is a symbolic link: name the file that it leads to; no client was made$" link.json c
mkdir folder
refuses "a folder" "clients file folder: it is a directory$" client c --file folder --secret-file never
refuses "a folder that is not there" "nowhere/c.json: No such file or directory; no client was made$" client c --file nowhere/c.json --secret-file never
refuses "its file and its secret in one" "both.json: it was changed meanwhile; no client was made$" client c --file both.json --secret-file both.json
holds "no secret is left" gone never both.json both.json.new
: >new.json.new
cp new.json before
refuses "somebody else at work" \
	"new.json.new: it exists: another process is replacing the file; if none is, remove it; no client was made$" \
	client c --file new.json --secret-file never
rm new.json.new
holds "somebody else at work: nothing has changed" still new.json
if [ -d /sys/kernel ] && ! (: >/sys/kernel/x) 2>/dev/null; then
	refuses "a folder where nobody may write" "/sys/kernel/c.json: .*; no client was made$" client c --file /sys/kernel/c.json --secret-file never
fi
refuses "a path through a file" "new.json/c: Not a directory" client c --file new.json/c --secret-file never
long=$(printf '%0252d' 0)
refuses "a name that is too long with .new behind" "$long.new: File.*name too long; no client was made$" client c --file "$long" --secret-file never
mkfifo pipe
from_a_pipe() {
	exec 4<>pipe && cat new.json >&4
	sleep 1 &                       # keeps it open: it is no file without text
	exec 4>&-
	"$JWTD" client c --file pipe --secret-file never >out 2>err
	[ $? = 2 ] && [ "$(cat err)" = "jwtd: pipe: it is not a regular file; no client was made" ] && [ -p pipe ] && gone never pipe.new
}
holds "a pipe" from_a_pipe
cp new.json folder/c.json
holds "a file elsewhere" makes '{"client_id":"c","secret_sha512":"DIGEST"}' c --file folder/c.json
full_disk() {
	many 20 full.json && cp full.json before
	message=$(trap '' XFSZ; ulimit -f 1; "$JWTD" client c --file full.json --secret-file never 2>&1 >/dev/null)
	[ $? = 2 ] && [ "$message" = "jwtd: full.json.new: File too large; no client was made" ] && still full.json
}
holds "a full disk" full_disk
no_output() {
	cp new.json before
	"$JWTD" client c --file new.json --secret-file never >/dev/full 2>err
	[ $? = 2 ] && [ "$(cat err)" = "jwtd: standard output: No space left on device" ] && still new.json
}
no_reader() {
	cp new.json before
	{ sleep 0.2; "$JWTD" client c --file new.json --secret-file never 2>err; echo $? >status; } | true
	[ "$(cat status)" = 2 ] && [ ! -e new.json.new ] && still new.json
}
holds "standard output that nobody reads" no_reader
if [ -c /dev/full ]; then
	holds "standard output on a full disk" no_output
else
	skip "standard output on a full disk (needs /dev/full)"
fi
if [ "$(id -u)" = 0 ]; then
	chown 65534:65533 odd.json
	holds "the file of another" makes '{"client_id":"c","secret_sha512":"DIGEST"}' c --file odd.json
	holds "stays the other's" [ "$(stat -c %u:%g:%a odd.json)" = 65534:65533:640 ]
else
	skip "the file of another user (needs root)"
fi

# Twenty at once: each is there or was told that it isn't.
at_once() {
	cp new.json once.json
	made=2
	for i in $(seq 20); do
		"$JWTD" client "n$i" --file once.json --secret-file "n$i" >/dev/null 2>"n$i.err" &
		eval "job$i=$!"
	done
	for i in $(seq 20); do
		if eval "wait \$job$i"; then
			made=$((made + 1))
			grep -q "\"n$i\", \"secret_sha512\": \"$(digest_of "n$i")\"" once.json || return 1
		elif [ -e "n$i" ] || ! grep -q 'it exists: another process\|it was changed meanwhile' "n$i.err"; then
			return 1
		fi
	done
	[ "$(grep -c secret_sha512 once.json)" = $made ] && [ ! -e once.json.new ] &&
		"$JWTD" check --key-file key --clients-file once.json --listen 127.0.0.1:0 >out 2>err
}
holds "twenty at once" at_once

# LeakSanitizer, where it is built in, does not work under strace.
traced() {
	ASAN_OPTIONS=detect_leaks=0 strace -qq -o trace -e "$@"
}

# Killed at each step: the file is the old one or the new one.
killed() {
	for call in openat fsync rename unlink; do
		for when in 1 2 3 4 5; do
			cp new.json killed.json
			rm -f killed.json.new never
			traced "inject=$call:signal=KILL:when=$when" "$JWTD" client c --file killed.json --secret-file never \
				>/dev/null 2>err
			if grep -q '"c"' killed.json; then
				[ "$(grep -c secret_sha512 killed.json)" = 3 ] && [ "$(wc -l <killed.json)" = 5 ] || return 1
			else
				cmp -s new.json killed.json || return 1
			fi
		done
	done
	cp new.json killed.json
	rm -f killed.json.new never
	traced 'inject=rename:signal=KILL' "$JWTD" client c --file killed.json --secret-file never >/dev/null 2>err
	cmp -s new.json killed.json && [ -s killed.json.new ] && rm never &&
		! "$JWTD" client c --file killed.json --secret-file never >/dev/null 2>err && grep -q 'if none is, remove it' err &&
		rm killed.json.new && makes '{"client_id":"c","secret_sha512":"DIGEST"}' c --file killed.json
}
# fails_at CALL WHEN: with this system call failing.
fails_at() {
	cp new.json before
	rm -f never
	traced "inject=$1:error=EIO:when=$2" "$JWTD" client c --file new.json --secret-file never >out 2>err
}
no_place() {
	! fails_at rename 1 && grep -qx "jwtd: new.json: I.*/.* error; no client was made" err && still new.json
}
unsynced() {
	! fails_at fsync 2 && grep -qx "jwtd: new.json.new: I.*/.* error; no client was made" err && still new.json
}
unsynced_folder() {
	fails_at fsync 3 && grep -qx "jwtd: warning: .: I.*/.* error: after a loss of power the old new.json may be there again" err &&
		[ "$(grep -c '"c"' new.json)" = 1 ] && [ -s never ] && rm never && cp before new.json
}
if [ -n "${JWTD_UNDER-}" ] || ! strace -qq -o trace -e inject=rename:signal=KILL true 2>/dev/null; then
	skip "killed while it replaces a file (needs strace)"
else
	holds "killed while it replaces the file" killed
	holds "a file that can't be replaced" no_place
	holds "a file that can't be synced" unsynced
	holds "a folder that can't be synced" unsynced_folder
fi

on_terminal() {
	script -qec "'$JWTD' client t --file terminal.json" /dev/null </dev/null >typescript &&
		tr -d '\r' <typescript | tail -n 1 >s && grep -qx '[A-Za-z0-9_-]\{43\}' s &&
		grep -q 'jwtd: the secret of t, which is shown this once:' typescript && grep -q "\"$(digest_of s)\"" terminal.json
}
if script -V 2>/dev/null | grep -q util-linux; then
	holds "on a terminal" on_terminal
else
	skip "what a terminal shows (needs util-linux' script)"
fi

# check, start, reload

lists() {
	wanted=$1
	shift
	"$JWTD" check --listen 127.0.0.1:0 "$@" >out 2>err && [ ! -s out ] &&
		[ "$(sed -n 's/^jwtd: \(client\|warning\)/\1/p' err)" = "$wanted" ]
}
cat >list.json <<END
{"clients": [
	{"client_id": "a", "secret_sha512": "$digest"},
	{"client_id": "b", "secret_sha512": "$digest", "scope": "r w", "aud": ["x"], "expires_in": 60, "kid": "k2", "may": ["issue"]},
	{"client_id": "c", "secret_sha512": "$digest", "may": ["introspect", "revoke"]}
]}
END
holds "check lists clients" lists 'client a may get tokens that last 600 s; aud: "x"; scope: none
client b may get tokens that last 60 s, issue any; aud: ["x"]; scope: r w
client c may get tokens that last 600 s, introspect, revoke; aud: "x"; scope: none' \
	--key-file key --key-file k2.jwk --clients-file list.json --audience x --ttl 600
holds "check names an aud that is no --audience" lists 'warning: clients file list.json: clients with an aud that no --audience has: 1, the first is b; /auth may refuse their tokens
client a may get tokens that last 3600 s; aud: "y"; scope: none
client b may get tokens that last 60 s, issue any; aud: ["x"]; scope: r w
client c may get tokens that last 3600 s, introspect, revoke; aud: "y"; scope: none' \
	--key-file key --key-file k2.jwk --clients-file list.json --audience y
many 20 twenty.json
lists_twenty() {
	"$JWTD" check --key-file key --listen 127.0.0.1:0 --clients-file twenty.json >out 2>err && [ "$(grep -c '^jwtd: client c' err)" = 20 ]
}
holds "check lists twenty" lists_twenty
many 21 twenty.json
lists_more() {
	lists_twenty && grep -qx 'jwtd: listed: 20 of 21 clients' err
}
holds "check lists twenty, and counts the others" lists_more
echo '{"clients":[]}' >none.json
holds "check of nobody" lists '' --key-file key --clients-file none.json
refuses "a kid that is not there" "clients file list.json: line 3, byte [0-9]*, client b: kid takes the id of a key that may sign (--key-file)$" check \
	--key-file key --clients-file list.json
refuses "more than --max-ttl" "clients file list.json: line 3, byte [0-9]*, client b: expires_in takes a whole number of seconds from 1 to --max-ttl$" \
	check --key-file key --key-file k2.jwk --clients-file list.json --max-ttl 59 --ttl 59
refuses "no clients file" "clients file nowhere: No such file or directory$" --key-file key --clients-file nowhere
refuses "clients without a key" "no key: make one" --clients-file list.json
holds "--open-issue beside clients" lists 'warning: --open-issue does nothing beside a service secret or clients' --key-file key --clients-file none.json --open-issue

# logs N PATTERN: a line like this is the Nth, within ten seconds.
logs() {
	tries=0
	until [ "$(grep -c "$2" log)" = "$1" ] || [ $tries = 200 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	cp log err
	[ "$(grep -c "$2" log)" = "$1" ]
}
cp list.json served.json
starts --key-file key --key-file k2.jwk --clients-file served.json --audience x --listen 0.0.0.0:0
holds "the start says how many" logs 1 '^jwtd: loaded: 2 keys: .*; 3 clients$'
! grep -q "only loopback and unix" log
status=$?
check "who may create is known"
kill -HUP "$server"
holds "a reload says how many" logs 1 '^jwtd: read again, nothing changed: 2 keys: .*; 3 clients$'
holds "another client" makes '{"client_id":"d","secret_sha512":"DIGEST"}' d --file served.json
holds "is seen" logs 1 '^jwtd: reloaded: 2 keys: .*; 4 clients$'
sed 's/"issue"/"isue"/' served.json >next && mv next served.json && kill -HUP "$server"
holds "a mistake is named" logs 1 '^jwtd: not reloaded, the old keys stay: clients file served.json: line 3, byte [0-9]*, client b: may takes an array'
many 1024 next && mv next served.json && kill -HUP "$server"
holds "a thousand" logs 1 '^jwtd: reloaded: 2 keys: .*; 1024 clients$'
cp none.json next && mv next served.json && kill -HUP "$server"
holds "none" logs 1 '^jwtd: reloaded: 2 keys: .*; 0 clients$'
"$JWTD" keygen new && mv new key && kill -HUP "$server"
holds "the keys change with them" logs 2 '^jwtd: reloaded: 2 keys: .*; 0 clients$'
rm served.json && kill -HUP "$server"
holds "a file that goes" logs 1 '^jwtd: not reloaded, the old keys stay: clients file served.json: No such file'
cp list.json next && mv next served.json
holds "a file that comes" logs 1 '^jwtd: reloaded: 2 keys: .*; 3 clients$'
stops

# /token, and what the log says of it: a client that is known, the jti of its token, why another one got none.
logged() {
	if [ "$1" = json ]; then
		sed -n 's/^.*"route":"\/token","status":\([0-9]*\),.*"peer":"[^"]*"\(.*\)}$/\1\2/p' log | tr -d '"' | tr : = | tr , ' '
	else
		sed -n 's/^.* route=\/token status=\([0-9]*\) .* peer=[^ ]*/\1/p' log
	fi
}
grants() {
	code=$(curl -s -o out -w '%{http_code}' -d grant_type=client_credentials "http://$address/token" "$@")
}
if command -v curl >/dev/null; then
	holds "a client" makes '{"client_id":"ci","secret_sha512":"DIGEST","scope":"r"}' ci --scope r --file asks.json
	for format in logfmt json; do
		starts --key-file key --clients-file asks.json --listen 127.0.0.1:0 --access-log --log-format $format
		grants -u "ci:$(cat s)"
		jti=$(sed -n 's/^{"access_token":"\([^"]*\)","token_type":"Bearer","expires_in":3600,"scope":"r"}$/\1/p' out |
			"$JWTD" decode 2>err | sed -n 's/.*"jti":"\([0-9a-f]\{32\}\)".*/\1/p')
		[ "$code" = 200 ] && [ -n "$jti" ]
		status=$?
		check "a token of its own"
		grants -u "ci:$(cat s)" -d scope=admin && grants -u "ci:$(cat s)x" && grants -u "who:$(cat s)"
		stops
		logged $format >out
		printf '200 client=ci jti=%s\n400 reason=invalid_scope client=ci\n401 reason=invalid_client\n401 reason=invalid_client\n' "$jti" |
			cmp -s - out
		status=$?
		cp log err
		check "the log names the client, and the token by its jti ($format)"
	done
else
	skip "the log of /token (needs curl)"
fi

silent() {
	! grep -F -f secrets all_err >err
}
holds "no secret was ever on stderr" silent
sum_up
