#!/bin/sh
# What a person at a shell meets: help, messages, exit statuses, and the first commands of README.
# JWTD names the binary. Where curl is missing, what needs it is skipped.
set -u
# shellcheck source=test/shell_lib.sh
. "$(dirname "$0")/shell_lib.sh"

demo=a9ddbcaba8c0ac1a0a812dc0c2f08514b23f2db0a68343cb8199ebb38a6d91e4ebfb378e22ad39c2d01d0b4ec9c34aa91056862ddace3fbbd6852ee60c36acbf
printf '%s\n' "$demo" >demo
printf '0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\n' >key
cp key key2
printf '0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDE\n' >short
printf '0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF\r\n' >crlf
printf '{"kty":"oct"}' >jwk
printf '0123456789abcdef0123456789abcdef\n' >secret
printf '0123456789abcdef0123456789abcde!\n' >badsecret
printf '0123456789abcdef0123456789abcde\n' >shortsecret
head -c 65537 /dev/zero | tr '\0' 'ab' >large
: >empty
chmod 600 demo key key2 short crlf jwk secret badsecret shortsecret large empty
mkdir folder

"$JWTD" --help >out 2>err && grep -q '^usage: jwtd' out && [ ! -s err ] && ! grep -q '.\{81\}' out
status=$?
check "--help: at most 80 columns on stdout"
"$JWTD" --version >out 2>err && grep -q '^jwtd [0-9]' out && [ ! -s err ]
status=$?
check "--version"

if [ -c /dev/full ]; then
	for what in --help --version; do
		"$JWTD" $what >/dev/full 2>err
		[ $? = 2 ] && grep -q '^jwtd: standard output: ' err
		status=$?
		check "$what on a full disk"
	done
fi
refuses "no key" "no key: .*jwtd keygen key'.*--key-file key.*--demo-key"
refuses "an unknown option" "unknown option --lisen; did you mean --listen? 'jwtd --help' lists" --lisen 127.0.0.1:1
refuses "an unknown command" "unknown command serv" serv
refuses "an empty command" "unknown command ''; 'jwtd --help' lists" ''
refuses "an empty argument" "unexpected argument ''; 'jwtd --help' lists" serve ''
refuses "a key on the command line" "unknown option --key;" --key=hunter2
grep -q hunter2 err && status=1 || status=0
check "a key on the command line is not repeated"
refuses "a missing key file" "key file nowhere: No such file" --key-file nowhere
refuses "a key file that is a folder" "key file folder: it is a directory" --key-file folder
refuses "an empty key file" "key file empty: it is empty" --key-file empty
refuses "a short key" "key file short: the key is shorter than 64 bytes" --key-file short
refuses "a key file with CR LF" "key file crlf: it ends in CR LF" --key-file crlf
refuses "a large key file" "key file large: it is too large" --key-file large
refuses "a JWK without a key" "key file jwk: it has no k$" --key-file jwk
printf '{"kty":"oct","k":"%s"}\n' MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5QUJDREVGMDEyMzQ1Njc4OUFCQ0RFRg >one.jwk
cat one.jwk one.jwk >two.jwk
refuses "two JWKs in a row" "key file two.jwk: malformed JSON: something follows the value at byte 107: is this two keys? 'jwtd jwk FILE...' makes" \
	--key-file two.jwk
refuses "a key file beside the demo key" "more than one key: the key file key .*demo key" --key-file key --demo-key
refuses "a bad secret" "byte 31" --key-file key --service-secret-file badsecret
refuses "a short secret" "its length is 31; 32 to 256 characters are allowed; 'jwtd keygen NEWFILE' makes a new one$" --key-file key --service-secret-file shortsecret
refuses "a bad address" "--listen localhost:80: names are not looked up: write 127.0.0.1:5000 for this host alone, 0.0.0.0:5000 " --key-file key --listen localhost:80
for host in a:80 http://a a/b 'a b' '[::1]:80' ::1 '[::1' '[]' '[' ']' '[1]' '[::g]' '[127.0.0.1]' ''; do
	refuses "--host '$host'" "--host \(takes a name or an address\|needs a value\)" --key-file key --host "$host"
done
for host in '*' '*.example.org' '*a' 'a.*' .example.org . a,b; do
	refuses "--host '$host'" "--host takes a whole name, no pattern and no list" --key-file key --host "$host"
done
refuses "--host of 256 bytes" "--host takes at most 255 bytes" --key-file key --host "$(printf %0256d 0)"
refuses "--host of 255 bytes, and no key" "key file nowhere" --key-file nowhere --host "$(printf %0255d 0)"
for header in X =sub X= X/Y=sub Content-Length=sub 'X=a --claim-header x=b' X=a,b 'X=a,' X=a,optional,optional X=/~ \
	X=,percent; do
	# shellcheck disable=SC2086
	refuses "--claim-header $header" "--claim-header [^:]*: \(write NAME=CLAIM, or NAME=CLAIM,optional,percent\|no header may have this name\|.* given twice\)" \
		--key-file key --claim-header $header
done
# shellcheck disable=SC2046
refuses "headers for more than 80 KB" "headers an answer could be longer than 80 KB" --key-file key \
	$(printf -- "--claim-header $(printf '%0300d' 0)%s=a " $(seq 10 73))
# shellcheck disable=SC2046
for require in =a a= 'a=b,' a=,b a=b,,c /~=b /~2=b scope=a\"b "scope=a b" "a=$(printf %0129d 0)" a=$(printf '%s,' $(seq 17)); do
	refuses "--require $require" "--require takes CLAIM or CLAIM=VALUE,VALUE: " --key-file key --require "$require"
done
for name in a=b 'a b' 'a;' '"a"' é; do
	refuses "--token-cookie $name" "--token-cookie takes a cookie's name, not '" --key-file key --token-cookie "$name"
done
refuses "these options as they are meant, and no key" "key file nowhere" --key-file nowhere --token-cookie __Host-a --token-basic \
	--require "a=b,c d" --require /a~0~1=x --claim-header X=/a,percent,optional --claim-header Y=b,optional
refuses "a bad port" "--listen 127.0.0.1:65536: a port is a number from 0 to 65535" --key-file key --listen 127.0.0.1:65536
refuses "a port alone" "--listen 5000: the address is missing: write 127.0.0.1:5000 for" --key-file key --listen 5000
refuses "IPv6 without brackets" "--listen ::1:5000: an IPv6 address stands in brackets: write \[::1\]:5000" --key-file key --listen ::1:5000
fails 3 "an address of another host" "does not have that address" --key-file key --listen 192.0.2.1:5000

# Two lines here: the warning comes first.
for arguments in "--demo-key" "--key-file demo"; do
	# shellcheck disable=SC2086
	"$JWTD" $arguments --listen 0.0.0.0:0 >out 2>err
	[ $? = 2 ] && grep -q 'it is for loopback addresses and unix sockets only' err && grep -q 'warning: the demo key is published' err
	status=$?
	check "the published key on an outside address ($arguments)"
done

# What it is given by another program: descriptors from 3 on.
given() {
	# shellcheck disable=SC2016
	LISTEN_FDS=$1 sh -c 'LISTEN_PID=$$ exec "$@"' - "$JWTD" check --key-file key 3</dev/null >out 2>err
	[ $? = 2 ] && [ "$(cat err)" = "jwtd: $2" ]
}
holds "LISTEN_FDS that is no socket" given 1 "LISTEN_FDS: a descriptor is no listening stream socket"
holds "LISTEN_FDS of too many" given 65 "LISTEN_FDS: more sockets than there may be listeners"

# All the stops at once: its socket's file goes all the same.
gone_at_once() {
	kill -STOP "$server" && kill -TERM "$server" && kill -INT "$server" && kill -QUIT "$server" && kill -CONT "$server" &&
		wait "$server" && server='' && [ ! -e sock ] && grep -q '^jwtd: stopped$' log
}
if [ "$under" = tsan ]; then
	skip "three stops at once (ThreadSanitizer keeps signals back)"
else
	starts --key-file key --listen unix:sock
	holds "three stops at once" gone_at_once
fi

# Who holds the folder's lock, as anybody may, delays a start by little.
if command -v flock >/dev/null; then
	little=2        # seconds
	[ -z "$under" ] || little=20
	little_delay() {
		begun=$(date +%s%N)
		flock . sleep $((little + 1)) &
		holder=$!
		sleep 0.1
		"$JWTD" check --key-file key --listen unix:sock >out 2>err
		result=$?
		[ $result = 0 ] && [ $(($(date +%s%N) - begun)) -lt $((little * 1000000000)) ]
		result=$?
		kill $holder
		wait $holder 2>/dev/null
		return $result
	}
	holds "a folder whose lock another one holds" little_delay
else
	skip "a folder's lock (needs flock)"
fi

# Few open files leave room for few connections: our own take 16, two for each worker, one for each listener.
few() {
	# shellcheck disable=SC3045
	(ulimit -n "$1" && exec "$JWTD" check --key-file key --listen 127.0.0.1:0 --workers 2 >out 2>err)
	[ $? = "$2" ] && room=$(sed -n 's/^jwtd: warning: the limit of open files allows \([0-9]*\) of 4096 connections; .*/\1/p' err)
}
few_left() {
	few 64 0 && [ "$room" -le 43 ] && [ "$room" -ge 24 ] && own=$((64 - room)) && few "$((own + 1))" 0 && [ "$room" = 1 ] &&
		few "$own" 2 && [ "$room" = 0 ] && grep -q "^jwtd: the limit of open files is too low to serve: " err
}
if [ "$under" = valgrind ]; then
	skip "few open files: valgrind keeps some for itself"
else
	holds "few open files" few_left
fi

# Each load says what holds: how many keys, what each is called, which one signs; or that nothing has changed.
# says PATTERN: so does a line that comes soon, behind those that were looked for before.
says() {
	tries=0
	until tail -n "+$((seen + 1))" log | grep -qx "jwtd: $1" || [ $tries = 100 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	tail -n "+$((seen + 1))" log >err
	seen=$(wc -l <log)
	[ $tries -lt 100 ]
}
# again PATTERN: SIGHUP, and this is said of it.
again() {
	kill -HUP "$server"
	says "$1"
}
cp key live
cp demo second
chmod 600 live second
seen=0 print=8019982269fdf9a1 demo_print=924aa8d2f12222f6
starts --key-file live --listen 127.0.0.1:0 --service-secret-file secret
holds "the start names its key" says "loaded: 1 key: $print (HS512, signs)"
# meters LINE...: /metrics has these lines.
meters() {
	curl -s "http://$address/metrics" >out || return
	for line in "$@"; do
		grep -qxF "$line" out || return
	done
}
# used PRINT TIMES: so many tokens of the key were accepted at /auth, and none elsewhere.
used() {
	key="jwtd_tokens_accepted_total{fingerprint=\"$1\",kid=\"\",route="
	meters "$key\"/auth\"} $2" "$key\"/v1/verify\"} 0" "$key\"/introspect\"} 0"
}
# enters: asks /auth with a token of the key, and with none.
enters() {
	token=$("$JWTD" sign --key-file live 2>err) && curl -sf -H "Authorization: Bearer $token" "http://$address/auth" &&
		! curl -sf "http://$address/auth"
}
# Whether as many descriptors as there are, and the connection of curl, are said to be open. A connection that ends may take
# a moment.
descriptors() {
	tries=0
	until meters "process_open_fds $(($(find "/proc/$server/fd" -type l | wc -l) + 1))"; do
		[ $((tries += 1)) -lt 20 ] || return
		sleep 0.1
	done
}
has_curl=no
command -v curl >/dev/null && has_curl=yes
if [ $has_curl = yes ]; then
	holds "a token is accepted" enters
	holds "that is counted, once" used $print 1
	holds "when the key was written" meters "jwtd_key_file_oldest_timestamp_seconds $(stat -c %Y live)"
	[ -n "$under" ] || holds "descriptors are counted" descriptors
fi
holds "a reload of the same" again "read again, nothing changed: 1 key: $print (HS512, signs)"
[ $has_curl = no ] || holds "what was counted stays" used $print 1
mv second live
holds "a reload of another key" again "reloaded: 1 key: $demo_print (HS512, signs)"
if [ $has_curl = yes ]; then
	holds "the metric of a key" meters "jwtd_key_info{fingerprint=\"$demo_print\",kid=\"\",alg=\"HS512\",signs=\"1\"} 1"
	holds "another key is counted anew" used $demo_print 0
	holds "a token of it is accepted" enters
	holds "and counted" used $demo_print 1
fi
printf '{"keys":[{"kty":"oct","kid":"a b","k":"%s"},{"kty":"oct","k":"%s"}]}' \
	QXlNMVN5c1BweWJEZmdaRmxkM3VtajFxektPYndWTWtvcVEtRXN0SlFMcl9ULTFxUzBnWkg3NWFLdE1OM1lqMGlQUzRo \
	MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5QUJDREVGMDEyMzQ1Njc4OUFCQ0RFRg >live
holds "a reload of two keys" again "reloaded: 2 keys: \"a b\" (HS512, signs), $print (HS512)"
printf '0123456789abcdef0123456789abcdeF\n' >secret
holds "a reload of another secret" again "reloaded: 2 keys: \"a b\" (HS512, signs), $print (HS512); another service secret"
holds "and of the same one" again "read again, nothing changed: 2 keys: \"a b\" (HS512, signs), $print (HS512)"
: >live
holds "a failed reload" again "not reloaded, the old keys stay: key file live: it is empty; .*"
stops

# Rotation, as README and the manual have it. name FILE: what jwtd calls the file's key.
name() {
	"$JWTD" check --key-file "$1" --listen 127.0.0.1:0 2>&1 | sed -n 's/^jwtd: loaded: 1 key: \(.*\) (HS512, signs)$/\1/p'
}
# good FILE...: tokens that each of these keys signed are good by the file `keys`.
good() {
	for file in "$@"; do
		"$JWTD" sign --key-file "$file" 2>err | "$JWTD" verify --key-file keys >out 2>err || return
	done
}
rotates() {
	rm -f keys new && "$JWTD" jwk old >keys && a=$(name old) && starts --key-file keys --listen 127.0.0.1:0 && seen=0 &&
		"$JWTD" keygen new && b=$(name new) &&
		"$JWTD" jwk old new >keys.new && mv keys.new keys && again "reloaded: 2 keys: $a (HS512, signs), $b (HS512)" && good old new keys &&
		"$JWTD" jwk new old >keys.new && mv keys.new keys && again "reloaded: 2 keys: $b (HS512, signs), $a (HS512)" && good old new keys &&
		"$JWTD" jwk new >keys.new && mv keys.new keys && again "reloaded: 1 key: $b (HS512, signs)" && good new keys && ! good old
}
mask=$(umask)
umask 077
rm -f old && "$JWTD" keygen old
holds "rotation by sets, as README has it" rotates
stops
rotates_raw() {
	mv new key.1 && mv old key.0 && a=$(name key.1) && starts --key-file key.1 --key-file key.0 --listen 127.0.0.1:0 && seen=0 &&
		"$JWTD" keygen new && b=$(name new) &&
		cp -p key.1 old.new && mv old.new key.0 && again "reloaded: 1 key: $a (HS512, signs)" &&
		mv new key.1 && again "reloaded: 2 keys: $b (HS512, signs), $a (HS512)"
}
holds "rotation by two raw files, as the manual has it" rotates_raw
holds "its old file for a moment is the same key" grep -q \
	"^jwtd: warning: the same key twice: key file key.1, and key file key.0; it counts once$" log
stops
cat key.1 key.0 >both
refuses "cat old new" "key file both: two lines or more: is this two keys? A JWK Set holds several: 'jwtd jwk FILE...' makes one" \
	--key-file both
umask "$mask"

starts --key-file key --listen 0.0.0.0:0
grep -q '^jwtd: only loopback and unix sockets create tokens, unless you give --service-secret-file, --clients-file or --open-issue$' log
status=$?
check "who may create, on an outside address"
stops
starts --key-file key --listen 0.0.0.0:0 --service-secret-file secret --open-issue
[ "$(grep -c 'only loopback and unix\|warning: --open-issue does nothing beside a service secret or clients$' log)" = 1 ] && grep -q 'open-issue does nothing' log
status=$?
check "--open-issue beside a secret"
stops
starts --key-file key --listen 0.0.0.0:0 --no-issue
grep -q '^jwtd: no tokens are created over HTTP (--no-issue)$' log && ! grep -q 'only loopback and unix' log
status=$?
check "--no-issue says so"
stops
refuses "--no-issue and --open-issue" "--no-issue and --open-issue contradict each other" check --key-file key --no-issue --open-issue

# What a reload would never see anew: descriptors are closed, a file may have no name, systemd makes copies.
stale() {
	"$JWTD" check --listen 127.0.0.1:0 "$@" >out 2>err 3<gone && grep -q "^jwtd: warning: $said" err
}
fresh() {
	"$JWTD" check --listen 127.0.0.1:0 "$@" >out 2>err && ! grep -q warning err
}
cp key gone
# once FILE: a key from there is taken, and for it nothing stays readable.
once() {
	said="$1 is read once, now: a reload will never see the new one. Name a file that stays, or restart$"
	stale --key-file "$1" && ! grep -q 'may read below' err && grep -q 'loaded: 1 key: .* (HS512, signs)' err
}
if [ -z "$under$dynamic" ]; then
	holds "a key from a descriptor" once /dev/fd/3
fi
input=gone
once_in() {
	once "$@" <gone
}
once_piped() {
	dd if=gone 2>/dev/null | once "$@"
}
holds "a key from standard input" once_in /dev/stdin
holds "a key from standard input, by its number" once_in /proc/self/fd/0
holds "a key from a pipe" once_piped /dev/stdin
input=/dev/null
nameless() {
	(exec 3<gone && rm gone && exec "$JWTD" check --listen 127.0.0.1:0 --sandbox off --key-file /dev/fd/3) >out 2>err &&
		grep -q "^jwtd: warning: /dev/fd/3 is read once, now: " err
}
holds "a key without a name" nameless

# A FIFO: who writes into it late is waited for, and not beyond a signal, also as the first process of a container. Nobody
# writes: it is empty.
mkfifo fifo
refuses_two() {
	"$JWTD" --key-file fifo --listen 127.0.0.1:0 >out 2>err
	[ $? = 2 ] && grep -q '^jwtd: key file fifo: it is empty; ' err
}
holds "a FIFO without a writer" refuses_two
# held COMMAND...: SIGTERM ends what this runs while it waits for the FIFO, whose writer says nothing.
held() {
	: >log
	exec 4<>fifo
	"$@" --key-file fifo --listen 127.0.0.1:0 2>log >out &
	server=$! tries=0
	until grep -q '^jwtd: warning: fifo is read once, now: ' log || [ $tries = 100 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	waiting=$(pgrep -P $server jwtd || echo $server)
	kill -"$signal" "$waiting"
	(sleep 5; kill -KILL "$waiting" 2>/dev/null) &
	late=$!
	wait $server
	result=$?
	kill $late 2>/dev/null
	exec 4>&-
	server=
	cp log err
	[ $result = 0 ]
}
if [ -z "$under" ]; then
	for signal in TERM INT QUIT; do
		holds "SIG$signal while a FIFO keeps it waiting" held "$JWTD"
	done
	if [ "$(id -u)" = 0 ] && command -v pgrep >/dev/null && unshare -fp true 2>/dev/null; then
		signal=TERM
		holds "SIGTERM, as the first process" held unshare -fp "$JWTD"
	else
		skip "a FIFO and the first process (needs root, unshare and pgrep)"
	fi
fi
exec 4<>fifo && cat key >&4
sleep 1 &                               # keeps it open until then
exec 4>&-
seen=0
starts --key-file fifo --listen 127.0.0.1:0
holds "a reload of what is read once" again \
	"not reloaded, the old keys stay: key file fifo: it is not a regular file, and others are read at the start only"
stops

# What changes while the files are read is read again: at first the first one lacks its last byte.
growing() {
	printf '%sx' 0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF >whole
	head -c 64 whole >growing
	cp demo other
	mkfifo late
	chmod 600 whole growing other
	exec 5<>late
	"$JWTD" check --key-file growing --key-file late --listen 127.0.0.1:0 >out 2>err 5>&- &
	server=$! tries=0
	until grep -q '^jwtd: warning: late is read once' err || [ $tries = 100 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	sleep 0.2
	cp whole growing.new && mv growing.new growing && mv other late && cat demo >&5
	exec 5>&-
	wait $server
	result=$?
	server=
	[ $result = 0 ] && grep -qx "jwtd: loaded: 2 keys: $(name whole) (HS512, signs), $demo_print (HS512)" err
}
holds "a key file that changes while it is read" growing
mkdir -p credentials/unit && cp key credentials/unit/key && cp key credentials/key && touch gone
said="$dir/credentials/unit/key is a copy that systemd made: a reload will never see the new one. Name the file itself, or restart"
CREDENTIALS_DIRECTORY=$dir/credentials/unit holds "a copy of systemd's" stale
CREDENTIALS_DIRECTORY=$dir/credentials/unit holds "another file beside it" fresh --key-file key
CREDENTIALS_DIRECTORY=$dir/credentials holds "a folder of another kind" fresh

# A file that is mounted by itself stays the old one, and has no name any more when it is replaced outside.
replaced() {
	mv other outside
	tries=0
	until grep -q '^jwtd: warning: mounted has no name any more where it comes from: a reload will never see the new one. Mount' log ||
		[ $tries = 100 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	[ $tries -lt 100 ]
}
if [ "$(id -u)" = 0 ] && command -v unshare >/dev/null && unshare -m true 2>/dev/null; then
	cp key outside && cp key other && : >mounted
	printf '#!/bin/sh\nexec unshare -m sh -c '"'mount --bind outside mounted && exec \"\$0\" \"\$@\"' '%s'"' "$@"\n' "$JWTD" >mounting
	chmod 700 mounting
	here=$JWTD JWTD=$dir/mounting
	starts --key-file mounted --listen 127.0.0.1:0
	JWTD=$here
	holds "a file that is mounted by itself, and replaced outside" replaced
	stops
else
	skip "a file that is mounted by itself (needs root and unshare)"
fi

# Another user, for good: the real, effective, saved and file system's ids, and no groups. Root's keys are not for it.
mkdir run
cp key theirs
if [ "$(id -u)" = 0 ] && chown 65534:65533 run theirs 2>err; then
	chmod 711 .
	chmod 600 theirs
	refuses "a key that the user can't read" "--user 65534:65533: it could not reload key: Permission denied; 'chown 65534 key' mends" \
		--key-file key --listen unix:run/sock --user 65534:65533
	chmod 0 theirs
	refuses "a key that its owner can't read" "could not reload theirs: Permission denied; 'chmod 400 theirs' mends" \
		--key-file theirs --listen unix:run/sock --user 65534:65533
	chmod 600 theirs
	refuses "root as another user" "--user 0:65533: that is root: give the numbers of another user" \
		--key-file theirs --listen unix:run/sock --user 0:65533
	refuses "not another user's name" "--user nobody: it takes two numbers, UID:GID" --key-file key --listen 127.0.0.1:0 --user nobody
	holds "no socket's file stays where it can't serve" [ ! -e run/sock ]
	starts --key-file theirs --listen unix:run/sock --user 65534:65533
	ids() {
		[ "$(sed -n 's/^[UG]id:\|^Groups:/@/p' "/proc/$server/status" | tr -s '\t\n ' ' ')" = \
			"@ 65534 65534 65534 65534 @ 65533 65533 65533 65533 @ " ] &&
			[ "$(stat -c %u:%g:%a run/sock)" = 65534:65533:660 ]
	}
	holds "another user's ids, nobody's groups, its own socket" ids
	stops
	holds "its socket's file is gone" [ ! -e run/sock ]
	if command -v setpriv >/dev/null; then
		printf '#!/bin/sh\nexec setpriv --reuid 65534 --regid 65533 --clear-groups "%s" "$@"\n' "$JWTD" >nobody && chmod 755 nobody
		here=$JWTD JWTD=$dir/nobody
		chmod 640 key2
		refuses "a key that is another's" \
			"key file key2: Permission denied (it is user 0's, group 0's, mode 0640; jwtd is user 65534)$" --key-file key2
		cp secret theirs.secret && chmod 400 theirs.secret
		refuses "a secret that is another's" "service secret file theirs.secret: Permission denied (it is user 0's, .* 65534)$" \
			--key-file theirs --service-secret-file theirs.secret
		chmod 600 key2
		JWTD=$here
	else
		skip "a key that is another's (needs setpriv)"
	fi
	# What is its own user's, /proc says is root's, once nobody else may look.
	closed() {
		[ "$(stat -c %u "/proc/$server/mem")" = 0 ] && grep -q '^Max core file size  *0  *0 ' "/proc/$server/limits"
	}
	starts --key-file theirs --listen 127.0.0.1:0 --user 65534:65533 --sandbox off
	holds "no core dump and no debugger, without the sandbox too" closed
	stops
	if grep -q '^jwtd: sandbox: .*, Landlock, seccomp$' all_err; then
		refuses "root without its powers" "sandbox: it could not reload theirs: Permission denied; 'chown 0 theirs' mends that" \
			--key-file theirs --listen unix:sock
		holds "no socket's file stays where it can't reload" [ ! -e sock ]
		mkdir own own/.ssh ownmore
		cp key own
		cp key ownmore
		starts --key-file ownmore/key --key-file own/key --key-file own/../own/key --listen unix:run/sock
		reach() {
			sed 's/^jwtd: //' log >said && grep -q "^sandbox: may read below $PWD/ownmore, $PWD/own$" said &&
				grep -q "^sandbox: may remove files below $PWD/run$" said &&
				[ "$(grep -c "^warning: $PWD/own looks like a home folder" said)" = 1 ]
		}
		holds "which folders stay open to it, each once" reach
		locks() {
			limit=$(sed -n 's/^Max locked memory *\([0-9a-z]*\) .*/\1/p' "/proc/$server/limits")
			[ "$limit" = unlimited ] || [ "$limit" -ge 4194304 ] || return 0
			[ "$(sed -n 's/^VmLck:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$server/status")" -gt 1000 ]
		}
		holds "what holds requests is locked in memory" locks
		stops
		rm -f run/sock
	else
		skip "root in the sandbox (this kernel or build lacks it)"
	fi
	starts --key-file theirs --listen unix:run/sock,group=65532,mode=0620 --user 65534:65533
	holds "its own socket, for another group" [ "$(stat -c %u:%g:%a run/sock)" = 65534:65532:620 ]
	stops
	holds "that file is gone, too" [ ! -e run/sock ]
else
	skip "--user (needs root that may be others)"
fi

chmod 644 key
starts --key-file key --listen 127.0.0.1:0
grep -q 'warning: everybody on this host may read key' log
status=$?
check "a key that others may read is warned about"
fails 3 "a port in use" "--listen $address: something listens there already; stop it, or .*'--listen 127.0.0.1:0' to check$" --key-file key2 --listen "$address"
stops
chmod 600 key

# So is a revocation file: who writes it brings back what was taken back, who reads it can keep it locked.
# others_may MODE WHAT: the daemon and the command warn of that mode, of one for a group not.
others_may() {
	chmod "$1" taken && "$JWTD" check --key-file key --revocation-file taken --listen 127.0.0.1:0 >out 2>err &&
		grep -qx "jwtd: warning: everybody on this host may $2 taken; mend it with 'chmod 600 taken'" err &&
		"$JWTD" revoke --revocation-file taken --sub x >out 2>err && grep -q "may $2 taken;" err &&
		chmod 660 taken && "$JWTD" revoke --revocation-file taken --sub x >out 2>err && [ ! -s err ]
}
"$JWTD" revoke --revocation-file taken --sub x >out 2>err
# lacks_folder ARGUMENT...: its folder is missing, and nothing else is told.
lacks_folder() {
	"$JWTD" "$@" --revocation-file none/such/taken >out 2>err
	[ $? -eq 2 ] && grep -qx "jwtd: revocation file none/such/taken: its folder is missing: 'mkdir -p -m 700 none/such' makes it" err &&
		! grep -q sandbox err
}
for command in serve check; do
	holds "$command: the folder of the revocation file is missing" lacks_folder $command --key-file key --listen 127.0.0.1:0
done
holds "revoke: the folder of the revocation file is missing" lacks_folder revoke --sub x
: >plain
fails 2 "a file for the revocation file's folder" "revocation file plain/taken: Not a directory$" --key-file key --listen 127.0.0.1:0 --revocation-file plain/taken

"$JWTD" revoke --revocation-file untouched </dev/null >out 2>err
[ $? = 2 ] && grep -qx "jwtd: no token came: give a TOKEN, --jti with --until, --sub or --all" err && [ ! -e untouched ]
status=$?
check "revoke: nothing is named, and standard input is empty"
holds "a revocation file that others may read" others_may 644 read
holds "a revocation file that others may change" others_may 602 change
holds "a revocation file that others may read and change" others_may 666 'read and change'

starts --demo-key --listen 127.0.0.1:0 --listen '[::1]:0'
if command -v curl >/dev/null; then
	curl -s -H 'Content-Type: application/json' -d '{"user_data": "this is test"}' "http://$address/" >out 2>err
	token=$(sed -n 's/^{"JWT Token": "\([A-Za-z0-9_.-]*\)"}$/\1/p' out)
	[ -n "$token" ]
	status=$?
	check "curl creates a token"
	curl -s -X GET -H 'Content-Type: application/json' \
		-d "{\"Token\": \"$token\", \"Signing_key\": \"$demo\"}" "http://$address/" >out 2>err
	grep -q '"data": "this is test".*"Signature Verification": true}$' out
	status=$?
	check "curl validates it"
	six=$(sed -n 's/^jwtd: listening on //p' log | tail -n 1)
	curl -gs -H 'Content-Type: application/json' -d '{"user_data": 1}' "http://$six/" >out 2>err
	grep -q 'JWT Token' out
	status=$?
	check "IPv6"
else
	skip "a token is created and validated (needs curl)"
fi
stops

# [::] is met on IPv4 where the host has no address of IPv6, as in many containers.
if [ "$(id -u)" = 0 ] && unshare -n sh -c 'ip link set lo up && echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6' 2>err; then
	met() {
		# shellcheck disable=SC2016
		unshare -n sh -c 'ip link set lo up; echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
			"$1" --key-file key --listen "[::]:24300" --workers 1 2>log & server=$!
			tries=0
			until "$1" health "[::]:24300" || [ $tries = 40 ]; do tries=$((tries + 1)); sleep 0.05; done
			kill $server && wait $server' - "$JWTD" >out 2>err
		grep -q '^ok$' out
	}
	holds "[::] without IPv6 addresses" met
else
	skip "[::] without IPv6 addresses (needs root, unshare and ip)"
fi

# is_json FILE: each line is an object with a time first, and either a message or what is said of a request.
is_json() {
	[ -s "$1" ] && ! grep -vE '^\{"time":"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z",("message":"([^"\\]|\\["\\])*"|"method":"[A-Z-]*",[^{}]*)\}$' "$1"
}

# From the first line on, whatever it is, and however the format was asked for.
json_says() {
	message=$1 status=$2
	shift 2
	"$JWTD" "$@" >out 2>err
	[ $? = "$status" ] && is_json err && grep -qF "$message" err
}
cp key 'k"e\y' && chmod 644 'k"e\y'
echo 'JWTD_LOG_FORMAT=json' >json.env
holds "JSON: a mistake" json_says '"message":"unknown option --bogus; '"'jwtd --help' lists" 2 --bogus --log-format=json
holds "JSON: another one" json_says '"message":"--ttl takes a whole number' 2 check --log-format json --ttl x
JWTD_LOG_FORMAT=json holds "JSON: a variable" json_says '"message":"unknown option --bogus' 2 --bogus
JWTD_LOG_FORMAT=json JWTD_TTLS=1 holds "JSON: a warning of variables" json_says '"message":"warning: unknown variable JWTD_TTLS' 0 \
	check --key-file key --listen 127.0.0.1:0
holds "JSON: a file of variables" json_says '"message":"the configuration is fine: serve would start"' 0 check --key-file key --listen 127.0.0.1:0 \
	--env-file json.env
holds "JSON: quotes and backslashes" json_says 'everybody on this host may read k\"e\\y; mend it' 0 check --key-file 'k"e\y' \
	--listen 127.0.0.1:0 --log-format json
holds "JSON: what may pass" json_says '"message":"--listen 192.0.2.1:1: this host does not have' 3 --key-file key --listen 192.0.2.1:1 --log-format json
JWTD_LOG_FORMAT=json refuses "no JSON from other commands" "unknown option --bogus" sign --bogus

# The log of requests, on a unix socket; --host.
if command -v curl >/dev/null; then
	starts --demo-key --listen 127.0.0.1:0 --access-log
	curl -sp -x "http://$address" http://h:443/ >out 2>err
	for method in "X'Y" '%0a' 'X|Y' 'X&Y' "$(printf 'X\033[31m')" "$(printf 'X\r\nY: z')"; do
		curl -s -X "$method" "http://u%0a:p%0d@$address/%0atime=now%1b" -A 'a" status=200' -e '%0a' >out 2>err
	done
	stops
	holds "the log of CONNECT" grep -q ' method=CONNECT route=- status=501 ' log
	plain() {
		[ "$(grep -c '^time=[^ ]* method=- route=- status=[0-9]* bytes=[0-9]* us=[0-9]* peer=127.0.0.1:[0-9]* reason=[a-z_]*$' log)" = 6 ] &&
			! grep -q "%0\|=now\|31m\|X'\|X|\|a\"" log && [ "$(LC_ALL=C tr -d '\n -~' <log | wc -c)" = 0 ]
	}
	holds "no byte of a strange request gets into the log" plain
	for format in logfmt json; do
		starts --demo-key --listen "unix:$dir/sock,mode=0600" --access-log --log-format $format --host one --host TWO
		curl -s --unix-socket sock -H 'Content-Type: application/json' -d '{"user_data": "hunter2"}' http://one:80/ >out 2>err
		issued=$(sed -n 's/^{"JWT Token": "\(.*\)"}$/\1/p' out | "$JWTD" decode 2>/dev/null | sed -n 's/.*"jti":"\([0-9a-f]\{32\}\)".*/\1/p')
		[ -n "$issued" ]
		status=$?
		check "a unix socket"
		[ "$(curl -s -o out -w '%{http_code}' --unix-socket sock http://three/hunter2)" = 421 ] &&
			[ "$(curl -s -o out -w '%{http_code}' --unix-socket sock http://two/hunter2)" = 404 ] &&
			[ "$(curl -s -o out -w '%{http_code}' --unix-socket sock http://three/healthz)" = 200 ]
		status=$?
		check "--host"
		stops
		if [ $format = json ]; then
			line='^{"time":"[0-9TZ:-]*","method":"POST","route":"/","status":200,"bytes":[0-9]*,"us":[0-9]*,"peer":"unix","jti":"\([0-9a-f]*\)"}$'
		else
			line='^time=[0-9TZ:-]* method=POST route=/ status=200 bytes=[0-9]* us=[0-9]* peer=unix jti=\([0-9a-f]*\)$'
		fi
		[ $format = logfmt ] || holds "every line is an object" is_json log
		[ "$(sed -n "s|$line|\1|p" log)" = "$issued" ] &&
			[ "$(grep -cE '(method=GET route=-|"GET","route":"-"),? ?"?status"?[=:](404|421).*reason"?[=:]"?(not_found|other_host)"?\}?$' log)" = 2 ] &&
			! grep -q hunter2 log
		status=$?
		check "the log of requests ($format)"
		[ ! -e sock ]
		status=$?
		check "the socket's file is gone"
		starts --demo-key --listen "unix:$dir/sock" --access-log=routes --log-format $format
		for path in healthz metrics x 'auth?hunter2' 'auth?hunter2'; do
			curl -s --unix-socket sock "http://one/$path" >out 2>err
		done
		stops
		[ "$(grep -c 'route"*[=:]"*-.*404' log)" = 1 ] && ! grep -q 'healthz\|metrics' log
		status=$?
		check "the log of routes alone ($format)"
		[ "$(grep -c 'an unreadable demand, at byte 6 of path and query: everybody gets 403; ' log)" -le 2 ] && ! grep -q hunter2 log &&
			grep -q 'an unreadable demand, at byte 6 of' log && [ "$(grep -c 'route"*[=:]"*/auth.*403.*unreadable_demand' log)" = 2 ]
		status=$?
		check "the log of what can't be read as a demand ($format)"
	done
else
	skip "the log of requests (needs curl)"
fi

# Everything that is needed at run time is in the one file.
if command -v readelf >/dev/null && [ -z "$dynamic" ]; then
	readelf -lW "$JWTD" >out 2>err
	grep -q INTERP out && status=1 || status=0
	check "the binary is static"
	if [ "$(id -u)" = 0 ] && command -v chroot >/dev/null; then
		mkdir -p root/key.d && cp "$JWTD" root/jwtd && cp demo root/key.d/key
		chroot root /jwtd --key-file /key.d/key --listen 127.0.0.1:0 >out 2>err &
		server=$! tries=0
		until grep -q 'ready (' err || [ $tries = 100 ]; do
			tries=$((tries + 1))
			sleep 0.05
		done
		grep -q 'ready (' err
		status=$?
		check "an empty root, without /dev"
		# The page of the file that PT_GNU_RELRO begins in is mapped to be read alone.
		relro=$(readelf -lW "$JWTD" | sed -n 's/^ *GNU_RELRO *0x\([0-9a-f]*\)[0-9a-f]\{3\} .*/\1/p' | sed 's/^0*//')
		grep -E "/jwtd\$" "/proc/$server/maps" | grep -qE " r--p 0*${relro}000 "
		status=$?
		check "tables of functions can't be written to"
		kill "$server" && wait "$server"
		server=
		if grep -q '^jwtd: sandbox: .*, Landlock, seccomp$' err; then
			chroot root /jwtd check --key-file /key.d/key --listen unix:/sock >out 2>err &&
				grep -q "^jwtd: warning: /sock can't be removed at the end: give it a folder of its own$" err
			status=$?
			check "a socket's file in the root folder"
		fi
		mkdir root/dev && printf 'not random at all, but always the same bytes\n' >root/dev/urandom
		chroot root /jwtd --key-file /key.d/key --listen 127.0.0.1:0 >out 2>err
		[ $? = 2 ] && grep -q "/dev/urandom: it is not the kernel's character device 1:9" err
		status=$?
		check "a false /dev/urandom"
	fi
else
	skip "the binary is static (needs readelf, and a static build)"
fi
sum_up
