"""An OpenID Provider on loopback, as small as the standards allow (OpenID Connect Core and
Discovery 1.0, RFC 6749, RFC 7636, RFC 7517): it checks what a client sends as a strict one would.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from broadsheet.kit.sign_in_with import Issuer

CLIENT, SECRET = "the-lantern", "s3cr:et/of&the lantern"


def new_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """What the provider knows and does. `person` are the claims; `bend` changes an ID token's
    claims before it is signed; `asked` are the paths of all requests; `extra` goes into the
    configuration."""

    def __init__(self):
        self.key, self.kid = new_key(), "first"
        self.person = {"sub": "4711", "email": "ida@lantern.example", "email_verified": True}
        self.in_token = True
        self.bend = lambda claims: claims
        self.sign = lambda claims: jwt.encode(
            claims, self.key, algorithm="RS256", headers={"kid": self.kid}
        )
        self.extra = {}
        self.methods = ["client_secret_post"]
        self.grants, self.tokens, self.asked, self.refused = {}, {}, [], []
        self.url = ""

    def configuration(self):
        facts = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        if self.methods:
            facts["token_endpoint_auth_methods_supported"] = self.methods
        return facts | self.extra

    def keys(self):
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [jwk | {"kid": self.kid, "use": "sig", "alg": "RS256"}]}

    def authorize(self, address):
        """The person agrees: the address that the browser is sent back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert {"openid", "email"} <= set(asked["scope"].split())
        code = secrets.token_urlsafe(16)
        self.grants[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, fields, headers):
        """(status, answer) for a code, once (RFC 6749, 4.1.3 and 10.5)."""
        asked = self.grants.pop(fields.get("code", ""), None)
        if not self._knows(fields, headers):
            return 401, {"error": "invalid_client"}
        if asked is None or fields.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        access = secrets.token_urlsafe(16)
        self.tokens[access] = self.person
        claims = {"iss": self.url, "aud": CLIENT, "iat": int(time.time()),
                  "exp": int(time.time()) + 300, "nonce": asked.get("nonce", ""),
                  **(self.person if self.in_token else {"sub": self.person["sub"]})}  # fmt: skip
        signed = self.sign(self.bend(claims))
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": signed}

    def _knows(self, fields, headers):
        if self.methods and "client_secret_post" in self.methods:
            return (fields.get("client_id"), fields.get("client_secret")) == (CLIENT, SECRET)
        kind, _, pair = headers.get("authorization", "").partition(" ")
        user, _, secret = base64.b64decode(pair).decode().partition(":")
        return (kind, unquote_plus(user), unquote_plus(secret)) == ("Basic", CLIENT, SECRET)

    def userinfo(self, headers):
        person = self.tokens.get(headers.get("authorization", "").removeprefix("Bearer "))
        return (200, person) if person else (401, {"error": "invalid_token"})


@contextmanager
def issuing():
    """A provider that listens, and how the paper names it."""
    provider = Provider()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self):
            path = urlsplit(self.path).path
            provider.asked.append(path)
            if path == "/authorize":
                self.send_response(302)
                self.send_header("location", provider.authorize(self.path))
                self.send_header("content-length", "0")
                self.end_headers()
                return
            answers = {
                "/.well-known/openid-configuration": lambda: (200, provider.configuration()),
                "/keys": lambda: (200, provider.keys()),
                "/userinfo": lambda: provider.userinfo(self.headers),
            }
            self._say(*answers.get(path, lambda: (404, {}))())

        def do_POST(self):
            provider.asked.append(self.path)
            sent = self.rfile.read(int(self.headers["content-length"])).decode()
            fields = {name: value[0] for name, value in parse_qs(sent).items()}
            self._say(*provider.token(fields, self.headers))

        def _say(self, status, facts):
            body = json.dumps(facts).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider, Issuer("quay", "Quay", provider.url, CLIENT, SECRET)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
