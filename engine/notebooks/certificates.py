"""A certificate authority of one start of an instance. Only the instance trusts it, and only for AWS's host names."""

import datetime
import ssl
import tempfile
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DOMAINS = ("amazonaws.com", "amazonaws.com.cn", "api.aws")  # what is below them is AWS's
VALID = datetime.timedelta(days=800)  # clients accept no more than 825 days
HOSTS = 64  # contexts that stay in memory


def is_aws(host: str) -> bool:
    """Whether `host` is a host name of AWS's services."""
    return host.endswith(tuple(f".{domain}" for domain in DOMAINS))


class Authority:
    """Issues certificates for AWS's host names. Its keys are in this process's memory alone."""

    def __init__(self) -> None:
        self._key, self._host_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sagewright notebook")])
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        names = x509.NameConstraints([x509.DNSName(domain) for domain in DOMAINS], None)
        self._certificate = (
            self._builder(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(names, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.context = lru_cache(HOSTS)(self._context)

    @property
    def pem(self) -> str:
        """The certificate that the instance's programs trust."""
        return self._certificate.public_bytes(Encoding.PEM).decode()

    def _context(self, host: str) -> ssl.SSLContext:
        """What a TLS server needs to be `host`. Raises ValueError for a name that no certificate can have."""
        certificate = (
            self._builder(x509.Name([]), self._host_key)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=True)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        key = self._host_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with tempfile.TemporaryFile() as file:  # ssl reads a certificate from a file only; this one has no name
            file.write(key + certificate.public_bytes(Encoding.PEM))
            file.flush()
            context.load_cert_chain(f"/proc/self/fd/{file.fileno()}")
        return context

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        issuer = self._key.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + VALID)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
        )
