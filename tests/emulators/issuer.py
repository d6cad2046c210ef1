"""An issuer of OpenID Connect: discovery, codes with PKCE, tokens signed by RS256, and what it says of people."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from typing import Any
from urllib.parse import parse_qsl, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.emulators.server import Reply, Request, Server, json_reply

CLIENT, SECRET, KID = "atelier", "a secret between two", "first"


class Issuer(Server):
    """Whoever comes is who ``claims`` say, without being asked; ``silent`` answers nothing that could be used."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.silent = False
        self.asked: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._tokens: dict[str, dict[str, Any]] = {}
        self._key = rsa.generate_private_key(65537, 2048)
        super().__init__(self._answer)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _answer(self, request: Request) -> Reply:
        if self.silent:
            return Reply(500, b"<html>out of order")
        answers = {
            "/.well-known/openid-configuration": self._configuration,
            "/authorize": self._authorize,
            "/token": self._token,
            "/userinfo": self._userinfo,
            "/jwks": self._keys,
        }
        return answers[request.path](request) if request.path in answers else Reply(404)

    def _configuration(self, _request: Request) -> Reply:
        names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        found = {f"{name}_endpoint": f"{self.url}/{path}" for name, path in names.items()}
        return json_reply({"issuer": self.url, "jwks_uri": f"{self.url}/jwks", **found})

    def _authorize(self, request: Request) -> Reply:
        asked = dict(request.query)
        self.asked.append(asked)
        code = secrets.token_urlsafe()
        self._codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return Reply(302, headers={"location": f"{asked['redirect_uri']}?{back}"})

    def _token(self, request: Request) -> Reply:
        given = dict(parse_qsl(request.body.decode()))
        asked = self._codes.pop(given.get("code", ""), None)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        proven = asked and asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not proven or (given.get("client_id"), given.get("client_secret")) != (CLIENT, SECRET):
            return json_reply({"error": "invalid_grant"}, 400)
        now, token = int(time.time()), secrets.token_urlsafe()
        claims = {**self.claims, "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300}
        self._tokens[token] = self.claims
        signed = jwt.encode(claims, self._key, "RS256", headers={"kid": KID})
        return json_reply({"access_token": token, "token_type": "Bearer", "expires_in": 300, "id_token": signed})

    def _userinfo(self, request: Request) -> Reply:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return json_reply(self._tokens[token]) if token in self._tokens else Reply(401)

    def _keys(self, _request: Request) -> Reply:
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return json_reply({"keys": [key | {"kid": KID, "alg": "RS256", "use": "sig"}]})
