"""PyJWT for ./makers, which tells the protocol."""
import json, sys

try:
    import jwt
    from jwt.algorithms import HMACAlgorithm
except ImportError:
    sys.exit("missing")

def key_of(text):
    """A JWK is found by its key id, as in a set that was fetched."""
    if not text.startswith("{"):
        return text
    jwk = json.loads(text)
    keys = jwt.PyJWKSet.from_dict({"keys": [jwk]})
    return keys[jwk["kid"]].key if "kid" in jwk else keys.keys[0].key

def sign(alg, key, header, claims):
    key = None if alg == "none" else key_of(key)
    return [jwt.encode(json.loads(claims), key, alg, json.loads(header))]

def verify(key, audience, token):
    found = jwt.api_jwt.decode_complete(token, key_of(key), ["HS512"], audience=audience or None)
    return [json.dumps(found[part]) for part in ("header", "payload")]

def make_key():
    return [HMACAlgorithm.to_jwk(jwt.utils.base64url_encode(bytes(range(64))))]

print("PyJWT", jwt.__version__, flush=True)
for line in sys.stdin:
    command, *fields = line.rstrip("\n").split("\t")
    try:
        answer = ["yes", *{"sign": sign, "verify": verify, "key": make_key}[command](*fields)]
    except Exception as e:
        answer = ["no", " ".join(f"{type(e).__name__}: {e}".split())]
    print(*answer, sep="\t", flush=True)
