"""A studio's web process behind TLS, with a certificate that only its own authority vouches for."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.env import BASE_DIR
from tests.test_studio import Studio, eventually, free_port

HOST = "127.0.0.1"


@contextmanager
def secured(studio: Studio, folder: Path) -> Iterator[tuple[int, Path]]:
    """One more web process of the studio: its port, and the authority's certificate."""
    port, authority = free_port(), folder / "authority.pem"
    certificate, key = _certificates(folder, authority)
    command = ["uvicorn", "config.asgi:application", "--host", HOST, "--port", str(port)]
    files = ["--ssl-certfile", str(certificate), "--ssl-keyfile", str(key)]
    with (folder / "web.log").open("wb") as log:
        web = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", *command, *files], cwd=BASE_DIR, env=studio.environment, stdout=log, stderr=log
        )
        try:
            eventually(lambda: _answers(port, authority), 300)
            yield port, authority
        finally:
            web.terminate()
            web.wait(60)


def _answers(port: int, authority: Path) -> bool:
    try:
        trust = ssl.create_default_context(cafile=str(authority))
        return httpx.get(f"https://{HOST}:{port}/readyz", verify=trust).status_code == 200
    except httpx.TransportError:
        return False


def _certificates(folder: Path, authority: Path) -> tuple[Path, Path]:
    """An authority, in its file, and a certificate of it for this machine: the files of that and of its key."""
    root, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = dt.datetime.now(dt.UTC)
    usual = (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
    )
    ca = usual.subject_name(issuer).public_key(root.public_key()).serial_number(1)
    ca = ca.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))])
    one = usual.subject_name(x509.Name([])).public_key(leaf.public_key()).serial_number(2)
    one = one.add_extension(names, critical=True)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    for file, builder in ((authority, ca), (certificate, one)):
        file.write_bytes(builder.sign(root, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        leaf.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, key
