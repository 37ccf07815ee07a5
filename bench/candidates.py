"""Requests that may cost much CPU within the size limits, for bench/worst.

A new one is a row in one of the tables: SERVERS, SPELLINGS, RELATIONS, ORDERS, OBJECTS, FORMS, FIELDS; or it is a line
of a function in GROUPS."""
import base64, bisect, collections, functools, hashlib, itertools, json, random

import harness

# The limits, as README and the headers have them.
BODY, HEAD, FIELD_COUNT, TARGET, TOKEN, FRAMING, PARAMETERS, LIST = 65536, 16384, 100, 8000, 12288, 24576, 16, 64
KEYS = [hashlib.sha512(str(i).encode()).hexdigest()[:64] for i in range(64)]
SECRET = "s" * 32
MADE = 3 * (BODY - 400) // 4 - 150      # bytes of user_data, so that GET / could take the token

# ---- the tables

# What the claims and audiences are called that the second server asks for: alike but for the end.
ASKED = [f"a{'/' * 17}{i:02d}" for i in range(LIST)]

# Servers that candidates are sent to. All have the keys and the secret.
SERVERS = {
    "64 keys": [],
    "64 audiences, claims, headers": [
        option for i, name in enumerate(ASKED)
        for option in ("--audience", name, "--require", name, "--claim-header", f"X-{i}={name}")],
    "the last key alone": None,
}

# Of what a member's name is made, drawn at random. Where all mean the same, it is one name in many spellings.
SPELLINGS = {
    "a": ("a",), "UTF-8": ("\u00e9",), "\\/": ("\\/",), "\\u0061": ("\\u0061",), "pairs": ("\\ud83d\\ude00",),
    "/ or \\/": ("/", "\\/"), "a or \\u0061": ("a", "\\u0061"),
    "/, \\/ or \\u002f": ("/", "\\/", "\\u002f", "\\u002F"), "\\n or \\u000a": ("\\n", "\\u000a", "\\u000A"),
    "UTF-8 or \\u00e9": ("\u00e9", "\\u00e9", "\\u00E9"),
    "UTF-8 or pairs": ("\U0001f600", "\\ud83d\\ude00", "\\uD83D\\uDE00"),
    "any digits": tuple(f"\\u{i:04{x}}" for i in range(0x41, 0xd000, 97) for x in "xX"),
    "any length": ("a", "\\/", "\\u0061", "\u00e9", "\\u00e9", "\u20ac", "\\u20ac", "\U0001f600", "\\ud83d\\ude00"),
    "\\n now and then": tuple("a" * n + "\\n" for n in range(16)),
}
RELATIONS = "alike", "each anew", "apart"       # one prefix for all; each drawn by itself; other from the first byte on
ORDERS = "falling", "rising", "random"

# How many names an object has, how many such objects there are, and whether they lie in one another.
OBJECTS = {
    "2 names": (2, 1, False), "16 names": (16, 1, False), "120 names": (120, 1, False),
    "16 objects of 120 names": (120, 16, False), "15 nested objects of 120 names": (120, 15, True),
    "31 nested objects of 62 names": (62, 31, True), "600 objects of 2 names": (2, 600, False),
}

# Of what the names and values of a form are made.
FORMS = {
    "a": ("a",), "%61": ("%61",), "+": ("+",), "a or %61": ("a", "%61"), "a, + or %61": ("a", "+", "%61"),
    "any digits": tuple(f"%{i:02{x}}" for i in range(256) for x in "xX"), "&": ("&",), "=": ("=",), "a&": ("a&",),
    "& or a&": ("&", "a&"), "a or =": ("a", "="),
}

# What a field of 16 KB is made of.
FIELDS = (
    ("Connection", ","), ("Connection", "a,"), ("Connection", "keep-aliv,"), ("Connection", " ,"),
    ("Connection", "close,"), ("Connection", ",", "a,", "close,", "keep-alive ,", " "),
    ("Cookie", "a"), ("Cookie", "a=b; "), ("Cookie", "a", "=", ";", " ", '"'), ("Accept", "a/b,"),
    ("Authorization", " "), ("Authorization", "a"), ("Expect", "a"), ("Content-Type", " "),
)

# ---- member names

@functools.lru_cache(maxsize=512)
def draw(units, size, seed=0):
    """So many bytes, or some less, of units at random."""
    if len(units) == 1:
        return units[0] * (size // len(units[0].encode()))
    drawn = random.Random(seed).choices(units, k=size // min(map(len, units)) + 1)
    ends = list(itertools.accumulate(len(unit.encode()) for unit in drawn))
    return "".join(drawn[:bisect.bisect_right(ends, size)])

class Names(collections.namedtuple("Names", "spelling relation order objects")):
    """A kind of member names."""
    def __str__(self):
        return f"{self.objects}, {self.spelling}, {self.relation}, {self.order}"

    def object(self, size, count):
        """One object of at most so many bytes, with so many names that tell themselves apart by a number."""
        room = (size - 2) // count - len('"000":0,')
        numbers = list(range(count))
        if self.order == "falling":
            numbers.reverse()
        elif self.order == "random":
            random.Random(1).shuffle(numbers)
        def name(i):
            text = draw(SPELLINGS[self.spelling], room, i if self.relation == "each anew" else 0)
            text += "a" * (room - len(text.encode()))
            return f"{i:03d}{text}" if self.relation == "apart" else f"{text}{i:03d}"
        return "{" + ",".join(f'"{name(i)}":0' for i in numbers) + "}"

    def text(self, size, more=None):
        """An object of at most so many bytes: such names, or objects that hold them; and these members last."""
        count, objects, nested = OBJECTS[self.objects]
        last = ",".join(f'"{name}":{json.dumps(value)}' for name, value in (more or {}).items())
        room = size - len(last) - len('{"x":[]},')
        objects = max(1, min(objects, room // (12 * count + 8)))        # as many as find room
        if objects == 1:
            text = self.object(room, count)
        elif not nested:
            text = '{"x":[' + ",".join([self.object(room // objects - 1, count)] * objects) + "]}"
        else:
            one, text = self.object(room // objects - len(',"x":'), count), "0"
            for _ in range(objects):
                text = f'{one[:-1]},"x":{text}}}'
        return f"{text[:-1]},{last}}}" if last else text

def all_names():
    return [Names(*kind) for kind in itertools.product(SPELLINGS, RELATIONS, ORDERS, OBJECTS)]

# Once 5 ms: not eight bytes of two names were ever written alike.
KNOWN = Names("/ or \\/", "each anew", "falling", "120 names")

def token(size, claims, header='{"alg":"HS512"}'):
    """A token of so many bytes at most, whose key is tried last of all. `claims` is told how many bytes it may have."""
    room = (size - len(harness.encoded(header.encode())) - 2 - 86) * 3 // 4
    return harness.token(KEYS[-1], header, claims(room))

def string(room):
    return '{"a":"' + "b" * (room - 10) + '"}'

def with_exp(make):
    """The claims, with one more that /auth wants."""
    return lambda room: make(room - 30)[:-1] + ',"exp":253402300799}'

# ---- messages

def message(line, body=b"", fields=(), kind="application/json", secret=True, chunks=None, head=None):
    body = body.encode() if isinstance(body, str) else body
    head = [line + " HTTP/1.1", "Host: a", *fields]
    if secret:
        head.append(f"Authorization: Bearer {SECRET}")
    if body:
        head.append(f"Content-Type: {kind}")
        head.append("Transfer-Encoding: chunked" if chunks else f"Content-Length: {len(body)}")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + (chunks(body) if chunks else body)

def fill(unit, size):
    return unit * (size // len(unit))

def one_byte_chunks(body):
    """As many chunks of one byte as the limit of framing allows, then the rest in one."""
    small = min(len(body) - 1, (FRAMING - 30) // 5)
    return (b"".join(b"1\r\n%c\r\n" % c for c in body[:small]) +
            b"%x\r\n" % (len(body) - small) + body[small:] + b"\r\n0\r\n\r\n")

def even_chunks(body):
    """Chunks as small as the limit of framing allows."""
    count = (FRAMING - 30) // 6
    size = -(-len(body) // count)
    return b"".join(b"%x\r\n" % len(body[i:i + size]) + body[i:i + size] + b"\r\n"
                    for i in range(0, len(body), size)) + b"0\r\n\r\n"

def extensions(begin, unit, end=b""):
    """Every chunk of one byte has the longest extension, as many as the limit of framing allows."""
    line = b"1" + begin + fill(unit, 500 - len(begin + end)) + end
    def chunks(body):
        count = (FRAMING - 30) // (len(line) + 4)
        pieces = b"".join(line + b"\r\n%c\r\n" % c for c in body[:count])
        return pieces + b"%x\r\n" % (len(body) - count) + body[count:] + b"\r\n0\r\n\r\n"
    return chunks

def head_of(line, field, *units, size=HEAD - 200):
    """A head whose one field is as long as can be."""
    return message(line, fields=[f"{field}: {draw(units, size)}"], secret=False)

def in_packets(text, first, each):
    """`first` bytes, then so many a packet."""
    return [text[:first]] + [text[i:i + each] for i in range(first, len(text), each)]

def line_by_line(field, unit, end=""):
    """One long field, then as many short ones as there may be, each in a packet of its own."""
    short = "x:\r\n"
    room = HEAD - len(short) * FIELD_COUNT - 40
    begin = f"GET /healthz HTTP/1.1\r\nHost: a\r\n{field}: {fill(unit, room)}{end}\r\n".encode()
    return [begin] + [short.encode()] * (FIELD_COUNT - 3) + [b"\r\n"]

# ---- candidates: (name, bytes or a list of pieces), and the server where it is not the first

FORM = "application/x-www-form-urlencoded"

def usual(dear):
    yield "smallest: GET /healthz", message("GET /healthz", secret=False)
    yield "GET /metrics", message("GET /metrics", secret=False)
    yield "POST / as usual", message("POST /", '{"user_data": "this is test"}')

def names_everywhere(dear):
    verify = functools.partial(message, "POST /v1/verify", secret=False)
    for names in dear:
        t, good = token(TOKEN, names.text), token(TOKEN, with_exp(names.text))
        escaped = "".join(f"\\u{ord(c):04x}" for c in t[:8000]) + t[8000:]
        body = names.text(BODY, {"token": t})
        yield f"POST /: {names}", message("POST /", names.text(BODY))
        yield f"POST / in even chunks: {names}", message("POST /", names.text(BODY), chunks=even_chunks)
        yield f"POST / in chunks of one byte: {names}", message("POST /", names.text(BODY), chunks=one_byte_chunks)
        yield f"POST / user_data: {names}", message("POST /", f'{{"user_data":{names.text(MADE)}}}')
        yield f"POST /v1/tokens 9 KB of claims: {names}", message(
            "POST /v1/tokens", f'{{"claims":{names.text(8900)}}}')
        yield f"POST /v1/tokens 64 KB of claims: {names}", message(
            "POST /v1/tokens", f'{{"claims":{names.text(BODY - 20)}}}')
        yield f"POST /v1/tokens claims and: {names}", message(
            "POST /v1/tokens", names.text(BODY, {"claims": {"a": "b" * 8950}}))
        for share in (16, 32, 48):
            yield f"GET / token of {share} KB and: {names}", message(
                "GET /", names.text(BODY, {"Token": token(share * 1024, names.text), "Signing_key": KEYS[0]}))
        yield f"/v1/verify: {names}", verify(body)
        yield f"/v1/verify bad: {names}", verify(names.text(BODY, {"token": t[:-20] + 20 * "A"}))
        yield f"/v1/verify a string and: {names}", verify(names.text(BODY, {"token": token(TOKEN, string)}))
        yield f"/v1/verify escaped: {names}", verify(
            f'{names.text(BODY - len(escaped) - 20)[:-1]},"token":"{escaped}"}}')
        yield f"/v1/verify in even chunks: {names}", verify(body, chunks=even_chunks)
        yield f"/v1/verify in chunks of one byte: {names}", verify(body, chunks=one_byte_chunks)
        yield f"/auth: {names}", message("GET /auth", fields=[f"Authorization: Bearer {good}"], secret=False)
        yield f"/introspect: {names}", message("POST /introspect", f"token={good}", kind=FORM)

def user_data(dear):
    for name, data in (
            ("a string", '"' + "a" * MADE + '"'), ("a string of escapes", '"' + fill("\\u0061", MADE) + '"'),
            ("a string of / or \\/", '"' + draw(("/", "\\/"), MADE) + '"'),
            ("a string of UTF-8", '"' + fill("\u00e9", MADE // 2) + '"'),
            ("a string of emoji", '"' + fill("\U0001f600", MADE // 4) + '"'),
            ("spaces", "[" + " " * MADE + "]"), ("4,000 numbers", "[" + ",".join(["1e5"] * 4000) + "]"),
            ("4,000 empty objects", "[" + ",".join(["{}"] * 4000) + "]"), ("30 levels", "[" * 30 + "]" * 30)):
        yield f"POST / user_data: {name}", message("POST /", f'{{"user_data":{data}}}')

def tokens(dear):
    yield "POST /v1/tokens a token of 12 KB", message("POST /v1/tokens", json.dumps({"claims": {"a": "b" * 8950}}))
    for name, make in (("a string", string), ("commas", lambda room: f'{{"a":[{"1," * 4000}1]}}'),
                       ("escapes", lambda room: '{"a":"' + fill("\\n", room - 10) + '"}')):
        yield f"GET / token of 64 KB: {name}", message(
            "GET /", json.dumps({"Token": token(BODY - 200, make), "Signing_key": KEYS[0]}))
    short = token(400, lambda _: '{"a":1}')
    for unit in ("k", "\\u006b", "\\/"):
        yield f"GET / key of 64 KB: {unit}", message(
            "GET /", f'{{"Token":"{short}","Signing_key":"{fill(unit, BODY - 500)}"}}')
    good = token(TOKEN, with_exp(string))
    for name, t in (("good", good), ("bad", good[:-20] + 20 * "A")):
        yield f"/v1/verify {name}: a string", message("POST /v1/verify", json.dumps({"token": t}), secret=False)
        yield f"/auth {name}: a string", message("GET /auth", fields=[f"Authorization: Bearer {t}"], secret=False)
    yield "/auth 100 fields", message(
        "GET /auth", fields=[f"Authorization: Bearer {good}"] + ["authorizatioo: x"] * 98, secret=False)

def asked(dear):
    """Tokens for the server that asks for many names: all claims are there, and as many audiences as there is room
    for, the last of them one of ours."""
    def spelled(name, units):
        return "".join(random.choice(units) if c == "/" else c for c in name)
    for style, other in itertools.product(("/", "\\/", "/ or \\/"), ("", "/", "//", "/" * 18 + "xx")):
        def claims(room):
            units = SPELLINGS.get(style, (style,))
            text = ",".join(f'"{spelled(name, units)}":0' for name in ASKED) + ',"exp":253402300799,"aud":['
            while len(text) < room - 100:
                text += f'"{spelled(other, units)}",'
            return f'{{{text}"{ASKED[-1]}"]}}'
        random.seed(1)
        yield f"/auth audiences '{other}', spelled {style}", message(
            "GET /auth", fields=[f"Authorization: Bearer {token(TOKEN, claims)}"], secret=False), list(SERVERS)[1]

def forms(dear):
    t = token(TOKEN, with_exp(KNOWN.text))
    encoded = "".join(f"%{ord(c):02X}" for c in t)
    form = functools.partial(message, "POST /introspect", kind=FORM)
    each = (BODY - len(encoded) - 10) // (PARAMETERS - 1)
    for name, units in FORMS.items():
        yield f"/introspect encoded and 15 parameters: {name}", form(f"token={encoded}" + "".join(
            f"&{draw(units, each - 10)}{i:x}=" for i in range(PARAMETERS - 1)))
        yield f"/introspect 15 parameters: {name}", form(
            "&".join(f"{draw(units, BODY // 16 - 10)}{i:x}=" for i in range(15)))
        yield f"/introspect one value: {name}", form("token=" + draw(units, BODY - 20))
    basic = "x:" + "%61" * 1000
    yield "/introspect Basic of 4 KB", form(f"token={encoded}", secret=False,
        fields=["Authorization: Basic " + base64.b64encode(basic.encode()).decode()])

def demand_pairs():
    """Name, target with a demand, members of a token: none of these demands is met, so that all is looked through."""
    room = TARGET - 40
    def many(name, unit="x"):
        """16 demands of 16 values each, as long as the target may be."""
        size = (room // 16 - len(name) - 2) // 16 - 1
        return "&".join(f"{name}=" + ",".join((draw((unit,), size - 3) or "") + f"{i:x}{k:x}" for k in range(16)) for i in range(16))
    def array(unit):
        return lambda n: f'"a":[{",".join([unit] * ((n - 8) // (len(unit) + 1)))}]'
    yield "a long array of short strings", many("a"), array('"x"')
    yield "a long array of empty strings", many("a"), array('""')
    yield "a long array of escapes", many("a"), array('"\\u0078"')
    yield "strings as long as the values", many("a"), array('"%s"' % ("x" * 26 + "00"))
    yield "strings that lie in one list", many("a"), array('"x01"')
    yield "values that are encoded", many("a", "%78"), array('"x"')
    yield "a scope of many words", many("scope"), lambda n: f'"scope":"{"x " * ((n - 12) // 2)}"'
    yield "a scope of many words, escaped", many("scope"), lambda n: f'"scope":"{"x " * ((n - 22) // 2)}\\u0020"'
    yield "arrays that end with a number", "&".join(f"/a/{i}=x" for i in range(16)), (
        lambda n: '"a":[' + ",".join(["[" + ",".join(['"y"'] * (n // 64 - 4)) + ",1]"] * 16) + "]")
    yield "the last of a long array", "&".join(["/a/2900=x"] * 16), array('""')
    yield "16 names among 120", "&".join(f"{'n' * 50}{i:03d}=x" for i in range(120, 136)), (
        lambda n: ",".join(f'"{"n" * 50}{i:03d}":"y"' for i in range(120)))
    yield "16 pointers among 120", "&".join(f"/{'n' * 50}{i:03d}=x" for i in range(120, 136)), (
        lambda n: ",".join(f'"{"n" * 50}{i:03d}":"y"' for i in range(120)))
    yield "16 pointers among 120, escaped", "&".join(f"/{'n' * 50}{i:03d}=x" for i in range(120, 136)), (
        lambda n: ",".join(f'"\\u006e{"n" * 49}{i:03d}":"y"' for i in range(120)))
    yield "16 pointers into two objects by turns", "&".join(f"/{'ab'[i % 2]}/{'n' * 50}{i:03d}=x" for i in range(100, 116)), (
        lambda n: ",".join(f'"{o}":{{' + ",".join(f'"\\u006e{"n" * 49}{i:03d}":"y"' for i in range(60)) + "}" for o in "ab"))
    quotes = lambda n, last: "".join(['%22n'] * n) + last          # and with them names of escapes, as dear to read as may be
    escapes = lambda n, last: '"' + '\\"n' * n + last + '"'
    yield "16 names of quotes", "&".join(quotes(60, f"z{i:x}") + "=x" for i in range(16)), (
        lambda n: ",".join(escapes(60, f"{i:02d}") + ':"y"' for i in range(47)))
    yield "16 names of quotes, twice in two objects by turns", "&".join(f"/{'ab'[i % 2]}/" + quotes(60, f"z{i:x}") + "=x" for i in range(16)), (
        lambda n: ",".join(f'"{o}":{{' + ",".join(escapes(60, f"{i:02d}") + ':"y"' for i in range(22)) + "}" for o in "ab"))
    yield "4 names of quotes", "&".join(quotes(60, f"z{i:x}") + "=x" for i in range(4)), (
        lambda n: ",".join(escapes(60, f"{i:02d}") + ':"y"' for i in range(47)))
    yield "4 pointers among 120, escaped", "&".join(f"/{'n' * 50}{i:03d}=x" for i in range(120, 124)), (
        lambda n: ",".join(f'"\\u006e{"n" * 49}{i:03d}":"y"' for i in range(120)))
    yield "pointers into the deep", "&".join([f"{'/a' * 30}=x"] * 16), lambda n: f'"a":{{' * 29 + '"a":"y"' + "}" * 29
    yield "nothing of it there", many("b"), array('"x"')

def demands(dear):
    for name, target, members in demand_pairs():
        t = token(TOKEN - len(target) - 100, with_exp(lambda n: "{" + members(n - 2) + "}"))
        yield f"/auth demand: {name}", message(f"GET /auth?{target}", fields=[f"Authorization: Bearer {t}"], secret=False), list(SERVERS)[2]
        yield f"/auth no demand: {name}", message(f"GET /auth/?{target}", fields=[f"Authorization: Bearer {t}"], secret=False), list(SERVERS)[2]

def heads(dear):
    get = "GET /healthz"
    for field, *units in FIELDS:
        yield f"head of 16 KB: {field}: {' or '.join(units)}", head_of(get, field, *units)
    yield "head of 16 KB: Transfer-Encoding list", message(
        get, fields=["Transfer-Encoding: " + fill("a,", HEAD - 200) + "chunked"], secret=False)
    yield "head of 16 KB: 98 Connection fields", message(get, fields=["Connection: " + "," * 150] * 98, secret=False)
    for name in ("x" * 140, "content-lengtx", "authorizatiox", "a" * 17):
        yield f"head of 16 KB: 98 fields {name[:20]}", message(
            get, fields=[f"{name}: {'v' * (HEAD // 100 - len(name) - 8)}"] * 98, secret=False)
    yield "target of 8,000 bytes, encoded", message("GET /healthz?" + fill("%41", TARGET - 20), secret=False)
    yield "target of 8,000 bytes in a host", message(
        "GET http://" + fill("%41", TARGET - 20) + "/healthz", secret=False)
    yield "head of 16 KB before a body", message(
        "POST /", '{"user_data":1}', fields=["Connection: " + fill("a,", HEAD - 400) + "keep-alive"])

def chunked(dear):
    for name, chunks in (
            ("of one byte", one_byte_chunks), ("even", even_chunks), ("with a long name", extensions(b";", b"a")),
            ("with spaces", extensions(b";a", b" ", b"=b")), ("with a quoted text", extensions(b';a="', b"x", b'"')),
            ("with many extensions", extensions(b"", b";a=b")),
            ("with quoted pairs", extensions(b';a="', b"\\x", b'"'))):
        yield f"chunks {name}, a string", message("POST /", '{"a":"' + "a" * (BODY - 8) + '"}', chunks=chunks)
    yield "trailers", message("POST /", '{"a":1}', chunks=lambda b: b"7\r\n" + b + b"\r\n0\r\n" + (
        b"a" * 100 + b":" + b"b" * 130 + b"\r\n") * 99 + b"\r\n")

def packets(dear):
    """Not in more packets than some hundred: with more, what is judged drowns in what they cost by themselves."""
    for field, unit, end in (("Connection", ",", ""), ("Connection", "a,", ""), ("Cookie", "a", ""),
                             ("Transfer-Encoding", "a,", "chunked")):
        yield f"line by line after {field}: {unit}{unit}...", line_by_line(field, unit, end)
    yield "head of 16 KB in packets of 30 bytes", in_packets(head_of("GET /healthz", "Cookie", "a"), 1, 30)
    yield "body of 30 KB in packets of 60 bytes", in_packets(message("POST /", string(30000)), 300, 60)
    yield "body of 64 KB in packets of 120 bytes", in_packets(message("POST /", string(BODY)), 300, 120)
    chunked = message("POST /", '{"a":"' + "a" * 4000 + '"}', chunks=one_byte_chunks)
    yield "chunks of one byte in packets of 40 bytes", in_packets(chunked, 300, 40)
    chunked = message("POST /", string(BODY), chunks=even_chunks)
    yield "even chunks of 64 KB in packets of 160 bytes", in_packets(chunked, 300, 160)

GROUPS = usual, names_everywhere, user_data, tokens, asked, demands, forms, heads, chunked, packets

Candidate = collections.namedtuple("Candidate", "name pieces server", defaults=[list(SERVERS)[0]])

def candidates(dear):
    """All of them, with these kinds of names."""
    for group in GROUPS:
        for name, sent, *server in group(dear):
            yield Candidate(name, sent if isinstance(sent, list) else [sent], *server)
