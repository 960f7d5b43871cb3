"""Messages over TLS: the certificate is that of the name, whichever address it led to."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from service import messenger
from service.messenger import Messenger
from tests.service.conftest import TRUCE, Hands
from truce.store import Store
from truce.store.webhooks import Alarm

NAMED = "hooks.example"


def certificate(folder: Path) -> Path:
    """A key with a certificate of its own for ``NAMED``, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAMED)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAMED)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "both.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    return certificate(tmp_path)


@pytest.fixture
def port(pem: Path) -> Iterator[int]:
    """A receiver over TLS that says 204 to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with Quiet(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def told(store: Store, hands: Hands, url: str) -> str | None:
    """What became of a message to a URL whose name leads to this machine."""
    hook = store.webhooks.create(url=url, truce_id=TRUCE, horizon=30, threshold=0.3, hysteresis=0.1, by="test")
    store.webhooks.change(hook, TRUCE, Alarm(0, raised=False), p=0.5, as_of=hands.now, body=lambda name: name)
    Messenger(store.webhooks, hands, private=True, resolve=lambda *_: ["127.0.0.1"]).deliver()
    (delivery,) = store.webhooks.deliveries(hook.id)
    return "delivered" if delivery.delivered_at else delivery.trouble


def test_a_message_goes_to_whoever_proves_to_be_the_name(
    store: Store, hands: Hands, port: int, pem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(store, hands, f"https://{NAMED}:{port}/hook") == "SSLCertVerificationError", "nobody vouches for it"
    trusting = ssl.create_default_context(cafile=str(pem))
    monkeypatch.setattr(messenger, "_tls", lambda: trusting)
    assert told(store, hands, f"https://{NAMED}:{port}/hook") == "delivered"
    assert told(store, hands, f"https://other.example:{port}/hook") == "SSLCertVerificationError"
