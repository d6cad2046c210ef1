"""Our key is sent to nobody who cannot prove to be the vendor, nor when there is no time for an answer."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from generations.providers.base import ProviderUnavailable
from generations.providers.http.egress import left, within
from tests.generations.providers.test_http import vendor_at


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Key and certificate of this machine, which nobody but itself has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        yield listener


def test_nothing_is_sent_to_a_server_that_no_authority_vouches_for(certificate: Path, listener: socket.socket) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve() -> bytes:
        connection, _ = listener.accept()
        connection.settimeout(60)
        with connection:
            try:
                with context.wrap_socket(connection, server_side=True) as secured:
                    return secured.recv(65536)
            except ssl.SSLError:
                return b""

    with ThreadPoolExecutor(1) as pool:
        received = pool.submit(serve)
        vendor = vendor_at(f"https://127.0.0.1:{listener.getsockname()[1]}")
        vendor.call_limit = dt.timedelta(seconds=60)  # where its usual two are over before it connects, nobody does
        with pytest.raises(ProviderUnavailable) as refusal:
            vendor.request("POST", f"{vendor.base_url}/images", {"prompt": "a lantern"}, paid=True)
        vendor.close()
        assert received.result(60) == b""
    assert refusal.value.code == "not_sent"


def test_a_server_that_never_says_who_it_is_is_not_waited_for(listener: socket.socket) -> None:
    vendor = vendor_at(f"https://127.0.0.1:{listener.getsockname()[1]}")
    vendor.call_limit = dt.timedelta(seconds=0.2)
    with pytest.raises(ProviderUnavailable) as refusal:
        vendor.request("POST", f"{vendor.base_url}/images", {"prompt": "a lantern"}, paid=True)
    vendor.close()
    assert refusal.value.code == "not_sent"


def test_a_step_that_has_no_time_left_is_not_begun(listener: socket.socket) -> None:
    with within(0), within(60), pytest.raises(httpcore.ConnectTimeout):
        left(10, httpcore.ConnectTimeout)
    assert left(10) == 10
    vendor = vendor_at(f"http://127.0.0.1:{listener.getsockname()[1]}")
    with within(0), pytest.raises(ProviderUnavailable) as refusal:
        vendor.request("POST", f"{vendor.base_url}/images", {"prompt": "a lantern"}, paid=True)
    vendor.close()
    assert refusal.value.code == "not_sent"
    listener.settimeout(0)
    with pytest.raises(BlockingIOError):
        listener.accept()
