"""PyJWT with python3-cryptography for ./keys, which tells the protocol."""
import json, sys

try:
    import jwt
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
    from jwt.algorithms import OKPAlgorithm
except ImportError:
    sys.exit("missing")

def key_of(text):
    return OKPAlgorithm.from_jwk(text) if text.startswith("{") else text

def make():
    key = Ed25519PrivateKey.generate()
    halves = key, key.public_key()
    return [[OKPAlgorithm.to_jwk(half) for half in halves],
            [halves[0].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
             halves[1].public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()]]

def sign(alg, key, header, claims):
    return jwt.encode(claims, key_of(key), alg, header)

def verify(alg, key, token):
    return jwt.decode(token, key_of(key), [alg])

def fetch(url, token):
    found = jwt.PyJWKClient(url).get_signing_key_from_jwt(token)
    return jwt.decode(token, found.key, ["EdDSA"])

print("PyJWT", jwt.__version__, flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer = {"yes": {"make": make, "sign": sign, "verify": verify, "fetch": fetch}[asked.pop("do")](**asked)}
    except Exception as e:
        answer = {"no": f"{type(e).__name__}: {e}"}
    print(json.dumps(answer), flush=True)
