#!/usr/bin/python3
"""Creates 5,000 tokens over a few keep-alive connections and checks each of them with other people's code.

    tokens.py [JWTD]

HMAC-SHA-512 is Python's, for some also OpenSSL's. Some go back through GET /, as they are and forged."""
import sys
sys.dont_write_bytecode = True          # compat.py leaves nothing behind here

import collections, concurrent.futures, http.client, json, random, re, shutil, subprocess, time
from compat import CLAIMS, HEAD, KEY, ask, b64, check, jwtd, mac, run, skip, unb64, utc_day, validate

TOKENS, CONNECTIONS, WITH_OPENSSL, SENT_BACK = 5000, 4, 20, 50
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
SIGNATURE = 86          # characters; the last one holds 2 bits of it, and 4 zeros
BODY = re.compile(r'\{"JWT Token": "([\w-]+)\.([\w-]+)\.([\w-]+)"\}\n', re.ASCII)

Created = collections.namedtuple("Created", "data before after status body")

# ---- user_data

def some_text(r):
    length = r.randrange(r.choice((2, 20, 300)))
    return "".join(r.choices('aZ09 "\\/\b\f\n\r\t\0\x1f\x7fé€\u2028😀{}[],:', k=length))

def some_value(r, depth=0):
    values = [
        lambda: some_text(r),
        lambda: r.randint(-10 ** r.randrange(40), 10 ** r.randrange(40)),
        lambda: r.uniform(-1, 1) * 10 ** r.randrange(-30, 30),
        lambda: r.choice((True, False, None, "", 0, -0.0, [], {})),
        lambda: [some_value(r, depth + 1) for _ in range(r.randrange(5))],
        lambda: {some_text(r): some_value(r, depth + 1) for _ in range(r.randrange(5))},
    ]
    return r.choice(values if depth < 4 else values[:4])()

def some_data(seed):
    """As sent, and as the claims have it: the same without white space."""
    r = random.Random(seed)
    value, ascii_only = some_value(r), r.random() < 0.5
    spacing = r.choice(((",", ":"), (", ", ": "), ("\n,\t", " :\r\n")))
    return (json.dumps(value, ensure_ascii=ascii_only, separators=s) for s in (spacing, (",", ":")))

# ---- creating and checking

def create(connection, seed):
    sent, carried = some_data(seed)
    before = int(time.time())
    connection.request("POST", "/", f'{{"user_data":{sent}}}'.encode(), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    body = answer.read().decode()
    return Created(carried, before, time.time(), answer.status, body)

def create_some(port, seeds):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.connect()
    connection.auto_open = 0            # closed by the other side it stays closed, and the next request fails
    made = [create(connection, seed) for seed in seeds]
    connection.close()
    return made

def create_all(port):
    with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
        shares = [range(first, TOKENS, CONNECTIONS) for first in range(CONNECTIONS)]
        return [made for share in pool.map(create_some, [port] * CONNECTIONS, shares) for made in share]

def faults(made):
    found = BODY.fullmatch(made.body)
    claims = found and CLAIMS.fullmatch(unb64(found[2]).decode())
    if made.status != 200 or not claims:
        return [f"{made.status}, and this is no token: {made.body!r}"]
    head, body, signature = found.groups()
    iat, _, data, date = claims.groups()
    facts = (
        ("header", head, HEAD),
        ("claims in base64url", body, b64(unb64(body))),
        ("signature", signature, mac(f"{head}.{body}")),
        ("data", data, made.data),
        ("date", date, utc_day(iat)),
        ("iat is now", made.before - 2 <= int(iat) <= made.after + 2, True),
    )
    return [f"{name}: {got!r}, expected {want!r}" for name, got, want in facts if got != want]

def check_nonces(nonces):
    check(len(set(nonces)) == TOKENS, f"{TOKENS - len(set(nonces))} jti came twice")
    for bit in range(128):              # 7 standard deviations
        ones = sum(nonce >> bit & 1 for nonce in nonces)
        check(0.45 < ones / TOKENS < 0.55, f"bit {bit} of jti is set in {ones} of {TOKENS}")

def check_with_openssl(tokens):
    if shutil.which("openssl") is None:
        return skip("HMAC by another implementation (needs openssl)")
    for token in tokens:
        signed, signature = token.rsplit(".", 1)
        command = ["openssl", "dgst", "-sha512", "-mac", "HMAC", "-macopt", f"key:{KEY}", "-binary"]
        digest = subprocess.run(command, input=signed.encode(), capture_output=True, check=True).stdout
        check(b64(digest) == signature, f"openssl signs {signed} with {b64(digest)}, jwtd with {signature}")

def check_verdict(port, token, status, end):
    got, _ = ask(port, validate(token))
    right = got.startswith(status) and got.endswith(end)
    check(right, f"GET / of {token}", f"got {got!r}", f"expected {status}… {end!r}")

def check_sent_back(port, tokens):
    """Whole, and with another character in the signature, from its last (no base64url then) to its first."""
    for i, token in enumerate(tokens):
        at = -1 - (SIGNATURE - 1) * i // (len(tokens) - 1)
        other = ALPHABET[(ALPHABET.index(token[at]) + 1) % len(ALPHABET)]
        check_verdict(port, token, "200 ", "true}\n")
        check_verdict(port, token[:at] + other + token[len(token) + at + 1:],
                      *(("400 ", '"}\n') if at == -1 else ("200 ", "false}\n")))

def main(arguments):
    with jwtd(arguments) as port:
        all_made = create_all(port)
        check(len(all_made) == TOKENS, f"{len(all_made)} tokens")
        for made in all_made:
            wrong = faults(made)
            check(not wrong, f"user_data {made.data[:200]}", *wrong)
        tokens = [".".join(found.groups()) for made in all_made if (found := BODY.fullmatch(made.body))]
        claims = [CLAIMS.fullmatch(unb64(token.split(".")[1]).decode()) for token in tokens]
        check_nonces([int(found[2], 16) for found in claims if found])
        check_with_openssl(tokens[::TOKENS // WITH_OPENSSL])
        check_sent_back(port, tokens[::TOKENS // SENT_BACK])

if __name__ == "__main__":
    run(main)
