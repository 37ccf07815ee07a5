#!/usr/bin/python3
"""Byte for byte against the service that jwtd replaces (SPEC.md part 1).

    compat.py [JWTD]

The same raw requests go to both. The tables of SAME name the answer that both give, those of DIFFERENT the
answers of each and why jwtd differs on purpose: a difference that is not listed fails, and one that is listed
and no longer differs fails too. Compared are status, content type, framing and body, a token being decoded.

That app is ../shared/bench/peers/seed_flask.py (JWTD_SHARED names another folder than ../shared) under
gunicorn; where one of them is missing, the comparison is skipped."""
import base64, collections, contextlib, hashlib, hmac, json, os, re
import signal, socket, subprocess, sys, tempfile, time, traceback

HERE = os.path.dirname(os.path.abspath(__file__))
KEY = ("a9ddbcaba8c0ac1a0a812dc0c2f08514b23f2db0a68343cb8199ebb38a6d91e4"
       "ebfb378e22ad39c2d01d0b4ec9c34aa91056862ddace3fbbd6852ee60c36acbf")
HEADER = '{"typ":"JWT","alg":"HS512"}'
HEAD = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9"

# ---- counting

SHOWN = 40
count = collections.Counter(passed=0, failed=0, skipped=0)

def check(ok, *what):
    count["passed" if ok else "failed"] += 1
    if not ok and count["failed"] <= SHOWN:
        print("FAILED", *what, sep="\n    ", flush=True)
        if count["failed"] == SHOWN:
            print("(further failures are only counted)")

def skip(what):
    count["skipped"] += 1
    print("skipped:", what)

def finish():
    print("{passed} passed, {failed} failed, {skipped} skipped".format_map(count))
    return 1 if count["failed"] else 0

def run(main):
    """Runs main(arguments) and exits; SIGTERM unwinds too, so that no process is left behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main(sys.argv[1:])
    except Exception:
        check(False, traceback.format_exc())
    sys.exit(finish())

# ---- tokens

def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

def unb64(text):
    return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)

def mac(signed, key=KEY):
    return b64(hmac.new(key.encode(), signed.encode(), hashlib.sha512).digest())

def signed(segments, key=KEY):
    return segments + "." + mac(segments, key)

def token(claims, header=HEADER, key=KEY):
    """A token over these very bytes, whatever they are."""
    return signed(".".join(b64(s.encode() if isinstance(s, str) else s) for s in (header, claims)), key)

CLAIMS = re.compile(r'\{"iat":(\d{10}),"jti":"([0-9a-f]{32})",'
                    r'"payload":\{"data":(.*),"date":"(\d{4}-\d\d-\d\d)"\}\}', re.ASCII)

def utc_day(iat):
    return time.strftime("%Y-%m-%d", time.gmtime(int(iat)))

# ---- HTTP

Answer = collections.namedtuple("Answer", "status fields body")

def request(method, body="", media="application/json", target="/", fields="", version="1.1"):
    """A request with these very bytes. media None: no Content-Type; `fields` may frame the body."""
    body = body.encode() if isinstance(body, str) else body
    if "Transfer-Encoding" not in fields:
        fields += f"Content-Length: {len(body)}\n"
    if media is not None:
        fields += f"Content-Type: {media}\n"
    head = f"{method} {target} HTTP/{version}\nHost: localhost\nConnection: close\n{fields}\n"
    return head.replace("\n", "\r\n").encode() + body

def exchange(port, raw):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as peer:
        peer.sendall(raw)
        rest = b"".join(iter(lambda: peer.recv(65536), b""))
    status = 100
    while status < 200:
        head, _, rest = rest.partition(b"\r\n\r\n")
        start, *lines = head.decode("ascii").split("\r\n")
        status = int(start.split(" ")[1])
    fields = {}
    for name, value in (line.split(": ", 1) for line in lines):
        fields.setdefault(name.lower(), []).append(value)
    return Answer(status, {name: ", ".join(values) for name, values in fields.items()}, rest.decode())

# ---- processes

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]

def wait_until_it_answers(process, port, log):
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(ConnectionRefusedError):
            return exchange(port, request("GET", media="text/plain"))
        time.sleep(0.02)
    log.seek(0)
    raise RuntimeError(f"{process.args} does not answer: {log.read().decode(errors='replace')}")

def stop(process):
    """SIGTERM; where that does not help SIGKILL, to all it started too: the session that began with it."""
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

@contextlib.contextmanager
def running(command, port, environment):
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
                                   start_new_session=True)
        try:
            wait_until_it_answers(process, port, log)
            yield process
        finally:
            stop(process)

@contextlib.contextmanager
def jwtd(arguments):
    """Runs the program that the first argument names, else ../jwtd. Yields its port; checks how it ends."""
    path = os.path.abspath(arguments[0] if arguments else os.path.join(HERE, "..", "jwtd"))
    port = free_port()
    command = [path, "--demo-key", "--listen", f"127.0.0.1:{port}"]
    clean = {n: v for n, v in os.environ.items() if not n.startswith(("JWTD_", "LISTEN_", "CREDENTIALS_"))}
    with running(command, port, clean) as process:
        yield port
    check(process.returncode == 0, f"SIGTERM: jwtd ends with {process.returncode}, not with 0")

@contextlib.contextmanager
def replaced_service(command):
    port = free_port()
    environment = {**os.environ, "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1"}
    with running([*command, "-b", f"127.0.0.1:{port}"], port, environment):
        yield port

def replaced_service_command():
    """Without its address; None where that app cannot be run."""
    shared = os.environ.get("JWTD_SHARED") or os.path.join(HERE, "..", "..", "shared")
    folder = os.path.join(shared, "bench", "peers")
    if not os.path.exists(os.path.join(folder, "seed_flask.py")):
        return None
    for python in sys.executable, "/usr/bin/python3":
        with contextlib.suppress(OSError):
            probe = [python, "-c", "import flask_restful, gunicorn"]
            if subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 0:
                return [python, "-m", "gunicorn", "-w", "1", "--pythonpath", folder, "seed_flask:app"]
    return None

# ---- answers as text: what may vary from call to call is named in place of its value

PLACE = " at byte N"

def show_created(match):
    head, body, signature = match.groups()
    claims = unb64(body).decode()
    if found := CLAIMS.fullmatch(claims):
        iat, jti, data, date = found.groups()
        now = "NOW" if abs(time.time() - int(iat)) <= 5 else iat
        day = "DAY" if date == utc_day(iat) else date
        claims = f'{{"iat":{now},"jti":"RANDOM","payload":{{"data":{data},"date":"{day}"}}}}'
    verdict = "signed" if signature == mac(f"{head}.{body}") else "WRONG SIGNATURE"
    return f'{{"JWT Token": "{unb64(head).decode()} {claims} {verdict}"}}\n'

def show_error(match):
    """Only 202 and 203 prescribe their words; but where JSON is malformed must be said."""
    return match[1] + "…" + (PLACE if re.search(r" at byte \d+$", match[2]) else "") + match[3]

def show(answer):
    """"STATUS TYPE BODY", and what frames the body where that is not simply its length."""
    media, length = answer.fields.get("content-type", "-"), answer.fields.get("content-length")
    body = re.sub(r'^\{"JWT Token": "([\w-]+)\.([\w-]+)\.([\w-]+)"\}\n$', show_created, answer.body)
    if answer.status >= 400:
        body = re.sub(r'^(\{"(?:status": \d+, "description|message)": ")([^"\\]+)("\}\n)$', show_error, body)
        body = "HTML\n" if media.startswith("text/html") and body else body
    if length != str(len(answer.body.encode())):
        body = f"[Content-Length: {length}] {body}"
    if "allow" in answer.fields:
        body = f"[Allow: {' '.join(sorted(answer.fields['allow'].split(', ')))}] {body}"
    return f"{answer.status} {media} {body}"

def answered(status, body, media="application/json"):
    return f"{status} {media} {body}\n"

def created(data):
    claims = f'{{"iat":NOW,"jti":"RANDOM","payload":{{"data":{data},"date":"DAY"}}}}'
    return answered(200, f'{{"JWT Token": "{HEADER} {claims} signed"}}')

def judged(claims, verdict, header='{"typ": "JWT", "alg": "HS512"}'):
    return answered(200, f'{{"Header": {header}, "Claims": {claims}, "Signature Verification": {verdict}}}')

def message(status, fields=""):
    """That app's own errors."""
    return answered(status, fields + '{"message": "…"}')

def refused(status, where="", fields=""):
    return answered(status, f'{fields}{{"status": {status}, "description": "…{where}"}}')

CRASHED = message(500)
MALFORMED = refused(400, PLACE)
NOT_FOUND = refused(404)
WRONG_MEDIA = answered(202, '{"status": 202, "description": "Invalid content type"}')
NO_TOKEN = answered(203, '{"status": 203, "description": "Missing token in GET request body"}')
NO_KEY = "204 application/json [Content-Length: None] "

# ---- requests

def post(body, media="application/json", **more):
    return request("POST", body, media, **more)

def get(body, media="application/json", **more):
    return request("GET", body, media, **more)

def create(data):
    return post('{"user_data":' + data + "}")

def validate(token, key=KEY, method="GET"):
    return request(method, '{"Token":' + json.dumps(token) + ',"Signing_key":' + json.dumps(key) + "}")

def chunked(method, *parts):
    body = "".join(f"{len(part):x}\r\n{part}\r\n" for part in (*parts, ""))
    return request(method, body, fields="Transfer-Encoding: chunked\n")

def compact(spaced):
    return spaced.replace(", ", ",").replace(": ", ":")

def spaced(compact):
    return compact.replace(",", ", ").replace(":", ": ")

def nested(depth):
    return "[" * depth + "]" * depth

def zeros(n):
    return "[" + ",".join("0" * n) + "]"

def members(n):
    return "{" + ",".join(f'"{i}":0' for i in range(n)) + "}"

def flipped(token, at):
    """The token with another character at that place; at the very end (-1) one that decodes to the same."""
    other = chr(ord(token[at]) + 1) if at == -1 else "A" if token[at] != "A" else "B"
    return token[:at] + other + token[len(token) + at + 1:]

# ---- what is the same: name, request, answer of both

PAYLOAD = '{"iat": %d, "jti": "%s", "payload": {"data": "%s", "date": "2022-11-17"}}'
GOLDEN = (              # SPEC.md section 0, A to D
    (PAYLOAD % (1668676907, "f10fb5f47461de4dd8c76113cad7803b", "this is test"),
     "LgY1OHZamo0irNBb3uGQvWRzdFEiBfjmyBOKewPAvPGqmFJGh3HaqdzDMZyX3TzKdTV35a748Xz6hoPOIxPWrA"),
    (PAYLOAD % (1668664446, "0e5cdc4bc96a19d7fdb331ec8113dad0", "this is test"),
     "HChW1vzHVA6dD_j4f0zTMt2w7eKW5ydbjXBgUdRsmd6M93BcIbeEtqI9JIDnZJGWoX4MnoaUsEdorzfEDsgDrQ"),
    (PAYLOAD % (1668690233, "6b05dfac4ba6063ac341d9d9a7bcceb8", "this is test3"),
     "RPIUS8khOWVU91crsqHbIv_3dpWTisIFmbRo180Si9YunUxUIdxIUSE_Q2OGVthRxFt8xQ-RJ0CCetK18YEo3g"),
    (PAYLOAD % (1668668662, "6e102555ce86ad6950f0c9298b57a779", "this is test3"),
     "BEhKN0mRK8Umn_OciwUadr7fn0bEs2cnFPpk1nEE-YUUbVenvviHCdW_LpjyVU4a3C6cxbYRoTcxs0S7pfbSVA"),
)

def same_golden():
    for claims, signature in GOLDEN:
        forged = claims.replace("test", "Test")
        golden, wrong = (f"{HEAD}.{b64(compact(c).encode())}.{signature}" for c in (claims, forged))
        yield "golden", validate(golden), judged(claims, "true")
        yield "golden, wrong key", validate(golden, KEY[:-1] + "e"), judged(claims, "false")
        yield "golden, half the key", validate(golden, KEY[:64]), judged(claims, "false")
        yield "golden, wrong signature", validate(flipped(golden, -9)), judged(claims, "false")
        yield "golden, wrong claims", validate(wrong), judged(forged, "false")

DATA = (                # user_data; the claims hold the same bytes
    '"this is test"', '""', '" "', '"a.b.c"', '", : { } [ ]"',
    '"</script>&\'"', r'"\"\\\b\f\n\r\t"', r'"\\u0041\\"',
    r'"\u0000\u001f\u007f"', r'"\u00e9\u20ac\ud83d\ude00"',
    '"' + "x" * 40000 + '"', '"' + r"\"" * 20000 + '"',
    "null", "true", "false", "0", "-1", "9007199254740993", "-123456789012345678901234567890",
    "1.0", "-0.0", "0.1", "1.5", "1e+16", "1e-07", "1.7976931348623157e+308", "5e-324",
    "{}", "[]", "[[],{},[{}]]", '[1,"a",null,true,-2.5,{"k":[]}]',
    '{"b":1,"a":{"":""}}', r'{"\u00e9":"\n"}',
    '{"iat":1,"jti":"x","payload":{}}', nested(30), members(128), zeros(4085),
)
BODIES = (              # the body of POST, data in the claims
    ('{"user_data": "this is test"}', '"this is test"'),
    (' \r\n\t{ "user_data"\t:\n"x" } \r\n', '"x"'),
    ('{"user_data" : { "a" : [ 1 , 2 ,\t{ } ] , "b" : [ ] } }', '{"a":[1,2,{}],"b":[]}'),
    (r'{"user\u005fdata":1}', "1"),
    ('{"a":[1,{"user_data":2}],"user_data":1,"Token":"","z":null}', "1"),
    ('{"User_data":2,"user_data ":3,"user_data":1}', "1"),
)
CLAIMS_SHOWN = (        # as both answer them; the token has them without spaces
    "{}", '{"a": {}}', '{"a": []}', '{"a": [[], {}, [{}]]}',
    '{"": ""}', '{"t": true, "f": false, "n": null}',
    '{"a": [1, [2, [3, [4]]]], "b": {"c": {"d": {"e": null}}}}', '{"z": 1, "a": 2, "m": 3}',
    '{"a": 0, "b": -1, "c": 9007199254740993, "d": 123456789012345678901234567890}',
    '{"a": 1.0, "b": -0.0, "c": 0.1, "d": 1e+16}',
    r'{"a": "\"\\\b\f\n\r\t\u0000\u001f"}', r'{"a": "\\u0041\\\""}',
    r'{"\u00e9": "\u20ac\ud83d\ude00"}',
    '{"a": ",:{}[]/", "b": "a\'b<>&"}',
    '{"exp": 1, "nbf": 99999999999}',
    '{"a": "' + "y" * 29000 + '"}', '{"a": ' + spaced(zeros(4000)) + "}", '{"a": ' + nested(31) + "}",
)
HEADERS_SHOWN = (
    '{"alg": "HS512"}', '{"alg": "HS512", "typ": "JWT"}',
    '{"typ": "JWT", "alg": "HS512", "kid": "a-b"}',
    '{"alg": "HS512", "jwk": {"kty": "oct", "k": "AAAA"}, "x5c": []}',
    '{"alg": "HS512", "typ": 5, "b": [true]}',
)
KEYS = (
    "k", " ", "\0", "k\0", "x" * 64, "y" * 127, "z" * 128,
    "z" * 129, "w" * 20000, "ключ €😀", "\"\\\n\x7f", "-" * 128,
)

def same_created():
    for data in DATA:
        yield f"user_data {data[:80]}", create(data), created(data)
    for body, data in BODIES:
        yield body, post(body), created(data)
    yield "chunked", chunked("POST", '{"user', '_data":"', 'x"', "}"), created('"x"')
    yield "100-continue", post('{"user_data":1}', fields="Expect: 100-continue\n"), created("1")
    yield "HTTP/1.0", post('{"user_data":1}', version="1.0"), created("1")
    yield "query", post('{"user_data":1}', target="/?a=b/c&d"), created("1")
    yield "absolute-form", post('{"user_data":1}', target="http://localhost/"), created("1")
    lower = post('{"user_data":1}', None, fields="content-type:application/json\n")
    yield "a field name in lower case", lower, created("1")

def same_judged():
    for claims in CLAIMS_SHOWN:
        yield f"claims {claims}", validate(token(compact(claims))), judged(claims, "true")
        yield f"claims {claims}, wrong key", validate(token(compact(claims)), "k"), judged(claims, "false")
    for header in HEADERS_SHOWN:
        yield f"header {header}", validate(token("{}", compact(header))), judged("{}", "true", header)
    for key in KEYS:
        yield f"key {key!r}", validate(token("{}", key=key), key), judged("{}", "true")
    odd = token(' { "a"\n:\t[ ] ,"b":{ } , "c" : [1 ,2] }\r\n')
    yield "odd spacing in the token", validate(odd), judged('{"a": [], "b": {}, "c": [1, 2]}', "true")
    yield "a signature of 3 bytes", validate(f"{HEAD}.e30.AAAA"), judged("{}", "false")

def same_bodies():
    t, yes = token("{}"), judged("{}", "true")
    escaped = "".join(f"\\u{ord(c):04x}" for c in t)
    for body in (
        f'{{"Token": "{t}", "Signing_key": "{KEY}"}}',
        f'\n{{\t"Signing_key" :"{KEY}" ,"Token":\r"{t}"  }} ',
        f'{{"x":[{{}}],"Signing_key":"{KEY}","token":0,"Token":"{t}","signing_key":null}}',
        f'{{"Token":"{escaped}","Signing_key":"{KEY}"}}',
        rf'{{"\u0054oken":"{t}","Signing\u005Fkey":"\u0061{KEY[1:]}"}}',
    ):
        yield body, get(body), yes
    whole = f'{{"Token":"{t}","Signing_key":"{KEY}"}}'
    yield "GET, chunked", chunked("GET", whole[:7], whole[7:300], whole[300:]), yes
    yield "HEAD", validate(t, method="HEAD"), f"200 application/json [Content-Length: {len(yes) - 21}] "

def same_no_content():
    for body in (
        '{"Token":"x"}', '{"Token":5}', '{"Token":"a.b.c","signing_key":"k"}',
        '{"x":{"Signing_key":"k"},"Token":"."}',
    ):
        yield f"GET {body}", get(body), NO_KEY
        yield f"HEAD {body}", request("HEAD", body), NO_KEY

def same_errors():
    for media in (
        None, "", "text/plain", "application", "application/jsonx",
        "application/json+x", '"application/json"',
        "application /json", "application/x-www-form-urlencoded", "text/plain; a=application/json",
    ):
        yield f"POST as {media}", post('{"user_data":1}', media), WRONG_MEDIA
        yield f"GET as {media}", get("{", media), WRONG_MEDIA
    for body in (
        "{}", '{"Signing_key":"k"}',
        '{"token":"x","Signing_key":5}', '{"x":{"Token":"x"}}',
        r'{"\u0000Token":1}',
    ):
        yield f"GET {body}", get(body), NO_TOKEN
    yield "HEAD, no media type", request("HEAD", "{}", None), "202 application/json [Content-Length: 55] "
    yield "HEAD {}", request("HEAD", "{}"), "203 application/json [Content-Length: 68] "

# ---- what differs: the reason, then name, request, answer of that app, answer of jwtd

VERBATIM = (            # user_data or a claim: as sent, as Python writes it
    ("1e5", "100000.0"), ("1E5", "100000.0"), ("-0", "0"),
    ("1.10", "1.1"), ("0.1e1", "1.0"), ("1e400", "Infinity"),
    ("0.12345678901234567890", "0.12345678901234568"), ("1e16", "1e+16"),
    ('"é€😀"', r'"\u00e9\u20ac\ud83d\ude00"'), ('"\x7f"', r'"\u007f"'), ('{"é":0}', r'{"\u00e9":0}'),
    (r'"\u0041\/\u0009\u00E9"', r'"A/\t\u00e9"'), (r'{"\u0061":"\u005C"}', r'{"a":"\\"}'),
)
AMBIGUOUS = (           # user_data or a claim: as sent, as Python writes it
    ("NaN", "NaN"), ("-Infinity", "-Infinity"),
    (r'"\ud800"', r'"\ud800"'),
    (r'"\ude00\ud83d"', r'"\ude00\ud83d"'),
    ('{"a":1,"a":2}', '{"a":2}'), (r'{"a":1,"\u0061":2}', '{"a":2}'), (members(129), members(129)),
)

def carried_over():
    yield "a number of 5,000 digits", create("9" * 5000), message(400), created("9" * 5000)
    for sent, written in VERBATIM:
        yield f"user_data {sent}", create(sent), created(written), created(sent)
        here, there = (judged('{"a": ' + spaced(value) + "}", "true") for value in (sent, written))
        yield f"claim {sent}", validate(token('{"a":' + sent + "}")), there, here

def strict_json():
    for sent, written in AMBIGUOUS:
        yield f"user_data {sent}", create(sent), created(written), MALFORMED
    for name, body in (
        ("UTF-16", '{"user_data":1}'.encode("utf-16")),
        ("a byte order mark", b'\xef\xbb\xbf{"user_data":1}'),
        ("a name twice", '{"user_data":2,"user_data":1}'),
    ):
        yield f"POST, {name}", post(body), created("1"), MALFORMED
    twice = f'{{"Token":"x","Token":"{token("{}")}","Signing_key":"{KEY}"}}'
    yield "GET, a name twice", get(twice), judged("{}", "true"), MALFORMED

def strict_tokens():
    t, yes, no = token("{}"), judged("{}", "true"), judged("{}", "false")
    for name, bad, there in (
        ("empty signature", f"{HEAD}.e30.", no),
        ("padded signature", t + "==", no),
        ("unused bits in the signature", flipped(t, -1), no),
        ("no base64url in the signature", t[:-3] + "!w", no),
        ("newline behind it", t + "\n", no),
        ("padded claims", signed(f"{HEAD}.e30="), yes),
        ("unused bits in the claims", signed(f"{HEAD}.e31"), yes),
        ("spaces in the claims", signed(f"{HEAD}.e3    0"), yes),
        ("base64's + and /", signed(f"{HEAD}.eyJhIjoifn5+Pz8/In0"), judged('{"a": "~~~???"}', "true")),
        ("UTF-16", token("{}".encode("utf-16")), yes),
        ("a byte order mark", token(b"\xef\xbb\xbf{}"), yes),
        ("alg twice", token("{}", '{"alg":"none","alg":"HS512"}'), judged("{}", "true", '{"alg": "HS512"}')),
        ("alg and \\u0061lg", token("{}", r'{"alg":"HS512","\u0061lg":0}'), judged("{}", "true", '{"alg": 0}')),
        ("claims too deep", token('{"a":' + nested(32) + "}"), judged('{"a": ' + nested(32) + "}", "true")),
    ):
        yield name, validate(bad), there, refused(400)
    for sent, written in AMBIGUOUS:
        there = judged('{"a": ' + spaced(written) + "}", "true")
        yield f"claim {sent}", validate(token('{"a":' + sent + "}")), there, refused(400)
    for other in "[]", "5", '"x"', "null", '[{"alg": "HS512"}]':
        yield f"header {other}", validate(token("{}", other)), judged("{}", "true", other), refused(400)
        yield f"claims {other}", validate(token(other)), judged(other, "true"), refused(400)

def crashes():
    t = token("{}")
    for bad in (
        "x", ".", "..", "a.b", "a.b.c", "." * 60000, "a.b.c\0", "é" * 10000,
        f"{HEAD}.e30", ".e30.AAAA", f"{HEAD}..AAAA", f"{HEAD}.e30.é",
        signed(f"{HEAD[:-3]}.e30"), t + ".", t + ".AAAA", "." + t,
        token(""), token("{"), token("{}x"), token('{"a":01}'),
        token(b'{"a":"\xff"}'), token("{}", "{"), token("{}", b"{}\0"),
    ):
        yield f"Token {bad}", validate(bad), CRASHED, refused(400)
    for body in (
        f'{{"Token":"{t}","Signing_key":5}}', f'{{"Token":"{t}","Signing_key":["k"]}}',
        '{"Token":5,"Signing_key":"k"}',
        '{"Token":false,"Signing_key":"k"}',
        '{"Token":{},"Signing_key":"k"}',
        '{"Token":["a.b.c"],"Signing_key":"k"}', "null", "5", "true",
        '["Token","Signing_key"]', '"Token and Signing_key"',
    ):
        yield f"GET {body}", get(body), CRASHED, refused(400)
    for body in (
        "null", "0", "[]", '"user_data"', '["user_data"]', "{}", '{"User_data":1}', '{"x":{"user_data":1}}',
    ):
        yield f"POST {body}", post(body), CRASHED, refused(400)
    yield "half a key", get(rf'{{"Token":"{t}","Signing_key":"\ud800"}}'), CRASHED, MALFORMED
    yield "30,000 brackets", create(nested(30000)), CRASHED, MALFORMED

def null_and_empty():
    t = token("{}", key="")
    for text, key, there, here in (
        ("null", '"k"', CRASHED, NO_TOKEN),
        ('""', '"k"', CRASHED, NO_TOKEN),
        ('""', "null", CRASHED, NO_TOKEN),
        ('""', "5", CRASHED, NO_TOKEN),
        (f'"{t}"', "null", CRASHED, NO_KEY),
        ("5", "null", CRASHED, NO_KEY),
        ('"x"', '""', CRASHED, NO_KEY),
        (f'"{t}"', '""', judged("{}", "true"), NO_KEY),
    ):
        body = f'{{"Token":{text},"Signing_key":{key}}}'
        yield body, get(body), there, here
    for body in '{"Token":null}', '{"Token":""}':
        yield body, get(body), NO_KEY, NO_TOKEN

def algorithms():
    for header in (
        "{}", '{"typ": "JWT"}', '{"alg": "none"}',
        '{"alg": "HS256"}', '{"alg": "hs512"}', '{"alg": "HS512 "}',
        '{"alg": ""}', '{"alg": null}', '{"alg": 512}', '{"alg": ["HS512"]}', '{"ALG": "HS512"}',
        '{"alg": "HS512", "crit": ["exp"]}',
        '{"alg": "HS512", "crit": []}',
        '{"crit": null, "alg": "HS512"}',
    ):
        raw = validate(token("{}", compact(header)))
        yield f"header {header}", raw, judged("{}", "true", header), judged("{}", "false", header)

def not_an_object():
    for body, there in (
        ("[]", NO_TOKEN), ('""', NO_TOKEN), ('["Token"]', NO_KEY), ('"Token"', NO_KEY),
    ):
        yield f"GET {body}", get(body), there, refused(400)

def media_types():
    valid = f'{{"Token":"{token("{}")}","Signing_key":"{KEY}"}}'
    for media in (
        "Application/JSON", "application/json; charset=utf-8",
        "application/json;charset=UTF-8", "APPLICATION/JSON;a=b",
        'application/json ; a="b;c"',
    ):
        yield f"POST as {media}", post('{"user_data":1}', media), WRONG_MEDIA, created("1")
        yield f"GET as {media}", get(valid, media), WRONG_MEDIA, judged("{}", "true")

def limits():
    for name, data, here in (
        ("33 brackets in the claims", nested(31), refused(400)),
        ("4,097 JSON tokens in the claims", zeros(4086), refused(400)),
        ("a token of 66 KB", '"' + "x" * 49000 + '"', refused(413)),
        ("a body of 70 KB", '"' + "x" * 70000 + '"', refused(413)),
    ):
        yield name, create(data), created(data), here
    yield "33 brackets", post('{"user_data":1,"a":' + nested(32) + "}"), created("1"), MALFORMED

def errors():
    for body in (
        "", "{", "}", '{"user_data":}', '{"user_data":1,}',
        '{"user_data":1}x', '{"user_data":1}{}', '{"user_data" 1}',
        "{user_data:1}", "{'user_data':1}", '{"user_data":01}',
        '{"user_data":.5}', '{"user_data":+1}', '{"user_data":1.}',
        '{"user_data":"\t"}', r'{"user_data":"\x"}',
        r'{"user_data":"\u12g4"}', '{"user_data":"x}',
        '{"user_data":tru}',
        '{"user_data":[1 2]}', '{"user_data":[1,]}',
        '{"user_data":1}\0', '/**/{"user_data":1}',
        '{"Token":"x","Signing_key"',
        b'{"user_data":"\xff"}', b'{"user_data":"\xc0\x80"}',
    ):
        yield f"POST {body}", post(body), message(400), MALFORMED if body else refused(400)
        yield f"GET {body}", get(body), message(400), MALFORMED if body else refused(400)
    allow = "[Allow: GET HEAD OPTIONS POST] "
    for method in "PUT", "DELETE", "PATCH", "TRACE":
        yield method, request(method), message(405, allow), refused(405, fields=allow)
    yield "FOO", request("FOO"), message(405, allow), refused(501)
    no_body = "204 - " + allow + "[Content-Length: None] "
    yield "OPTIONS", request("OPTIONS"), "200 text/html; charset=utf-8 " + allow, no_body
    for target in "/x", "/index.html", "/.", "/x?/":
        yield target, get("{}", target=target), answered(404, "HTML", "text/html; charset=utf-8"), NOT_FOUND

def spellings():
    for target in "//", "/%2f", "///?a":
        yield target, post('{"user_data":1}', target=target), created("1"), NOT_FOUND
    twice = post('{"user_data":1}', fields="Content-Type: application/json\n")
    yield "two Content-Types", twice, created("1"), refused(400)

SAME = same_golden, same_created, same_judged, same_bodies, same_errors, same_no_content
DIFFERENT = (
    ("strings and numbers are carried over as written (1.1, 1.2); Python writes them anew", carried_over),
    ("what is no JSON, or what two readers could read in two ways, is refused (1.3)", strict_json),
    ("a token has one spelling (1.3); that app decodes leniently", strict_tokens),
    ("that app crashes; the client is told what was wrong (1.3)", crashes),
    ("null and empty count as missing (1.3)", null_and_empty),
    ("alg must be HS512 and crit absent (1.2); that app ignores the header", algorithms),
    ("the body must be a JSON object (1.3)", not_an_object),
    ("the media type is compared without regard to case and parameters (1.3)", media_types),
    ("limits (2.6), and what GET could not take back is not created (1.1)", limits),
    ("errors have the body and the status of 1.3", errors),
    ("one spelling of the path, one Content-Type (1.3)", spellings),
)

# ---- the comparison

def rows():
    for table in SAME:
        for name, raw, both in table():
            yield name, raw, both, both, "the same"
    for why, table in DIFFERENT:
        for name, raw, there, here in table():
            yield name, raw, there, here, why

def ask(port, raw):
    try:
        answer = exchange(port, raw)
        return show(answer), answer.fields
    except (OSError, ValueError, IndexError) as error:
        return f"no answer: {error!r}", {}

def clip(text, start=0):
    """At most 300 characters, from somewhat before the interesting one on."""
    start = max(0, start - 100)
    return ("…" if start else "") + repr(text[start:start + 300]) + ("…" if len(text) > start + 300 else "")

def side(who, got, want, other):
    """What one of them answered, around the first byte that is not as listed, else not as the other's."""
    reference = want if got != want else other
    first = len(os.path.commonprefix([got, reference]))
    return f"{who:<9} {clip(got, first)}" + (f"\n    expected  {clip(want, first)}" if got != want else "")

def compare(flask, jwtd, name, raw, there, here, why):
    (theirs, _), (ours, fields) = ask(flask, raw), ask(jwtd, raw)
    what = f"{name[:100]!r}: {clip(raw)}"
    if here != MALFORMED:               # of a malformed body alone it is asked for
        ours = ours.replace(PLACE, "")
    check((theirs, ours) == (there, here), what, f"listed as: {why}",
          side("that app", theirs, there, ours), side("jwtd", ours, here, theirs))
    check((there == here) == (why == "the same"), what, "stands in the wrong table")
    if here != NOT_FOUND:
        check(fields.get("cache-control") == "no-store", what, f"no Cache-Control: no-store in {fields}")
    if here == NO_KEY:
        reason = "Missing signing key in GET request body"
        check(fields.get("error-description") == reason, what, f"no Error-Description in {fields}")

def main(arguments):
    command = replaced_service_command()
    if command is None:
        return skip("comparison with the replaced service (needs python3-flask-restful, gunicorn)")
    with replaced_service(command) as flask, jwtd(arguments) as port:
        for row in rows():
            compare(flask, port, *row)

if __name__ == "__main__":
    run(main)
