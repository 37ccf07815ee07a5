"""Asks for tokens by clients of Python, for ./machines, which tells the protocol."""
import importlib.metadata, json, os, sys

# Both refuse http otherwise, as they say themselves.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

def wished(asked):
    one = {"audience": asked.get("audience"), "resource": asked.get("resource", [None])[0]}
    return {name: value for name, value in one.items() if value}

def authlib(asked):
    from authlib.integrations.requests_client import OAuth2Session
    session = OAuth2Session(asked["id"], asked["secret"], scope=asked.get("scope"),
                            token_endpoint_auth_method=asked["way"],
                            revocation_endpoint_auth_method=asked["way"])       # it serves introspection too
    token = session.fetch_token(asked["issuer"] + "/token", grant_type="client_credentials", **wished(asked))
    used = session.get(asked["auth"])
    if not asked.get("introspects"):
        return token, used, None
    seen = session.introspect_token(asked["issuer"] + "/introspect", token["access_token"])
    return token, used, seen.json()

def requests_oauthlib(asked):
    from oauthlib.oauth2 import BackendApplicationClient
    from requests_oauthlib import OAuth2Session
    session = OAuth2Session(client=BackendApplicationClient(asked["id"], scope=asked.get("scope")))
    token = session.fetch_token(asked["issuer"] + "/token", client_secret=asked["secret"],
                                include_client_id=asked["way"] == "form", **wished(asked))
    return token, session.get(asked["auth"]), None

CLIENTS = {"Authlib": authlib, "requests-oauthlib": requests_oauthlib}

def answer(asked):
    try:
        token, used, seen = CLIENTS[asked["client"]](asked)
    except Exception as e:              # each has errors of its own; those of OAuth have a name
        return {"error": getattr(e, "error", None) or repr(e)}
    if seen and "error" in seen:
        return seen
    return {"token": token, "auth": used.status_code, "subject": used.headers.get("X-Auth-Subject"),
            "introspection": seen}

names = "authlib", "requests-oauthlib", "oauthlib", "requests"
print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in names), flush=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
