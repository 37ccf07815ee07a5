#!/bin/sh
# The commands as a person and a script use them: keygen, sign, verify, decode, check, health, version, help.
# JWTD names the binary. What needs curl, openssl, script or chroot is skipped by name where that is missing.
set -u
# shellcheck source=test/shell_lib.sh
. "$(dirname "$0")/shell_lib.sh"
unset NO_COLOR CREDENTIALS_DIRECTORY LISTEN_PID LISTEN_FDS

header=eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9    # {"typ":"JWT","alg":"HS512"}

# denies WHAT PATTERN ARGUMENTS...: the answer is no.
denies() {
	fails 1 "$@"
}

# prints NOTE TEXT ARGUMENTS...: exit status 0, exactly this text and a newline on stdout, this note on stderr.
prints() {
	note=$1 text=$2
	shift 2
	"$JWTD" "$@" >out 2>err <"$input" && [ "$(cat err)" = "$note" ] && printf '%s\n' "$text" | cmp -s - out
}

# gives WHAT TEXT ARGUMENTS...: it prints the text and nothing else.
gives() {
	what=$1
	shift
	holds "$what" prints '' "$@"
}

# decodes WHAT TEXT ARGUMENTS...: it prints the text, and that it is not verified.
decodes() {
	what=$1 text=$2
	shift 2
	holds "$what" prints 'jwtd: not verified: anybody can write such a token' "$text" decode "$@"
}

# refuses_claims WHAT PATTERN ARGUMENTS...: no token is made of them.
refuses_claims() {
	what=$1 pattern=$2
	shift 2
	refuses "$what" "$pattern" sign --key-file key "$@"
}

# mint ARGUMENTS...: makes $token of the key in the file `key`.
mint() {
	"$JWTD" sign --key-file key "$@" >out 2>err <"$input" && [ ! -s err ] && [ "$(wc -l <out)" -eq 1 ] &&
		token=$(cat out) && echo "$token" >>secrets
}

# The claims of $token.
claims() {
	"$JWTD" decode "$token" 2>err | sed -n 's/^{"verified":false,"header":{[^}]*},"claims":\(.*\)}$/\1/p'
}

# claims_are TEXT: $token has these claims; its time of issue is written as NOW and its id as ID. The clock that time()
# reads goes a few milliseconds after the one of date.
claims_are() {
	claims >claims.json
	iat=$(sed -n 's/^{"iat":\([0-9]*\),"jti":"[0-9a-f]\{32\}",.*/\1/p' claims.json)
	exp=$(sed -n 's/^{"iat":[0-9]*,"jti":"[0-9a-f]*",\("iss":"[^"]*",\)*"exp":\([0-9]*\).*/\2/p' claims.json)
	[ "${token%%.*}" = $header ] && [ -n "$iat" ] && [ -n "$exp" ] && [ "$iat" -ge $((before - 1)) ] && [ "$iat" -le "$(date +%s)" ] &&
		sed "s/\"iat\":$iat/NOW/; s/\"jti\":\"[0-9a-f]*\"/ID/; s/\"exp\":$exp/NOW+$((exp - iat))/" claims.json >out &&
		printf '%s\n' "$1" | cmp -s - out
}

# signs WHAT CLAIMS ARGUMENTS...: $token is made, with these claims.
signs() {
	what=$1 wanted=$2 before=$(date +%s)
	shift 2
	mint "$@" && claims_are "$wanted"
	status=$?
	check "$what"
}

# with NAME=VALUE COMMAND...: with this in the environment.
with() {
	variable=${1%%=*}
	export "${1?}"
	shift
	"$@"
	unset "$variable"
}

b64url() {
	printf '%s' "$1" | base64 | tr -d '\n=' | tr '/+' '_-'
}

# keygen

is_key() {
	[ "$(wc -c <"$1")" -eq 129 ] && grep -qx '[0-9a-f]\{128\}' "$1" && cat "$1" >>secrets
}
key_on_stdout() {
	"$JWTD" keygen >"$1" 2>err && [ ! -s err ] && is_key "$1"
}
key_in_file() (
	umask "$2"
	"$JWTD" keygen "$1" >out 2>err && [ ! -s out ] && [ ! -s err ] && is_key "$1" && [ -n "$(find "$1" -perm 0600)" ]
)
differ() {
	! cmp -s one two && ! cmp -s two key && ! cmp -s one key
}
holds "keygen" key_on_stdout one
holds "keygen FILE: nobody else may read it" key_in_file two 000
holds "keygen FILE, a careful umask" key_in_file key 077
holds "keys differ" differ
cp two old
chmod 600 one old
ln -s nowhere link
for taken in two . link; do
	refuses "keygen over $taken" "$taken: it exists already and is left as it is$" keygen $taken
done
holds "the old key is still there" cmp two old
refuses "keygen into a folder that is not there" "nowhere/key: No such file or directory$" keygen nowhere/key
refuses "keygen to two files" "unexpected argument b" keygen a b
refuses "keygen of a key" "--key-file is not an option of keygen" keygen --key-file key
full_disk() {
	message=$(trap '' XFSZ; ulimit -f 0; "$JWTD" keygen full 2>&1)
	[ $? = 2 ] && [ "$message" = "jwtd: full: it could not be written whole" ] && [ ! -e full ]
}
holds "keygen FILE on a full disk: no half a key stays" full_disk

# The key id as it is given, and as JSON: it stands in the JWK and in the header of its tokens, and finds the key.
kid_is() {
	rm -f jwk
	"$JWTD" keygen --jwk --kid "$1" jwk 2>err && [ -n "$(find jwk -perm 0600)" ] &&
		grep -qF "{\"kty\":\"oct\",\"use\":\"sig\",\"alg\":\"HS512\",\"kid\":$2,\"k\":\"" jwk &&
		k=$(sed -n 's/.*"k":"\([A-Za-z0-9_-]\{171\}\)"}$/\1/p' jwk) && echo "$k" >>secrets &&
		echo "$k=" | tr '_-' '/+' | base64 -d 2>err | grep -qx '[0-9a-f]\{128\}' &&
		token=$("$JWTD" sign --key-file jwk 2>err) && "$JWTD" verify --key-file jwk "$token" >out 2>err &&
		"$JWTD" decode "$token" 2>err | grep -qF "\"header\":{\"typ\":\"JWT\",\"alg\":\"HS512\",\"kid\":$2},\"claims\""
}
long=$(printf '%0128d' 0)
holds "a kid" kid_is 2026-11 '"2026-11"'
holds "a kid that looks like an option" kid_is --jwk '"--jwk"'
holds "a kid with quotes and backslashes" kid_is '"\","k":"x' '"\"\\\",\"k\":\"x"'
holds "a kid with spaces" kid_is '  a b ' '"  a b "'
holds "a kid with control characters" kid_is "$(printf 'a\tb\nc\033\177')" '"a\tb\nc\u001b'"$(printf '\177')\""
holds "a kid in UTF-8" kid_is 'schlüssel 🔑' '"schlüssel 🔑"'
holds "a kid like a path" kid_is '../../dev/null%00' '"../../dev/null%00"'
holds "a kid of 128 bytes" kid_is "$long" "\"$long\""
refuses "a kid of 129 bytes" "--kid takes 1 to 128 bytes$" keygen --jwk --kid "0$long"
refuses "an empty kid" "--kid needs a value" keygen --jwk --kid=
refuses "a kid that is not UTF-8" "--kid takes UTF-8$" keygen --jwk --kid "$(printf 'a\377')"
refuses "a kid without a JWK" "--kid is for a JWK: give --jwk too$" keygen --kid a
refuses "two kids for one key" "--kid was given twice$" keygen --jwk --kid a --kid b
jwks() {
	"$JWTD" keygen --jwk --kid a a.jwk && "$JWTD" keygen --jwk --kid=b b.jwk && "$JWTD" keygen --jwk >plain.jwk &&
		grep -qx '{"kty":"oct","use":"sig","alg":"HS512","k":"[A-Za-z0-9_-]\{171\}"}' plain.jwk &&
		printf '{"keys": [%s, %s]}\n' "$(cat b.jwk)" "$(cat a.jwk)" >set.jwk && chmod 600 ./*.jwk
}
holds "keygen --jwk" jwks

# keygen --alg: what is signed by a key is good by it and by no other. alg_is ALG WANTED
alg_is() {
	"$JWTD" keygen --alg "$1" --kid "k $1" "$1.key" >out 2>err && [ ! -s out ] && [ ! -s err ] && [ -n "$(find "$1.key" -perm 0600)" ] &&
		grep -qx "$2" "$1.key" && sed -n 's/.*"[dk]":"\([^"]*\)"}$/\1/p' "$1.key" >>secrets &&
		token=$("$JWTD" sign --key-file "$1.key") && printf '%s\n' "$token" >"$1.token" &&
		"$JWTD" decode "$token" 2>err | grep -q "^{\"verified\":false,\"header\":{\"typ\":\"JWT\",\"alg\":\"$1\",\"kid\":\"k $1\"}" &&
		"$JWTD" verify --key-file "$1.key" "$token" >out 2>err
}
holds "keygen --alg HS256" alg_is HS256 '{"kty":"oct","use":"sig","alg":"HS256","kid":"k HS256","k":"[A-Za-z0-9_-]\{86\}"}'
holds "keygen --alg EdDSA" alg_is EdDSA \
	'{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":"k EdDSA","x":"[A-Za-z0-9_-]\{43\}","d":"[A-Za-z0-9_-]\{43\}"}'
alg_512() {
	"$JWTD" keygen --alg HS512 512.key && is_key 512.key && token=$("$JWTD" sign --key-file 512.key) && printf '%s\n' "$token" >HS512.token
}
holds "keygen --alg HS512" alg_512
holds "keygen --alg EdDSA, no kid" sh -c "'$JWTD' keygen --alg EdDSA | grep -q '\"alg\":\"EdDSA\",\"x\"'"
refuses "keygen --alg of others" "--alg is one of HS512|HS256|EdDSA, not 'RS256'" keygen --alg RS256
for by in 512 HS256 EdDSA; do
	for of in HS512 HS256 EdDSA; do
		[ "HS$by" = $of ] || [ $by = $of ] ||
			denies "a token of $of by a key of $by" "unsupported_algorithm: .* that of no key here$" verify --key-file $by.key "$(cat $of.token)"
	done
done
"$JWTD" jwk 512.key >512.jwk
printf '{"keys":[%s,%s]}\n' "$(cat 512.jwk)" "$(sed 's/HS512/HS256/' 512.jwk)" >twice
"$JWTD" keygen --alg EdDSA nameless
refuses "the same bytes for two algorithms" "key file twice: key 2 of the set: a key of another alg has the same bytes$" jwk twice
refuses "two EdDSA keys, one without a kid" "of two EdDSA keys each needs a kid: 'jwtd jwk FILE --kid K' gives it one$" check --no-compat \
	--key-file EdDSA.key --key-file nameless
refuses "serving / without a key of HS512" "no key here signs with HS512, which POST / needs: add --no-compat$" check --key-file EdDSA.key

# public: nothing of a secret.
public_is() {
	"$JWTD" public "$@" >out 2>err && [ ! -s err ] && sed 's/"x":"[A-Za-z0-9_-]\{43\}"/X/g' out | grep -qFx "{\"keys\":[$wanted]}" &&
		! grep -qE '"[dk]"' out
}
wanted='{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":"k EdDSA",X}'
holds "public" public_is EdDSA.key
holds "public: of others nothing" public_is HS256.key EdDSA.key 512.key
wanted='{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":"a",X},{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":"b",X}'
holds "public --kid" public_is EdDSA.key nameless --kid a --kid b
refuses "public of secrets" "no key here has a public part: one of HS512 or HS256 is a secret$" public HS256.key 512.key
refuses "public of nothing" "public needs a FILE, or several: 'jwtd public key'$" public
refuses "public of a key on the command line" "--key-file is not an option of public" public --key-file EdDSA.key
"$JWTD" public EdDSA.key >public.jwks && chmod 644 public.jwks
gives "the public part judges, and everybody may read it" "$("$JWTD" verify --key-file EdDSA.key <EdDSA.token)" \
	verify --key-file public.jwks "$(cat EdDSA.token)"
refuses "the public part does not sign" "none of these keys may sign: a public part alone can't$" sign --key-file public.jwks
refuses "a public part as a secret" "public.jwks: it is a key of tokens, too\|A-Z a-z 0-9" check --key-file 512.key --service-secret-file public.jwks
says_keys() {
	"$JWTD" check --listen 127.0.0.1:0 --no-compat "$@" 2>&1 | grep -qx "jwtd: loaded: $wanted"
}
wanted='1 key: "k EdDSA" (EdDSA); none signs, so no tokens are issued'
holds "check says that none signs" says_keys --key-file public.jwks
wanted='3 keys: "k HS256" (HS256, signs), [0-9a-f]\{16\} (HS512), "k EdDSA" (EdDSA)'
holds "check says which are what, and which one signs" says_keys --key-file HS256.key --key-file 512.key --key-file EdDSA.key
pem_keys() {
	openssl genpkey -algorithm ed25519 -out private.pem 2>err && openssl pkey -in private.pem -pubout -out public.pem &&
		chmod 600 private.pem && "$JWTD" jwk private.pem --kid p >pem.jwk && chmod 600 pem.jwk &&
		token=$("$JWTD" sign --key-file private.pem) && "$JWTD" verify --key-file public.pem "$token" >out 2>err &&
		"$JWTD" verify --key-file pem.jwk "$token" >out 2>err &&
		[ "$("$JWTD" public private.pem)" = "$("$JWTD" public public.pem)" ]
}
if command -v openssl >/dev/null; then
	holds "PEM as openssl writes it" pem_keys
else
	skip "keys in PEM (needs openssl)"
fi

# jwk: the same keys as JSON. jwk_is WANTED ARGUMENTS...: it prints this; K1 and K2 stand for the keys of one and two.
jwk_is() {
	wanted=$1
	shift
	"$JWTD" jwk "$@" >out 2>err && [ ! -s err ] && [ "$(wc -l <out)" = 1 ] &&
		sed "s/\"k\":\"$k1\"/K1/g; s/\"k\":\"$k2\"/K2/g" out >err && printf '%s\n' "$wanted" | cmp -s - err
}
k1=$(b64url "$(cat one)") k2=$(b64url "$(cat two)")
printf '%s\n%s\n' "$k1" "$k2" >>secrets
same='"kty":"oct","use":"sig","alg":"HS512",'
holds "jwk of a raw key" jwk_is "{${same}K1}" one
holds "jwk --kid" jwk_is "{$same\"kid\":\"2026-11 \\\"ü\\\"\",K1}" --kid '2026-11 "ü"' one
holds "jwk of two keys" jwk_is "{\"keys\":[{${same}K1},{${same}K2}]}" one two
holds "jwk of two keys, kids in order" jwk_is "{\"keys\":[{$same\"kid\":\"a\",K1},{$same\"kid\":\"b\",K2}]}" one --kid a two --kid b
holds "jwk of two keys, one kid" jwk_is "{\"keys\":[{$same\"kid\":\"a\",K2},{${same}K1}]}" --kid a -- two one
(umask 077; "$JWTD" jwk one two --kid a >pair; "$JWTD" jwk one --kid z >named
	sed 's/"use":"sig"/"key_ops":[ "verify" ]/' named >verifies; printf '{"keys":[%s]}' "$(cat named)" >single)
holds "jwk of a set" jwk_is "{\"keys\":[{$same\"kid\":\"a\",K1},{${same}K2}]}" pair
holds "jwk of a set of one" jwk_is "{$same\"kid\":\"z\",K1}" single
holds "jwk of a key before a set" jwk_is "{\"keys\":[{${same}K2},{$same\"kid\":\"z\",K1}]}" two named
holds "jwk of a JWK: another kid" jwk_is "{$same\"kid\":\"y\",K1}" named --kid y
holds "jwk: key_ops stay" jwk_is '{"keys":[{'"${same}K2},{\"kty\":\"oct\",\"key_ops\":[\"verify\"],\"alg\":\"HS512\",\"kid\":\"z\",K1}]}" \
	two verifies
holds "jwk of the same key twice" prints \
	"jwtd: warning: the same key twice: key file one, and key file one; it counts once" \
	"{\"keys\":[{$same\"k\":\"$k1\"}]}" jwk one one
tokens_stay() {
	for pairs in 'one pair' 'pair one' 'two pair' 'named pair' 'pair named'; do
		"$JWTD" sign --key-file "${pairs% *}" >token 2>err && "$JWTD" verify --key-file "${pairs#* }" <token >out 2>>err
		echo "$pairs $? $(cat err)"
	done >result
	[ "$(cut -d' ' -f1-5 result)" = "one pair 0 
pair one 1 jwtd: unknown_key:
two pair 0 
named pair 1 jwtd: unknown_key:
pair named 1 jwtd: unknown_key:" ]
}
holds "jwk: tokens stay the same, and with a kid bear it" tokens_stay
head -c 49152 /dev/urandom >large.key
printf '{"kty":"RSA"}' >rsa
printf '%s\n' '-----BEGIN PUBLIC KEY-----' >pem
chmod 600 large.key rsa pem
refuses "jwk of nothing" "jwk needs a FILE, or several: 'jwtd jwk key'$" jwk
refuses "jwk of what is not there" "key file nowhere: No such file or directory$" jwk one nowhere
refuses "jwk of PEM" "key file pem: it is PEM (PUBLIC KEY); a key is a JWK, Ed25519 in PEM as openssl" jwk one pem
refuses "jwk of an RSA key" "key file rsa: its kty is \"RSA\", not oct or OKP$" jwk rsa
holds "jwk of a first key that only verifies" jwk_is '{"keys":[{"kty":"oct","key_ops":["verify"],"alg":"HS512","kid":"z",K1},{'"${same}K2}]}" \
	verifies two
refuses "jwk: a kid for a set" "key file pair: key 2 of the set: it holds several keys, and --kid names one$" jwk pair --kid a
refuses "jwk: the same kid for two keys" "key file two: another key has the same kid: key file one$" jwk one two --kid a --kid a
refuses "jwk: more kids than files" "--kid is given more often than there are files$" jwk one --kid a --kid b
refuses "jwk: a kid of 129 bytes" "--kid takes 1 to 128 bytes$" jwk one --kid "0$long"
refuses "jwk: a kid that is not UTF-8" "--kid takes UTF-8$" jwk one --kid "$(printf 'a\377')"
refuses "jwk of more than a key file may be" "this would be larger than a key file may be: 65536 bytes$" jwk large.key
refuses "jwk of a key on the command line" "--key-file is not an option of jwk" jwk --key-file one

# sign

holds "a token of one second, for later" mint --expires-in 1
soon=$token
signs "sign" '{NOW,ID,NOW+3600}'
first=$token
signs "sign once more" '{NOW,ID,NOW+3600}'
holds "ids differ" [ "$first" != "$token" ]
signs "--claim" '{NOW,ID,NOW+3600,"sub":"me"}' --claim sub=me
signs "texts that must be quoted" '{NOW,ID,NOW+3600,"a":"","b":"c=d","q":"\"\\x","x\":1,\"exp":"5,\"y\":{}"}' \
	--claim a= --claim b=c=d --claim='q="\x' --claim 'x":1,"exp=5,"y":{}'
signs "control characters" '{NOW,ID,NOW+3600,"a":"\n\u001b[31m"}' --claim "$(printf 'a=\n\033[31m')"
signs "UTF-8" '{NOW,ID,NOW+3600,"größe":"→𝄞"}' --claim 'größe=→𝄞'
signs "--claim-json" '{NOW,ID,NOW+3600,"a":[1,{"b":null}],"n":1.50e400,"s":"x \u0041","t":true}' \
	--claim-json 'a= [1, {"b" : null}] ' --claim-json n=1.50e400 --claim-json 's="x \u0041"' --claim-json t=true
signs "our names further down" '{NOW,ID,NOW+3600,"a":{"iat":0,"exp":1,"iss":"b"}}' \
	--claim-json 'a={"iat":0,"exp":1,"iss":"b"}'
signs "registered claims" '{NOW,ID,NOW+3600,"nbf":1.5,"aud":["b","c"],"sub":""}' \
	--claim-json nbf=1.5 --claim-json 'aud=["b","c"]' --claim-json 'sub=""'
signs "--expires-in" '{NOW,ID,NOW+3153600000}' --expires-in 3153600000
signs "--ttl" '{NOW,ID,NOW+60}' --ttl 60
signs "--expires-in beats --ttl" '{NOW,ID,NOW+5}' --expires-in=5 --ttl 60
signs "--issuer and the first --audience" '{NOW,ID,"iss":"https://a/",NOW+3600,"aud":"x y","b":"c"}' \
	--issuer https://a/ --audience 'x y' --audience z --claim b=c
signs "an audience of one's own" '{NOW,ID,NOW+3600,"aud":"mine"}' --audience theirs --claim aud=mine

printf ' { "a" : 1,\n"b":[ ] }\n' >good.json
printf '{"\\u0065xp":1}' >escaped.json
printf '{ \n}' >nothing.json
printf '{"a":1,}' >comma.json
printf '[]' >array.json
printf '{"a":1}{"exp":5}' >more.json
printf '{"\\u0061":1}' >again.json
signs "--claims-file, the others behind it" '{NOW,ID,NOW+3600,"a":1,"b":[],"c":"1","d":2}' \
	--claim-json d=2 --claims-file good.json --claim c=1
signs "a file without claims" '{NOW,ID,NOW+3600,"c":"1"}' --claims-file nothing.json --claim c=1
input=good.json
signs "--claims-file -" '{NOW,ID,NOW+3600,"a":1,"b":[]}' --claims-file -
stdin_untouched() {
	left=$({ "$JWTD" sign --key-file key --claim a=b && "$JWTD" verify --key-file key "$token" && "$JWTD" keygen; cat; } \
		<good.json 2>err | tail -n +4)
	[ "$left" = "$(cat good.json)" ]
}
holds "otherwise standard input is not read" stdin_untouched
input=array.json
refuses_claims "an array on stdin" "claims file -: not a JSON object$" --claims-file -
input=/dev/null

refuses_claims "no name" "--claim takes NAME=TEXT, not '=b'$" --claim =b
refuses_claims "no value" "--claim takes NAME=TEXT, not 'a'$" --claim a
refuses_claims "no JSON value" "--claim-json takes NAME=JSON, not 'a'$" --claim-json a
refuses_claims "an empty JSON value" "--claim-json a: malformed JSON: value expected at byte 0$" --claim-json a=
refuses_claims "text as JSON" 'malformed JSON: .* at byte 0; text needs quotes, as in \["ops"\]$' --claim-json a=b
refuses_claims "text in a list" 'value expected at byte 1; text needs quotes, as in \["ops"\]$' --claim-json 'groups=[ops]'
refuses_claims "a quote of another kind" "value expected at byte 1$" --claim-json "groups=['ops']"
refuses_claims "injection behind JSON" "malformed JSON: something follows the value at byte 1$" --claim-json 'a=1,"exp":5'
refuses_claims "injection behind an object" "malformed JSON: something follows the value" --claim-json 'a={}}'
refuses_claims "injection into an object" "malformed JSON: duplicate member name" --claim-json 'a={"b":1,"b":2}'
refuses_claims "too deep" "deep" --claim-json "a=$(printf '%032d' 0 | tr 0 '[')$(printf '%032d' 0 | tr 0 ']')"
refuses_claims "text that is not UTF-8" "not UTF-8" --claim "$(printf 'a=\377')"
refuses_claims "a name that is not UTF-8" "not UTF-8" --claim-json "$(printf '\377=1')"
# shellcheck disable=SC2046
refuses_claims "65 claims" "--claim was given more than 64 times" $(printf -- '--claim a=b %.0s' $(seq 65))
refuses_claims "a comma too many" "comma.json: malformed JSON: .* at byte 7$" --claims-file comma.json
refuses_claims "an array in a file" "array.json: not a JSON object$" --claims-file array.json
refuses_claims "injection behind a file" "more.json: malformed JSON: something follows the value at byte 7$" --claims-file more.json
refuses_claims "no such file" "claims file nowhere: No such file or directory$" --claims-file nowhere
refuses_claims "a folder" "\.: Is a directory$" --claims-file .
refuses_claims "two files" "--claims-file was given twice" --claims-file good.json --claims-file good.json
refuses_claims "a name twice" "duplicate member name" --claim a=1 --claim a=2
refuses_claims "a name as text and as JSON" "duplicate member name" --claim a=1 --claim-json a=1
refuses_claims "a name in the file too" "duplicate member name" --claims-file good.json --claim-json b=1
refuses_claims "a name in the file too, escaped" "duplicate member name" --claims-file again.json --claim a=1
for name in iat jti iss exp; do
	printf '{"a":1,"%s":1}' $name >ours.json
	refuses_claims "$name" "$name is set here" --claim $name=1
	refuses_claims "$name as JSON" "$name is set here" --claim-json $name=1
	refuses_claims "$name in a file" "$name is set here" --claims-file ours.json
done
refuses_claims "exp, escaped" "exp is set here" --claims-file escaped.json
refuses_claims "sub of another type" "sub must be a string; 'jwtd help sign'" --claim-json sub=1
refuses_claims "aud of another type" "aud must be a string or an array of strings; 'jwtd help sign'" --claim-json 'aud=["a",1]'
refuses_claims "nbf of another type" "nbf must be a number of seconds" --claim nbf=1
refuses_claims "no lifetime" "--expires-in takes a whole number from 1 to 3153600000, not '0'" --expires-in 0
refuses_claims "a lifetime of a century and a second" "--expires-in takes .* not '3153600001'" --expires-in 3153600001
refuses_claims "a lifetime with a unit" "--ttl takes a whole number .* not '1h'" --ttl 1h
refuses_claims "an issuer that is not UTF-8" "--issuer takes at most 1,000 bytes of UTF-8$" --issuer "$(printf '\377')"
refuses_claims "an argument" "unexpected argument a=b" a=b
refuses_claims "an option of others" "--leeway is not an option of sign" --leeway 1
refuses "sign without a key" "no key: .*jwtd keygen" sign --claim a=b
refuses "sign with a key that is not there" "key file nowhere: No such file" sign --key-file nowhere

# A token has at most 12,288 bytes: 9,123 of claims. Of those these take the ones that --claim a= does, but for its text.
signs "the shortest claim" '{NOW,ID,NOW+3600,"a":""}' --claim a=
most=$((9123 - $(wc -c <claims.json) + 1))
largest() {
	mint --claim "a=$(printf "%0${most}d" 0)" && [ ${#token} = 12288 ] && "$JWTD" verify --key-file key "$token" >out 2>err
}
holds "the largest token" largest
refuses_claims "a larger token" "too large: a token has at most 12288 bytes$" --claim "a=$(printf "%0$((most + 1))d" 0)"
many=$(printf '%0100000d' 0)
refuses_claims "larger claims than there is room for" "the claims are too large for a token$" --claim "a=$many" --claim "b=$many" --claim "c=$many"
head -c 65537 /dev/zero | tr '\0' ' ' >large
refuses_claims "a larger file" "large: more than 65536 bytes$" --claims-file large

# verify and decode

middle=eyJpYXQiOjE2Njg2NjQ0NDYsImp0aSI6IjBlNWNkYzRiYzk2YTE5ZDdmZGIzMzFlYzgxMTNkYWQwIiwicGF5bG9hZCI6eyJkYXRhIjoidGhpcyBpcyB0ZXN0IiwiZGF0ZSI6IjIwMjItMTEtMTcifX0
signature=HChW1vzHVA6dD_j4f0zTMt2w7eKW5ydbjXBgUdRsmd6M93BcIbeEtqI9JIDnZJGWoX4MnoaUsEdorzfEDsgDrQ
golden=$header.$middle.$signature
echo "$golden" >>secrets
said='{"iat":1668664446,"jti":"0e5cdc4bc96a19d7fdb331ec8113dad0","payload":{"data":"this is test","date":"2022-11-17"}}'
shown='{"verified":false,"header":{"typ":"JWT","alg":"HS512"},"claims":'$said'}'
gives "verify" "$said" verify --demo-key "$golden"
decodes "decode" "$shown" "$golden"
for end in '' '\n' '\r\n'; do
	# shellcheck disable=SC2059
	printf "$golden$end" >piped
	input=piped
	gives "verify what is piped, '$end' at its end" "$said" verify --demo-key
	decodes "decode what is piped, '$end' at its end" "$shown" -
done
printf '%s\n\n' "$golden" >piped
denies "two newlines" "malformed: signature: not base64url" verify --demo-key
input=.
refuses "stdin that can't be read" "standard input: Is a directory$" verify --demo-key
input=large
refuses "too much on stdin" "standard input: more than 65536 bytes$" decode
input=/dev/null

# What is wrong with it | token | what verify says: standard error ends so.
while IFS='|' read -r what token message; do
	denies "$what" "$message$" verify --demo-key "$token"
done <<END
nothing at all||malformed: token: it is empty
two segments|$header.$middle|malformed: token: three segments expected
four segments|$golden.$signature|malformed: signature: not base64url without padding
an empty header|.$middle.$signature|malformed: header: the segment is empty
empty claims|$header..$signature|malformed: claims: the segment is empty
an empty signature|$header.$middle.|malformed: signature: the segment is empty
a space before it| $golden |malformed: header: not base64url without padding
padding|$golden==|malformed: signature: not base64url without padding
an unused bit|${golden%Q}R|malformed: signature: not base64url without padding
a header that is no JSON|$(b64url '{"alg":"HS512"').$middle.$signature|malformed: header: .* at byte 14
a header that is no object|$(b64url '"HS512"').$middle.$signature|malformed: header: not a JSON object
claims that are no object|$header.$(b64url '[]').$signature|malformed: claims: not a JSON object
a claim twice|$header.$(b64url '{"a":1,"\u0061":2}').$signature|malformed: claims: duplicate member name at byte 7
other claims|$header.$(b64url '{"iat":1668664446}').$signature|bad_signature: the token's signature does not match
another header|$(b64url '{"alg":"HS512"}').$middle.$signature|bad_signature: .*
an escaped name|$(b64url '{"al\u0067":"HS512"}').$middle.$signature|bad_signature: .*
another signature|$header.$middle.I${signature#H}|bad_signature: .*
a byte too few|${golden%??}|bad_signature: .*
alg none|$(b64url '{"alg":"none"}').$middle.$signature|unsupported_algorithm: the token's algorithm is that of no key here
alg HS256|$(b64url '{"alg":"HS256"}').$middle.$signature|unsupported_algorithm: .*
alg hs512|$(b64url '{"alg":"hs512"}').$middle.$signature|unsupported_algorithm: .*
no alg|$(b64url '{"typ":"JWT"}').$middle.$signature|unsupported_algorithm: .*
alg none and crit|$(b64url '{"alg":"none","crit":["a"]}').$middle.$signature|unsupported_algorithm: .*
crit|$(b64url '{"alg":"HS512","crit":[]}').$middle.$signature|unsupported_critical: the token's header asks for an extension
b64|$(b64url '{"alg":"HS512","b64":false}').$middle.$signature|unsupported_critical: .*
kid|$(b64url '{"alg":"HS512","kid":"a"}').$middle.$signature|unknown_key: the token names a key that is not known here
kid of another type|$(b64url '{"alg":"HS512","kid":5}').$middle.$signature|unknown_key: .*
crit and kid|$(b64url '{"alg":"HS512","crit":[],"kid":"a"}').$middle.$signature|unsupported_critical: .*
END
decodes "decode what nobody verifies" '{"verified":false,"header":{"alg":"none"},"claims":{}}' \
	"$(b64url '{"alg":"none"}').e30.AA"
refuses "decode what is malformed" "malformed: token: three segments expected$" decode ab.cd
refuses "decode with a key" "--key-file is not an option of decode" decode --key-file key "$golden"
refuses "verify without a key" "no key: " verify "$golden"
refuses "verify with a key that is not there" "key file nowhere: No such file" verify --key-file nowhere "$golden"
refuses "verify with an option of others" "--claim is not an option of verify" verify --claim a=b "$golden"

# judges MESSAGE OPTIONS...: verify finds so of $token, and accepts it where the message is empty.
judges() {
	verdict=$1
	shift
	if [ -z "$verdict" ]; then
		gives "accepted: verify $* $(claims)" "$(claims)" verify --key-file key "$@" "$token"
	else
		denies "$verdict: verify $* $(claims)" "$verdict: the token.*" verify --key-file key "$@" "$token"
	fi
}

# What sign says | what verify asks for | verdict.
# shellcheck disable=SC2086
while IFS='|' read -r made asked verdict; do
	mint $made
	judges "$verdict" $asked
done <<END
||
--issuer a||
--issuer a|--issuer a|
--issuer ab|--issuer a|wrong_issuer
|--issuer a|wrong_issuer
--audience a||wrong_audience
--audience a|--audience b --audience a|
--audience ab|--audience a|wrong_audience
|--audience a|wrong_audience
--claim-json aud=["a","b"]|--audience b|
--claim-json aud=[]|--audience b|wrong_audience
--claim sub=me|--require sub --require jti --require exp|
--claim sub=me|--require nbf|missing_claim
|--require sub|missing_claim
--claim-json nbf=1e9||
--claim-json nbf=$(($(date +%s) + 600))||not_yet_valid
--claim-json nbf=$(($(date +%s) + 600))|--leeway 900|
--claim-json nbf=253402300799|--leeway 86400 --issuer a|not_yet_valid
--issuer a --audience b|--issuer b|wrong_issuer
END

# Tokens of other makers.
if command -v openssl >/dev/null; then
	now=$(date +%s)
	# shellcheck disable=SC2086
	while IFS='|' read -r text asked verdict words; do
		token=$header.$(b64url "$text")
		token=$token.$(printf %s "$token" | openssl dgst -sha512 -hmac "$(cat key)" -binary | base64 | tr -d '\n=' | tr '/+' '_-')
		judges "$verdict" $asked
		[ -z "$words" ] || denies "verify: $text" "$verdict: $words$" verify --key-file key $asked "$token"
	done <<-END
		{}||
		{ "a" : [ 1 ] }|--require a|
		{"exp":$now}||expired|the token has expired
		{"exp":$now}|--leeway 60|
		{"exp":$((now + 60)).5}||
		{"exp":"$((now + 60))"}||expired|the token's exp is not a number of seconds in range
		{"exp":null}|--leeway 86400|expired|the token's exp is not a number of seconds in range
		{"exp":$((now + 60))000}||expired|the token's exp is not a number of seconds in range
		{"nbf":-1}||not_yet_valid|the token's nbf is not a number of seconds in range
		{"nbf":$((now + 600))}||not_yet_valid|the token is not valid yet
		{"exp":1,"nbf":null,"aud":"x"}|--issuer a --require b|expired
		{"iss":"\\u0061"}|--issuer a|
		{"iss":["a"]}|--issuer a|wrong_issuer
		{"\\u0061ud":"a"}||wrong_audience
		{"aud":["a",1]}|--audience a|wrong_audience
		{"aud":null}||wrong_audience
		{"sub":null}|--require sub|missing_claim
		{"sub":0,"groups":["a","b"]}|--require sub --require groups=x,b|
		{"groups":["a","bc"]}|--require groups=x,b|insufficient_scope
	END
else
	skip "tokens of other makers (needs openssl)"
fi

# Rotation: the first key signs, all verify; a key id finds its key.

mint --claim sub=me
gives "a key that no longer signs" "$(claims)" verify --key-file one --key-file key "$token"
denies "a key that was removed" "bad_signature: .*" verify --key-file one "$token"
gives "a key without an id beside others" "$(claims)" verify --key-file set.jwk --key-file key "$token"
with "JWTD_KEY_FILE=one key" gives "keys in the environment" "$(claims)" verify "$token"
with "JWTD_KEY_FILE=nowhere" gives "the command line beats them" "$(claims)" verify --key-file key "$token"
mkdir credentials && cp key credentials/key
with "CREDENTIALS_DIRECTORY=$dir/credentials" gives "a key among the credentials" "$(claims)" verify "$token"
with "CREDENTIALS_DIRECTORY=$dir/credentials" denies "the command line beats that" \
	"bad_signature: .*" verify --key-file one "$token"
rotated() {
	token=$("$JWTD" sign --key-file "$1" --key-file "$2" 2>err) && echo "$token" >>secrets &&
		"$JWTD" verify --key-file "$1" "$token" >out 2>err && ! "$JWTD" verify --key-file "$2" "$token" >out 2>err &&
		grep -q "^jwtd: $3: " err
}
holds "the first key signs" rotated one key bad_signature
holds "the first key of a set signs" rotated set.jwk plain.jwk unknown_key
holds "a JWK signs before a key without an id" rotated a.jwk key unknown_key
holds "a key without an id before a JWK" rotated key a.jwk bad_signature
holds "a second JWK named a" "$JWTD" keygen --jwk --kid a other.jwk
token=$("$JWTD" sign --key-file a.jwk)
gives "a key of the set" "$(claims)" verify --key-file set.jwk "$token"
denies "the same id, another key" "bad_signature: .*" verify --key-file other.jwk --key-file b.jwk "$token"
denies "an id that is not there" "unknown_key: .*" verify --key-file b.jwk --key-file plain.jwk "$token"
refuses "an id twice" "key file other.jwk: another key has the same kid: key file a.jwk$" \
	verify --key-file a.jwk --key-file other.jwk "$token"
holds "a key twice: it counts once" prints \
	"jwtd: warning: the same key twice: key file a.jwk, and key 2 of key file set.jwk; it counts once" "$(claims)" \
	verify --key-file a.jwk --key-file set.jwk "$token"

# The environment: name and value | command | what it says about it.
# shellcheck disable=SC2086
while IFS='|' read -r setting command message; do
	with "$setting" refuses "$setting $command" "$message" $command
done <<END
JWTD_TTL=1h|sign --key-file key|JWTD_TTL takes a whole number from 1 to 3153600000, not '1h'
JWTD_LEEWAY=-1|verify --key-file key a.b.c|JWTD_LEEWAY takes a whole number from 0 to 86400, not '-1'
JWTD_DEMO_KEY=yes|sign|JWTD_DEMO_KEY is 0 or 1, not 'yes'
JWTD_DEMO_KEY=1|sign --key-file key|more than one key: the key file key .*JWTD_DEMO_KEY
JWTD_KEY_FILE=key nowhere|verify a.b.c|key file nowhere: No such file
JWTD_WORKERS=0|check --key-file key|JWTD_WORKERS takes a whole number from 1 to 64, not '0'
JWTD_LOG_FORMAT=xml|check --key-file key|JWTD_LOG_FORMAT is one of logfmt|json, not 'xml'
JWTD_REQUIRE= |verify --key-file key a.b.c|JWTD_REQUIRE needs a value; 'jwtd help verify'
JWTD_HOST=   |check --key-file key|JWTD_HOST needs a value; 'jwtd --help'
JWTD_LISTEN=localhost:80|health|--listen localhost:80: names are not looked up
JWTD_LISTEN=localhost:80|check --key-file key|listen localhost:80: names are not looked up
END
with JWTD_ISSUER=a signs "an issuer of the environment" '{NOW,ID,"iss":"a",NOW+3600}'
with JWTD_TTL=60 signs "a lifetime of the environment" '{NOW,ID,NOW+60}'
with JWTD_TTL=60 signs "the command line beats it" '{NOW,ID,NOW+70}' --ttl 70
with "JWTD_AUDIENCE=b c" signs "an audience of the environment" '{NOW,ID,NOW+3600,"aud":"b"}'
with "JWTD_AUDIENCE=c b" gives "audiences of the environment" "$(claims)" verify --key-file key "$token"
for setting in JWTD_WORKERS=x JWTD_LEEWAY=x JWTD_TTL= JWTD_KEY=x JWTD_PORT=x JWTD_SERVICE_HOST=x JWTD_SERVICE_PORT_HTTP=x \
	JWTD_PORT_5000_TCP_PROTO=x; do
	with $setting signs "$setting means nothing to sign" '{NOW,ID,NOW+3600}'
done

# --env-file: what test/systemd has systemd itself read.
# shellcheck source=test/environments
. "$tests/environments"
mkdir env && environments env
# issuer ARGUMENTS...: of the token that is made, as JSON.
issuer() {
	"$JWTD" sign --key-file key "$@" 2>err | "$JWTD" decode 2>/dev/null | sed -n 's/.*"jti":"[0-9a-f]*",\("iss":".*"\),"exp":[0-9]*}}$/\1/p'
}
same_issuer() {
	issuer --env-file "env/$1.env" >out && [ ! -s err ] && [ -s out ] &&
		JWTD_ISSUER=$(cat "env/$1.iss") issuer >wanted && cmp -s wanted out
}
for file in env/*.env; do
	name=${file#env/}
	holds "--env-file: $name" same_issuer "${name%.env}"
done

# The file, in printf's format | what is said of it.
while IFS='|' read -r text message; do
	# shellcheck disable=SC2059
	printf "$text" >env/file
	refuses "--env-file: $text" "environment file env/file, line $message" sign --key-file key --env-file env/file
done <<'END'
JWTD_ISSUER|1: there is no '=': write NAME=VALUE; 'jwtd help sign'
\nJWTD_TTL=5\nJWTD_ISSUER\n|3: there is no '=': write NAME=VALUE; 'jwtd help sign'
export JWTD_ISSUER=a\n|1: a name before '=' has letters, digits and _ only; 'jwtd help sign'
=a\n|1: a name before '=' has letters, digits and _ only
\357\273\277JWTD_ISSUER=a\n|1: a name before '=' has letters, digits and _ only
JWTD_ISSUER="a\nJWTD_TTL=5\n|1: a quote has no end
JWTD_TTL=5\nJWTD_ISSUER=\047a"\nb\n|2: a quote has no end
# a \\\nJWTD_ISSUER=a\n|1: the comment ends in a backslash: is the next line part of it? Take it out
JWTD_ISSUER=a\n# a \\\r\n|2: the comment ends in a backslash
JWTD_ISSUER=a\\\nb\nJWTD_TTL=0\n|3: JWTD_TTL takes a whole number from 1 to 3153600000, not '0'
JWTD_TTL=1h\r\nJWTD_ISSUER=a\r\n|1: JWTD_TTL takes a whole number from 1 to 3153600000, not '1h'
JWTD_TTL=60 # an hour\n|1: write a comment on a line of its own, and a # of the value in quotes; 'jwtd help sign'
\nJWTD_ISSUER=a \t#b\n|2: write a comment on a line of its own
JWTD_ISSUER= # b\n|1: write a comment on a line of its own
JWTD_ISSUER="a" # b\n|1: write a comment on a line of its own
JWTD_ISSUER=a\\\n# b\n|1: write a comment on a line of its own
JWTD_TTL=x\nJWTD_TTL=y\n|2: JWTD_TTL takes a whole number from 1 to 3153600000, not 'y'
TZ=UTC\n|1: only the variables of jwtd's options are read here, not TZ
JWTD_KEY=a\n|1: only the variables of jwtd's options are read here, not JWTD_KEY
JWTD_ISSUERS=a\n|1: unknown variable JWTD_ISSUERS; did you mean JWTD_ISSUER? 'jwtd help sign'
JWTD_KID=a\n|1: unknown variable JWTD_KID; 'jwtd help sign'
JWTD_ENV_FILE=a\n|1: JWTD_ENV_FILE can't stand in such a file
END
echo "$(printf '%0300d' 0 | tr 0 A)=a" >env/file
refuses "--env-file: a name of 300 bytes" "line 1: only the variables of jwtd's options are read here, not A\{256\}; " sign --key-file key --env-file env/file
printf 'JWTD_ISSUER=a\0' >env/file
refuses "--env-file with a zero byte" "environment file env/file: it is no text: it holds a zero byte" sign --key-file key --env-file env/file
refuses "--env-file that is not there" "environment file nowhere: No such file or directory" sign --key-file key --env-file nowhere
refuses "--env-file that is a folder" "environment file env: Is a directory" sign --key-file key --env-file env
printf 'JWTD_ISSUER=file\nJWTD_AUDIENCE=b c\nJWTD_TTL=\nJWTD_WORKERS=x\nJWTD_KEY_FILE="nowhere"\n' >env/file
with "JWTD_ISSUER=environment" signs "--env-file beats the environment" '{NOW,ID,"iss":"file",NOW+3600,"aud":"b"}' --env-file env/file
with "JWTD_TTL=60" signs "an empty one unsets it" '{NOW,ID,"iss":"file",NOW+3600,"aud":"b"}' --env-file env/file
signs "the command line beats --env-file" '{NOW,ID,"iss":"line",NOW+3600,"aud":"d"}' --env-file env/file --issuer line --audience d
with "JWTD_ENV_FILE=env/file" signs "JWTD_ENV_FILE" '{NOW,ID,"iss":"file",NOW+3600,"aud":"b"}'
largest_file() {
	{ printf 'JWTD_ISSUER=a\n#'; head -c 65521 /dev/zero | tr '\0' x; } >env/file && [ "$(wc -c <env/file)" = 65536 ] &&
		issuer --env-file env/file | grep -qx '"iss":"a"' && echo >>env/file
}
holds "--env-file of 65,536 bytes" largest_file
refuses "--env-file of a byte more" "environment file env/file: File too large" sign --key-file key --env-file env/file

# Variables that nobody reads: named, but not their values; and nothing where no variable is read.
strays() {
	JWTD_EXPIRES_IN=hunter2 JWTD_AUDIENCES=hunter2 jwtd_issuer=hunter2 JWTD_SERVICE_TOKEN_FILE=hunter2 "$JWTD" "$@" >out 2>err &&
		[ "$(LC_ALL=C sort err)" = \
		'jwtd: warning: unknown variable JWTD_AUDIENCES; did you mean JWTD_AUDIENCE?
jwtd: warning: unknown variable JWTD_EXPIRES_IN
jwtd: warning: unknown variable JWTD_SERVICE_TOKEN_FILE; did you mean JWTD_SERVICE_SECRET_FILE?
jwtd: warning: unknown variable jwtd_issuer; did you mean JWTD_ISSUER?' ]
}
holds "variables that mean nothing to sign" strays sign --key-file key
holds "variables that mean nothing to verify" strays verify --demo-key "$golden"
with JWTD_AUDIENCES=a gives "a variable and version" "$("$JWTD" version)" version

# check and health

checks() {
	"$JWTD" check "$@" >out 2>err && [ ! -s out ] &&
		[ "$(grep -v '^jwtd: sandbox: ' err | sed 's/^jwtd: loaded: [0-9]* key.*signs).*/loaded/')" = \
			"$(printf 'loaded\njwtd: the configuration is fine: serve would start')" ]
}
holds "check" checks --key-file key --listen 127.0.0.1:0
holds "check with an address as a host" checks --key-file key --listen 127.0.0.1:0 --host '[::1]' --host a
holds "check a unix socket" checks --key-file set.jwk --listen unix:sock,mode=0600
holds "no socket's file stays" [ ! -e sock ]
piped() {
	"$JWTD" keygen 2>/dev/null | "$JWTD" check --key-file /dev/stdin --listen 127.0.0.1:0 >out 2>err &&
		grep -q "^jwtd: warning: /dev/stdin is read once, now: " err &&
		grep -q '^jwtd: the configuration is fine: serve would start, but see the warnings above$' err
}
holds "check a key that comes through a pipe, and can't be reloaded" piped
starts --key-file key --listen 127.0.0.1:0 --listen '[::1]:0' --listen unix:sock --host good --host better
six=$(sed -n 's/^jwtd: listening on \(\[.*\)/\1/p' log)

# check says what serve would, and fails as it would: agree STATUS ARGUMENTS...; $limited runs the program, if it is set.
agree() {
	wanted=$1
	shift
	# shellcheck disable=SC2086
	timeout 10 $limited "$JWTD" serve "$@" >out 2>served
	# shellcheck disable=SC2086
	[ $? = "$wanted" ] && $limited "$JWTD" check "$@" >>out 2>err
	[ $? = "$wanted" ] && [ ! -s out ] && [ -s err ] && cmp -s served err && ! grep -q 'ready (' served
}
limited=''
head -c 63 key >short
chmod 644 old
# shellcheck disable=SC2086
while read -r wanted arguments; do
	holds "check $arguments" agree $wanted $arguments
done <<END
2
2 --key-file nowhere
2 --key-file short --listen 127.0.0.1:0
2 --key-file comma.json
2 --key-file key --key-file key --workers 0
2 --key-file a.jwk --key-file other.jwk
2 --key-file EdDSA.key
2 --key-file EdDSA.key --key-file nameless --no-compat
2 --key-file old --key-file short
2 --key-file key --demo-key
2 --key-file key --ttl 86401
2 --key-file key --user nobody
2 --key-file key --claim-header X
2 --key-file key --require a=
2 --key-file key --token-cookie a=b
2 --key-file key --service-secret-file comma.json
3 --key-file key --listen $address
3 --key-file key --listen $six
3 --key-file key --listen unix:sock
2 --key-file key --listen unix:good.json
2 --key-file key --listen unix:nowhere/sock
3 --key-file key --listen unix:left --listen $address
3 --key-file key --listen 192.0.2.1:1
END
fails 3 "check finds a port in use" "--listen $address: something listens there already" check --key-file key --listen "$address"
# What only shows when all is taken that serving takes.
if [ -z "$under$dynamic" ] && command -v prlimit >/dev/null; then
	limited='prlimit --as=60000000'
	holds "check with too little memory" agree 3 --key-file key --listen unix:left --workers 2
	if [ "$(id -u)" = 0 ]; then
		cp key theirs && chown 65534 theirs && chmod 711 .
		limited='prlimit --nproc=1'
		holds "check without threads" agree 3 --key-file theirs --listen 127.0.0.1:0 --workers 2 --user 65534:65533
	else
		skip "no threads to be had (needs root)"
	fi
	limited=''
else
	skip "limits of memory and threads (needs prlimit, and a static build)"
fi

stays() {
	[ -S sock ] && [ -f good.json ] && [ ! -e left ]
}
holds "the files of others stay, ours goes" stays

port=${address##*:}
for where in "$address" "0.0.0.0:$port" "$six" "[::]:${six##*:}" unix:sock "unix:$dir/sock,mode=0600"; do
	gives "health $where" ok health --host good "$where"
done
gives "health --listen" ok health --host better --listen "$address" --listen 127.0.0.1:1
export JWTD_HOST=good
with "JWTD_LISTEN=$six 127.0.0.1:1" gives "health where JWTD_LISTEN says" ok health
with JWTD_LISTEN=127.0.0.1:1 gives "health elsewhere" ok health "$address"
unset JWTD_HOST
gives "health of another host" ok health "$address"
denies "health of nothing" "127.0.0.1:1: Connection refused$" health 127.0.0.1:1
denies "health of no socket" "unix:nowhere: No such file or directory$" health unix:nowhere
denies "health of a file" "unix:good.json: Connection refused$" health unix:good.json
for where in '' "http://$address" "$address/healthz"; do
	refuses "health '$where'" "$where: not an address: write IP:PORT, " health "$where"
done
refuses "health of a name" "localhost:5000: names are not looked up: write 127.0.0.1:5000$" health localhost:5000
refuses "health of a port" "5000: the address is missing: write 127.0.0.1:5000$" health 5000
refuses "health without a port" "127.0.0.1: the port is missing" health 127.0.0.1
refuses "health of two" "unexpected argument 127.0.0.1:2" health 127.0.0.1:1 127.0.0.1:2
refuses "health with a key" "--key-file is not an option of health" health --key-file key "$address"

# What one makes, the other takes.
if command -v curl >/dev/null; then
	taken() {
		curl -s -X GET -H 'Host: good' -H 'Content-Type: application/json' \
			-d "{\"Token\": \"$("$JWTD" sign --key-file "$1" --claim a=b)\", \"Signing_key\": \"$2\"}" "http://$address/" \
			>out 2>err && grep -q '"a": "b"}, "Signature Verification": true}$' out
	}
	holds "GET / takes the key of keygen" taken key "$(cat key)"
	holds "GET / takes the key of a JWK" taken plain.jwk \
		"$(sed 's/.*"k":"//; s/"}/=/' plain.jwk | tr '_-' '/+' | base64 -d)"
	token=$(curl -s -H 'Host: good' -H 'Content-Type: application/json' -d '{"user_data": 1}' "http://$address/" |
		sed -n 's/^{"JWT Token": "\(.*\)"}$/\1/p')
	gives "verify takes what POST / makes" "$(claims)" verify --key-file key "$token"
else
	skip "keys of keygen with GET / (needs curl)"
fi

# A server that is there, but never answers: asked in the background, for it takes its time.
kill -STOP "$server"
for where in "$address" unix:sock; do
	(
		begun=$(date +%s)
		"$JWTD" health "$where" >"silent.$where.out" 2>"silent.$where.err"
		echo "$? $(($(date +%s) - begun))" >"silent.$where"
	) &
	waiting="${waiting-} $!"
done

# On a terminal: spread out, coloured unless NO_COLOR says otherwise, and without orders to the terminal.

on_terminal() {
	script -qec "'$JWTD' $*" /dev/null </dev/null >typescript
	result=$?
	tr -d '\r' <typescript >out
	return $result
}
spread='{
  "iat": 1668664446,
  "jti": "0e5cdc4bc96a19d7fdb331ec8113dad0",
  "payload": {
    "data": "this is test",
    "date": "2022-11-17"
  }
}'
escape=$(printf '\033')
plain() {
	on_terminal verify --demo-key "$golden" && printf '%s\n' "$spread" | cmp -s - out
}
coloured() {
	on_terminal verify --demo-key "$golden" && grep -q "$escape" out &&
		sed "s/$escape\[[0-9]*m//g" out >bare && printf '%s\n' "$spread" | cmp -s - bare
}
harmless() {
	mint --claim "a=$(printf '\302\233\177\342\200\256')" &&
		on_terminal verify --key-file key "$token" && grep -q '\\u009b\\u007f\\u202e' out &&
		on_terminal decode "$token" && grep -q '\\u009b\\u007f\\u202e' out &&
		"$JWTD" verify --key-file key "$token" | grep -q "$(printf '"\302\233\177\342\200\256"')"
}
asks() {
	on_terminal decode
	[ $? = 2 ] && grep -q '^jwtd: reading the token from standard input$' out
}
if script -V 2>/dev/null | grep -q util-linux; then
	with NO_COLOR=1 holds "on a terminal, NO_COLOR" plain
	with NO_COLOR= holds "on a terminal, NO_COLOR empty" coloured
	holds "on a terminal" coloured
	holds "no orders to the terminal" harmless
	holds "on a terminal the token is asked for" asks
else
	skip "what a terminal shows (needs util-linux' script)"
fi

# version and help

number() {
	"$JWTD" "$@" >out 2>err && [ ! -s err ] && [ "$(wc -l <out)" -eq 1 ] && grep -qx 'jwtd [0-9]*\.[0-9]*\.[0-9]*' out
}
for arguments in version --version 'sign --version' '--demo-key --version'; do
	# shellcheck disable=SC2086
	holds "$arguments" number $arguments
done
helps() {
	"$JWTD" help "$1" >out 2>err && [ ! -s err ] && head -n 1 out | grep -q "^usage: jwtd $1\( \|$\)" && ! grep -q '.\{81\}' out &&
		"$JWTD" "$1" --help | cmp -s - out && "$JWTD" "$1" -h | cmp -s - out && "$JWTD" --help | grep -q "^  $1 "
}
for command in serve sign verify decode keygen jwk client check health version help; do
	holds "help $command" helps $command
done
gives "help is --help" "$("$JWTD" --help)" help
gives "help before anything else" "$("$JWTD" help sign)" sign --ttl x --help
refuses "help of nothing" "unknown command nothing; 'jwtd help' lists what there is$" help nothing
refuses "help of a misspelt command" "unknown command sing; did you mean sign? 'jwtd help' lists what there is$" help sing
refuses "a misspelt option" "unknown option --key-fiel; did you mean --key-file? 'jwtd help sign' lists what there is$" sign --key-fiel key
refuses "help of two" "unexpected argument verify" help sign verify
refuses "an argument of version" "unexpected argument x" version x
refuses "an argument of check" "unexpected argument x" check x
refuses "a token that is no command" "unknown command" "$golden"
refuses "a second token" "unexpected argument" verify --demo-key "$golden" "$golden"

# Standard output is given to the last byte, or it is said that it is not.

cut_off() {
	"$JWTD" "$@" >/dev/full 2>err
	[ $? = 2 ] && [ "$(cat err)" = "jwtd: standard output: No space left on device" ] || return
	"$JWTD" "$@" >&- 2>err
	[ $? = 2 ] && grep -q '^jwtd: standard output: it is closed$' err
}
if [ -c /dev/full ]; then
	for arguments in help version keygen 'keygen --jwk' 'jwk key' 'client a --secret-file never' 'sign --key-file key' "verify --demo-key $golden"; do
		# shellcheck disable=SC2086
		holds "$arguments on a full disk" cut_off $arguments
	done
else
	skip "output to a full disk (needs /dev/full)"
fi

# An empty root: no shell, no /dev, no other file.

if [ "$(id -u)" = 0 ] && command -v chroot >/dev/null && [ -z "$dynamic" ]; then
	mkdir root && cp "$JWTD" root/jwtd && cp key root/key
	printf '#!/bin/sh\nexec chroot "%s/root" /jwtd "$@"\n' "$dir" >inside && chmod 700 inside
	outside=$JWTD JWTD=$dir/inside
	signs "sign in an empty root" '{NOW,ID,NOW+3600,"a":"b"}' --claim a=b
	gives "verify in an empty root" "$(claims)" verify --key-file key "$token"
	denies "verify in an empty root: no" "bad_signature: .*" verify --key-file key "$golden"
	holds "keygen in an empty root" "$JWTD" keygen /new
	holds "its key" is_key root/new
	holds "check in an empty root" checks --key-file /new --listen 127.0.0.1:0
	denies "health in an empty root" "127.0.0.1:1: Connection refused$" health 127.0.0.1:1
	mkdir root/dev && printf 'not random\n' >root/dev/urandom
	refuses "sign with a false /dev/urandom" "/dev/urandom: it is not the kernel's" sign --key-file key
	refuses "keygen with a false /dev/urandom" "/dev/urandom: it is not the kernel's" keygen /newer
	JWTD=$outside
else
	skip "an empty root (needs root, chroot and a static build)"
fi

# What took its time.

gave_up() {
	read -r result seconds <"silent.$1" && [ "$result" = 1 ] && [ "$seconds" -le "${under:+1}6" ] && [ ! -s "silent.$1.out" ] &&
		grep -q "^jwtd: $1: no answer" "silent.$1.err"
}
# shellcheck disable=SC2086
wait ${waiting-}
for where in "$address" unix:sock; do
	cp "silent.$where.err" err
	holds "health $where gives up" gave_up "$where"
done
token=$soon
denies "a token of a second, later" "expired: the token has expired$" verify --key-file key "$token"
gives "a token of a second, later, with leeway" "$(claims)" verify --key-file key --leeway 3600 "$token"
kill -CONT "$server"
stops
denies "health of what has stopped" "$address: Connection refused$" health "$address"
denies "health of what has stopped" "unix:sock: No such file or directory$" health unix:sock

silent() {
	sed -n 's/.*"k":"\([^"]*\)"}$/\1/p' ./*.jwk >>secrets
	! grep -F -f secrets all_err >err
}
holds "no key and no token was ever on stderr" silent
sum_up
