"""`python -m console.supervisor.launch_store FOLDER COMMAND...`: closes what the store opens, then becomes it.

SeaweedFS's servers talk to each other over ten TCP ports. Where the kernel permits, they get a network of their own,
and nothing but the unix socket of S3 is left to the machine. Everywhere, the store asks every gRPC client for a
certificate, its own parts and `weed shell` among them, and it knows one, which it shows itself. Where its ports are on
loopback, it asks the HTTP clients of master and volume as well. With a certificate file missing it would start without
TLS, so all files are new at each start.
"""

import json
import os
import secrets
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from console.supervisor import namespace
from console.supervisor.addresses import HOST
from console.supervisor.folder import write_private

NAME = "store"
SERVERS = ("master", "volume", "filer", "s3", "admin", "worker", "msg_broker", "msg_agent", "mq")
JWT_SECTIONS = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")
VALID = timedelta(days=3650)  # of one start


def main(folder: Path, command: list[str]) -> None:
    """Become `command` in `folder`, with a new configuration; nobody else may read what it makes there."""
    os.umask(0o077)
    os.chdir(folder)  # security.toml is read from the working directory
    (folder / "pid").write_text(str(os.getpid()))  # for `weed shell`, which must join its network
    isolated = True
    try:
        namespace.isolate()
    except OSError as e:
        isolated = False
        print(f"Warning: the store has no network of its own ({e}): it listens on loopback ports, too", flush=True)
    write_configuration(folder, isolated)
    os.execv(command[0], command)  # noqa: S606 (the same process, for signals and for the promise to die with the parent)


def write_configuration(folder: Path, isolated: bool) -> None:
    """Write store.pem, store.key and security.toml, which names the other two.

    Where the store is not isolated, its HTTP ports ask for the certificate, too: their status pages tell anybody the
    version, the size of the disk and the path of the data. In a network of its own that would only cost time.
    """
    certificate, key = new_certificate()
    files = folder / "store.pem", folder / "store.key"
    for file, text in zip(files, (certificate, key), strict=True):
        write_private(file, text)
    # A string of JSON is one of TOML; a file that cannot be parsed would leave the store without TLS.
    certificate_file, key_file = (json.dumps(str(file), ensure_ascii=False) for file in files)
    pair = f"cert = {certificate_file}\nkey = {key_file}\n"
    trusted = f"{pair}ca = {certificate_file}\n"
    https = f"[https.master]\n{trusted}[https.volume]\n{trusted}[https.client]\nenabled = true\n{trusted}"
    write_private(
        folder / "security.toml",
        f"[grpc]\nca = {certificate_file}\n"
        + "".join(f'[grpc.{server}]\n{pair}allowed_commonNames = "{NAME}"\n' for server in SERVERS)
        + f"[grpc.client]\n{pair}"
        + ("" if isolated else https)
        + "".join(f'[{section}]\nkey = "{secrets.token_hex(24)}"\n' for section in JWT_SECTIONS),
    )


def new_certificate() -> tuple[str, str]:
    """A certificate that signs itself, so that whoever trusts it trusts no other one, and its private key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    addresses = [x509.DNSName("localhost"), x509.IPAddress(ip_address(HOST))]
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
