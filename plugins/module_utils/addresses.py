# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Addresses as pg_hba.conf wants them."""

from __future__ import annotations

import ipaddress


def hba_address(address):
    """Return an address for the ADDRESS field: a single one with its mask, all else as it is."""
    try:
        single = ipaddress.ip_address(address)
    except ValueError:
        return address
    return f"{single}/{single.max_prefixlen}"
