"""The service that jwtd replaces, as it creates tokens: Flask-RESTful under gunicorn, HMAC by Python's standard library.

  gunicorn -w 2 -b 127.0.0.1:PORT flask_app:app"""
import base64, hashlib, hmac, json, os, time
from flask import Flask, request
from flask_restful import Api, Resource

KEY = os.environ["BENCH_KEY"].encode()

def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=")

def compact(value):
    return base64url(json.dumps(value, separators=(",", ":")).encode())

class Token(Resource):
    def post(self):
        if request.headers.get("Content-Type") != "application/json":
            return {"status": 202, "description": "Invalid content type"}, 202
        now = time.time()
        payload = {"data": request.get_json()["user_data"], "date": time.strftime("%Y-%m-%d", time.gmtime(now))}
        claims = {"iat": int(now), "jti": os.urandom(16).hex(), "payload": payload}
        signed = compact({"typ": "JWT", "alg": "HS512"}) + b"." + compact(claims)
        token = signed + b"." + base64url(hmac.digest(KEY, signed, hashlib.sha512))
        return {"JWT Token": token.decode()}

app = Flask(__name__)
Api(app).add_resource(Token, "/")
