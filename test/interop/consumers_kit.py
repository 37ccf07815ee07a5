"""What test/interop/consumers needs: the pages of contrib/consumers, tokens good and bad, programs in groups."""
import base64, contextlib, glob, hashlib, hmac, json, os, re, secrets, signal, subprocess, time
from machines_kit import curl, unb64
from proxies_kit import *

PAGES = f"{CONTRIB}/consumers"
WIDTHS = 22, 20, 30, 24                 # of the table's columns

# ---- pages

class Page:
    """A page: its head's fields, and its blocks, '[NAME]' and lines that are indented."""
    def __init__(self, name):
        self.name = name
        with open(f"{PAGES}/{name}") as file:
            self.text = file.read()
        self.title, _, rest = self.text.partition("\n")
        head = re.match(r"\n((?: {4}\S.*\n)*)", rest)[1]
        self.head = dict(re.split(r" {2,}", line.strip(), maxsplit=1) for line in head.splitlines())
        self.blocks = {m[1]: re.sub(r"^ {4}", "", m[2], flags=re.M).rstrip("\n") + "\n"
                       for m in re.finditer(r"^\[(.+)\]\n((?: {4}.*\n|\n)*)", self.text, re.M)}

    def takes(self):
        return self.head["Takes"].split()

    def wants(self):
        return [] if self.head["Wants"] == "-" else self.head["Wants"].split(", ")

    def block(self, name, alg):
        """As it is for a key of this algorithm: a line 'or ALG: LINE' takes the place of the line above those."""
        def choose(m):
            other = re.search(rf"^(\s*)(?://|#) or {alg}: (.*\n)", m[2], re.M)
            return other[1] + other[2] if other else m[1]
        return re.sub(r"^(.*\n)((?:\s*(?://|#) or \w+: .*\n)+)", choose, self.blocks[name], flags=re.M)

    def row(self):
        """The table's."""
        cells = self.name, *(self.head[name] for name in ("Takes", "Wants", "Key"))
        return "    " + "".join(map(str.ljust, cells, WIDTHS)) + ("here" if self.is_run() else "cited")

    def is_run(self):
        return self.head["Shown by"].startswith("test/interop/consumers")

def pages():
    return [Page(name) for name in sorted(os.listdir(PAGES)) if name != "README"]

README = Page("README")

# ---- what is missing, and versions

def packages(page):
    """The two kinds of names in a page's [install]: Debian's, and npm's with their versions."""
    words = page.blocks.get("install", "").split()
    if words[:2] == ["apt-get", "install"]:
        return words[2:], []
    return [], words[2:]

def installed_version(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Status} ${Version}", package], capture_output=True, text=True)
    return done.stdout.split()[-1] if done.stdout.startswith("install ok installed") else None

def lacks(page, modules):
    """Whether the test is skipped, as something is missing."""
    debian, npm = packages(page)
    if not all(map(installed_version, debian)) or (npm and not os.path.exists(f"{modules}/node_modules/express")):
        skip(f"{page.name} ({page.blocks['install'].strip()})")
        return True
    return False

def check_versions(page):
    """The page names the version that is run here."""
    debian, npm = packages(page)
    with open(f"{TOP}/test/interop/package.json") as file:
        wanted = json.load(file)["dependencies"]
    for package in npm:
        name, version = package.rsplit("@", 1)
        check(wanted.get(name) == version, f"{page.name}: {package}", wanted.get(name))
    found = [installed_version(package) for package in debian] + npm
    shown = re.search(r"\d[\d.]*", page.title)
    check(shown is None or any(shown[0] in version for version in found), f"{page.name}: its version", page.title, found)

# ---- a folder, and what runs in it

class Place:
    """A folder with what a page has: its files, and its commands, in which 'jwtd' is the one that is tried."""
    def __init__(self, folder, page, alg):
        self.folder, self.page, self.alg = folder, page, alg
        os.makedirs(folder)
        for name in page.blocks:
            if "." in name and " " not in name:
                self.write(name, page.block(name, alg))

    def write(self, name, text):
        with open(f"{self.folder}/{name}", "w") as file:
            file.write(text)

    def read(self, name):
        with open(f"{self.folder}/{name}") as file:
            return file.read()

    def script(self, text, **variables):
        functions = README.blocks["functions"]
        path = f"{DIR}/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return {"args": ["sh", "-euc", functions + text], "cwd": self.folder, "stdin": subprocess.DEVNULL,
                "env": {"PATH": path, "HOME": self.folder, "LANG": "C.UTF-8", **variables}}

    def run(self, text, **variables):
        """Exit status, and all that was said."""
        done = subprocess.run(**self.script(text, **variables), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=PATIENCE, errors="replace")
        return done.returncode, done.stdout

    def starts(self, text, ready=(), **variables):
        return Group(self, text, ready, **variables)

class Group:
    """Processes that are ended together."""
    def __init__(self, place, text, ready, **variables):
        self.log = f"{place.folder}/{hashlib.sha256(text.encode()).hexdigest()[:8]}.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(**place.script(f"{text}\nwait", **variables), stdout=log, stderr=log,
                                            start_new_session=True)
        until(lambda: self.process.poll() is not None or all(map(takes_connections, ready)), self.said)

    def said(self):
        """The end of it."""
        with open(self.log, errors="replace") as file:
            return file.read()[-2000:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for sign in signal.SIGTERM, signal.SIGKILL:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, sign)
            with contextlib.suppress(TimeoutError):
                until(self.is_gone, self.said)
                return

    def is_gone(self):
        """None of them runs any more; who ended without a parent that waits stays a zombie."""
        self.process.poll()
        for stat in glob.glob("/proc/[0-9]*/stat"):
            with contextlib.suppress(OSError), open(stat) as file:
                state, _, group = file.read().rsplit(")", 1)[1].split()[:3]
                if int(group) == self.process.pid and state != "Z":
                    return False
        return True

# ---- tokens

def parts(token):
    """Header and claims."""
    return [json.loads(unb64(part)) for part in token.split(".")[:2]]

def hmac_of(hash):
    return lambda key, text: hmac.new(key, text, hash).digest()

def ed25519(key, text):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    return Ed25519PrivateKey.from_private_bytes(key).sign(text)

SIGN = {"HS512": hmac_of("sha512"), "HS384": hmac_of("sha384"), "HS256": hmac_of("sha256"), "EdDSA": ed25519, "none": lambda *_: b""}

def token_of(claims, header, key):
    text = ".".join(b64(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    return f"{text}.{b64(SIGN[header['alg']](key, text.encode()))}"

def key_in(place):
    """The key's bytes that signs, and those of its public part."""
    name = "key" if os.path.exists(f"{place.folder}/key") else "key.json"
    text = place.read(name).strip()
    if not text.startswith("{"):
        return text.encode(), b""
    jwk = json.loads(text)
    return unb64(jwk.get("d") or jwk["k"]), unb64(jwk.get("x", ""))

def bad_tokens(good, place):
    """What is wrong, and a token that is it alone."""
    (header, claims), (key, public), now = parts(good), key_in(place), int(time.time())
    head, body, signature = good.split(".")
    altered = b64(json.dumps({**claims, "admin": True}).encode())
    other = {"HS512": secrets.token_hex(64).encode(), "HS256": secrets.token_hex(32).encode(),
             "EdDSA": secrets.token_bytes(32)}
    yield "no token", ""
    yield "expired", token_of({**claims, "iat": now - 7200, "exp": now - 3600}, header, key)
    yield "another key", token_of(claims, header, other[header["alg"]])
    yield "altered", f"{head}.{altered}.{signature}"
    yield "no signature", f"{head}.{body}."
    for none in "none", "None":
        text = f"{b64(json.dumps({**header, 'alg': none}).encode())}.{body}"
        yield f"alg {none}", f"{text}."
        yield f"alg {none}, and the signature", f"{text}.{signature}"
    yield "no exp", token_of({name: value for name, value in claims.items() if name != "exp"}, header, key)
    if header["alg"] != "EdDSA":
        yield "another algorithm", token_of(claims, {**header, "alg": "HS384"}, key)
    else:                               # the public key for a secret: RFC 8725, 2.1
        pem = b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(bytes.fromhex("302a300506032b6570032100") + public) + \
            b"\n-----END PUBLIC KEY-----\n"
        for name, secret in ("bytes", public), ("PEM", pem), ("base64url", b64(public).encode()):
            yield f"HS256 by the public key, {name}", token_of(claims, {**header, "alg": "HS256"}, secret)
