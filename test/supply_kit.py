#!/usr/bin/python3
"""What test/supply asks of documents: each mistake is a line on standard output, and then the status is 1.

    supply_kit.py spdx DOCUMENT FOLDER      an SPDX 2.3 document, of what is built in FOLDER
    supply_kit.py images FOLDER             where container images come from
    supply_kit.py locks FOLDER              what is fetched from npm, and by Go
    supply_kit.py plant KIND FROM TO        DOCUMENT once more with a mistake of this kind; 'list': which there are"""
import sys
sys.dont_write_bytecode = True

import glob, hashlib, json, os, re, subprocess

wrong = []

def check(right, what):
    if not right:
        wrong.append(what)

def output(*command):
    return subprocess.run(command, capture_output=True, text=True).stdout

# ---- SPDX 2.3, as its schema in JSON and its chapters 6, 7, 8 and 11 have it (spdx.github.io/spdx-spec/v2.3): name of a
# member, whether it must be there, and what it looks like

LICENSE = r"(ISC|MIT|LGPL-2\.1-or-later|GPL-3\.0-or-later WITH GCC-exception-3\.1|NOASSERTION|NONE| AND )+"
ID = r"SPDXRef-[A-Za-z0-9.-]+"
TEXT = r"(?s).+"
DOCUMENT = {"spdxVersion": (True, "SPDX-2\\.3"), "dataLicense": (True, "CC0-1\\.0"), "SPDXID": (True, "SPDXRef-DOCUMENT"),
            "name": (True, TEXT), "documentNamespace": (True, r"https://[a-z.]+/[\w./-]+"), "comment": (False, TEXT),
            "creationInfo": (True, dict), "packages": (True, list), "files": (True, list), "relationships": (True, list)}
CREATION = {"created": (True, r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "creators": (True, list)}
PACKAGE = {"SPDXID": (True, ID), "name": (True, TEXT), "versionInfo": (True, r"\d+(\.\d+)+"), "downloadLocation": (True, TEXT),
           "filesAnalyzed": (True, bool), "packageVerificationCode": (False, dict), "licenseConcluded": (True, LICENSE),
           "licenseDeclared": (True, LICENSE), "licenseInfoFromFiles": (False, list), "copyrightText": (True, TEXT),
           "externalRefs": (False, list), "attributionTexts": (False, list),
           "primaryPackagePurpose": (True, "APPLICATION|SOURCE|LIBRARY")}
FILE = {"SPDXID": (True, ID), "fileName": (True, r"\./[^/].*"), "fileTypes": (True, list), "checksums": (True, list),
        "licenseConcluded": (True, LICENSE), "copyrightText": (True, TEXT)}
CHECKSUM = {"algorithm": (True, "SHA1|SHA256"), "checksumValue": (True, "[0-9a-f]{40}([0-9a-f]{24})?")}
REFERENCE = {"referenceCategory": (True, "PACKAGE-MANAGER|SECURITY"), "referenceType": (True, "purl|cpe23Type"),
             "referenceLocator": (True, r"pkg:deb/debian/[\w.+-]+@[\w.%+-]+\?arch=\w+|cpe:2\.3:a:[\w:.-]+(:\*){7}")}
RELATION = {"spdxElementId": (True, ID), "relationshipType": (True, "DESCRIBES|CONTAINS|GENERATED_FROM|DYNAMIC_LINK|STATIC_LINK"
            "|DEPENDS_ON|BUILD_TOOL_OF"), "relatedSpdxElement": (True, ID + "|NONE"), "comment": (False, TEXT)}

def shaped(what, thing, shape):
    for name, (needed, kind) in shape.items():
        if name not in thing:
            check(not needed, f"{what} is without {name}")
        elif isinstance(kind, str):
            check(isinstance(thing[name], str) and re.fullmatch(kind, thing[name]), f"{what}: {name} is {thing[name]!r}")
        else:
            check(isinstance(thing[name], kind), f"{what}: {name} is no {kind.__name__}")
    for name in thing:
        check(name in shape, f"{what} has {name}, which this test doesn't know")

def spdx(document, folder):
    with open(document) as f:
        d = json.load(f, object_pairs_hook=unique)
    shaped("the document", d, DOCUMENT)
    if wrong:
        return
    shaped("creationInfo", d["creationInfo"], CREATION)
    check(all(re.fullmatch("(Organization|Tool): .+", c) for c in d["creationInfo"]["creators"]), "creators")
    for kind, shape in ("packages", PACKAGE), ("files", FILE), ("relationships", RELATION):
        for thing in d[kind]:
            shaped(f"{kind}: {thing.get('SPDXID', thing.get('spdxElementId'))}", thing, shape)
    for thing in d["packages"]:
        for reference in thing.get("externalRefs", []):
            shaped(f"a reference of {thing['SPDXID']}", reference, REFERENCE)
    for thing in d["files"]:
        for checksum in thing["checksums"]:
            shaped(f"a checksum of {thing['SPDXID']}", checksum, CHECKSUM)
    if not wrong:
        truth(d, folder)

def unique(pairs):
    check(len(dict(pairs)) == len(pairs), f"a member twice: {[name for name, _ in pairs]}")
    return dict(pairs)

def truth(d, folder):
    """What it says is so."""
    packages, files = ({thing["SPDXID"]: thing for thing in d[kind]} for kind in ("packages", "files"))
    relations = [(r["spdxElementId"][8:], r["relationshipType"], r["relatedSpdxElement"].replace("SPDXRef-", "")) for r in d["relationships"]]
    ids = ["SPDXRef-DOCUMENT", *(t["SPDXID"] for t in d["packages"] + d["files"])]
    check(len(set(ids)) == len(ids), "an SPDXID twice")
    check({i for a, _, b in relations for i in (a, b)} - {"NONE"} == {i[8:] for i in ids}, "relationships and elements don't match")

    sums = {}
    for thing in d["files"]:
        with open(f"{folder}/{thing['fileName']}", "rb") as f:
            data = f.read()
        found = {c["algorithm"]: c["checksumValue"] for c in thing["checksums"]}
        sums[thing["SPDXID"]] = found.get("SHA1", "")
        check(found == {"SHA1": hashlib.sha1(data).hexdigest(), "SHA256": hashlib.sha256(data).hexdigest()}, f"sums of {thing['fileName']}")
    for name in "jwtd", "source":
        inside = sorted(sums.get(f"SPDXRef-{b}", "") for a, kind, b in relations if (a, kind) == (name, "CONTAINS"))
        code = packages[f"SPDXRef-{name}"]["packageVerificationCode"]["packageVerificationCodeValue"]
        check(code == hashlib.sha1("".join(inside).encode()).hexdigest(), f"the verification code of {name}")
    built = set(output("make", "-s", "-C", folder, "sources").split())
    listed = {thing["fileName"][2:] for thing in d["files"]}
    check(built and built <= listed, f"sources that it doesn't name: {built - listed}")
    check({"jwtd", "Makefile", "LICENSE", "release/pack.c", "release/layout.ld"} <= listed, "files that it has to name")

    for relation in (("DOCUMENT", "DESCRIBES", "jwtd"), ("jwtd", "GENERATED_FROM", "source"), ("jwtd", "DYNAMIC_LINK", "NONE"),
                     ("jwtd", "DEPENDS_ON", "NONE"), ("jwtd", "STATIC_LINK", "libc"), *((t, "BUILD_TOOL_OF", "jwtd") for t in
                     ("compiler", "binutils", "make"))):
        check(relations.count(relation) == 1, f"there is to be one of {relation}")
    binary = f"{folder}/jwtd"
    check("NEEDED" not in output("readelf", "-dW", binary) and "INTERP" not in output("readelf", "-lW", binary), "it is not static")
    version = {name: packages[f"SPDXRef-{name}"]["versionInfo"] for name in ("compiler", "binutils", "make", "libc", "jwtd")}
    check(version["compiler"] == output("gcc", "-dumpfullversion").strip(), f"the compiler is not {version['compiler']}")
    check(f" {version['binutils']}\n" in output("ld", "--version"), f"the linker is not {version['binutils']}")
    check(f"Make {version['make']}\n" in output("make", "--version"), f"make is not {version['make']}")
    check(output(binary, "version").split()[1] == version["jwtd"], f"jwtd is not {version['jwtd']}")
    library(d, packages, version["libc"])

def library(d, packages, version):
    """musl: its loader says the version. What was taken of it is there, and has the functions that everything needs."""
    said = subprocess.run(glob.glob("/lib/ld-musl-*.so.1")[:1] or ["false"], capture_output=True, text=True).stderr
    check(f"Version {version}\n" in said and packages["SPDXRef-libc"]["name"] == "musl", f"the C library is not musl {version}")
    comments = [r.get("comment", "") for r in d["relationships"] if r["relationshipType"] == "STATIC_LINK"]
    members = re.findall(r"[\w.]+\.lo", " ".join(comments))
    archive = output("sh", "-c", "ar t /usr/lib/*-linux-musl/libc.a").split()
    check(set(members) <= set(archive) and len(members) > 50, "members that libc.a has not")
    check({"__libc_start_main.lo", "memcpy.lo", "pthread_create.lo"} <= set(members), "members that must be in it")

# ---- images, and locks

LOCAL = r"scratch|jwtd|localhost/jwtd:[\d.]+"   # nothing is fetched for these
BY_DIGEST = r"[\w./-]+@sha256:[0-9a-f]{64}"
ON_PURPOSE = {
    "contrib/compose/compose.yaml: nginx:stable": "nobody builds on it: whoever looks at the example wants an nginx with its "
    "fixes, and the test makes an image of this name from Debian's nginx",
}

def tracked(folder, pattern):
    """Files below the folder, without what was built."""
    return sorted(os.path.relpath(p, folder) for p in glob.glob(f"{folder}/**/{pattern}", recursive=True)
                  if not re.search("/(build|node_modules)/", p))

def images(folder):
    used = set()
    for path in tracked(folder, "*ockerfile*") + tracked(folder, "*.y*ml"):
        with open(f"{folder}/{path}") as f:
            text = f.read()
        stages = {name: value for name, value in re.findall(r"(?m)^ARG (\w+)=(\S+)", text)}
        known = set(re.findall(r"(?mi)^FROM \S+ AS (\w+)", text))
        for image in re.findall(r"(?mi)^FROM (?:--\S+ )*(\S+)", text) + re.findall(r"(?m)^[ -]*image: *['\"]?([^\s'\"#]+)", text):
            image = re.sub(r"\$\{?(\w+)\}?", lambda m: stages.get(m[1], m[0]), image)
            here = f"{path}: {image}"
            used.add(here)
            check(image in known or re.fullmatch(f"{LOCAL}|{BY_DIGEST}", image) or here in ON_PURPOSE,
                  f"{here}: no digest; or say in {os.path.basename(__file__)} why")
    for here in ON_PURPOSE:
        check(here in used, f"{here} is no more")
    check(any("@sha256" in here for here in used), "no image by its digest: is this test blind?")

def locks(folder):
    packages = 0
    for path in tracked(folder, "package.json"):
        with open(f"{folder}/{path}") as f:
            manifest = json.load(f)
        lock = f"{folder}/{os.path.dirname(path)}/package-lock.json"
        if not os.path.exists(lock):
            check(False, f"{path} has no lock")
            continue
        for kind in ("dependencies", "devDependencies", "optionalDependencies"):
            for name, version in manifest.get(kind, {}).items():
                check(re.fullmatch(r"(npm:[@\w/-]+@)?\d+\.\d+\.\d+", version), f"{path}: {name} {version} is no version")
        check(not manifest.get("scripts"), f"{path} has scripts")
        with open(lock) as f:
            locked = json.load(f)
        check(locked.get("lockfileVersion") == 3, f"{lock}: lockfileVersion")
        check(locked["packages"][""].get("dependencies") == manifest.get("dependencies"), f"{lock} is of another package.json")
        for name, package in locked["packages"].items():
            if name == "":
                continue
            packages += 1
            check(re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package.get("integrity", "")), f"{lock}: {name} has no SHA-512")
            check(re.fullmatch(r"\d+\.\d+\.\d+(-[\w.]+)?", package.get("version", "")), f"{lock}: {name} has no version")
            check(package.get("resolved", "https://registry.npmjs.org/").startswith("https://registry.npmjs.org/"),
                  f"{lock}: {name} is from {package.get('resolved')}")
            check(not package.get("link"), f"{lock}: {name} is a link")
    check(packages > 100, "no locks: is this test blind?")
    for path in tracked(folder, "go.mod"):
        with open(f"{folder}/{path}") as f:
            wanted = "require" in f.read()
        check(not wanted or os.path.exists(f"{folder}/{os.path.dirname(path)}/go.sum"), f"{path} has no go.sum")

# ---- mistakes

def edit(path, to, change):
    with open(path) as f:
        d = json.load(f)
    change(d)
    with open(to, "w") as f:
        json.dump(d, f)

def first(d, kind, **what):
    return next(t for t in d[kind] if all(t.get(n) == v for n, v in what.items()))

PLANTS = {
    "no license for the data": lambda d: d.pop("dataLicense"),
    "no name space": lambda d: d.pop("documentNamespace"),
    "a date with a zone": lambda d: d["creationInfo"].update(created="2026-11-27T13:00:00+01:00"),
    "no SHA-1": lambda d: d["files"][1]["checksums"].pop(0),
    "another SHA-256": lambda d: d["files"][0]["checksums"][1].update(checksumValue="0" * 64),
    "a file less": lambda d: d["files"].pop(),
    "another verification code": lambda d: d["packages"][1]["packageVerificationCode"].update(packageVerificationCodeValue="0" * 40),
    "no C library": lambda d: d["relationships"].remove(first(d, "relationships", relationshipType="STATIC_LINK")),
    "another C library": lambda d: first(d, "packages", SPDXID="SPDXRef-libc").update(versionInfo="1.2.4"),
    "another compiler": lambda d: first(d, "packages", SPDXID="SPDXRef-compiler").update(versionInfo="13.1.0"),
    "a member that is not in it": lambda d: first(d, "relationships", relationshipType="STATIC_LINK").update(
        comment="libc.a: nothing.lo __libc_start_main.lo memcpy.lo pthread_create.lo"),
    "a package that nothing refers to": lambda d: d["packages"].append({**d["packages"][-1], "SPDXID": "SPDXRef-more"}),
    "a dependency": lambda d: first(d, "relationships", relationshipType="DEPENDS_ON").update(relatedSpdxElement="SPDXRef-libc"),
}

def plant(kind, path="", to=""):
    if kind == "list":
        print("\n".join(PLANTS))
    else:
        edit(path, to, PLANTS[kind])

{"spdx": spdx, "images": images, "locks": locks, "plant": plant}[sys.argv[1]](*sys.argv[2:])
print("\n".join(wrong), end="\n" if wrong else "")
sys.exit(bool(wrong))
