"""Whether a certificate is to be renewed."""

from __future__ import annotations

import datetime
import ipaddress

import pytest
from ansible.errors import AnsibleFilterError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.pgops.fleet.plugins.filter.certificate_serves import certificate_serves


def certificate(days: int, *names: x509.GeneralName) -> str:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "db1")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


NAMES = (
    x509.DNSName("db1"),
    x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
    x509.IPAddress(ipaddress.ip_address("2001:db8::1")),
)


@pytest.mark.parametrize(
    ("days", "names", "serves"),
    [
        (60, ["DNS:db1", "IP:192.0.2.1"], True),
        (60, ["IP:2001:db8:0::1"], True),  # another way to write the same address
        (60, ["DNS:db2"], False),
        (60, ["DNS:192.0.2.1"], False),
        (20, ["DNS:db1"], False),
        (0, [], False),
    ],
)
def test_names_and_remaining_days_decide(days, names, serves):
    assert certificate_serves(certificate(days, *NAMES), names, 30) is serves


def test_a_certificate_without_alternative_names_bears_none():
    assert not certificate_serves(certificate(60), ["DNS:db1"], 30)


def test_what_is_no_certificate_is_refused():
    with pytest.raises(AnsibleFilterError, match="no certificate in PEM form"):
        certificate_serves("-----BEGIN CERTIFICATE-----\nnonsense\n", ["DNS:db1"], 30)
