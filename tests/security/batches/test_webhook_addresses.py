"""Webhooks go to the public internet only: special-purpose networks of IPv4 and IPv6 are refused."""

import pytest

from adapters.messaging.public_addresses import AddressRefused, check_public

REFUSED = {
    "this network": ("0.0.0.0", "0.1.2.3"),  # noqa: S104 - compared, not listened on
    "private": ("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1"),
    "shared by carriers, and Alibaba's metadata": ("100.64.0.1", "100.100.100.200", "100.127.255.255"),
    "loopback": ("127.0.0.1", "127.255.255.255", "::1"),
    "link-local and metadata": ("169.254.169.254", "fe80::1", "fe80::1%eth0", "febf::1"),
    "protocol assignments": ("192.0.0.1", "192.0.0.9", "192.0.0.10", "192.0.0.170", "192.0.0.192"),
    "documentation": ("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1", "3fff:fff::1"),
    "AS112": ("192.31.196.1", "192.175.48.1", "2620:4f:8000::1", "2001:4:112::1"),
    "AMT": ("192.52.193.1", "2001:3::1"),
    "6to4 relays": ("192.88.99.1",),
    "benchmarks": ("198.18.0.1", "198.19.255.255", "2001:2::1"),
    "multicast": ("224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"),
    "reserved and broadcast": ("240.0.0.1", "255.255.255.255"),
    "Azure's host": ("168.63.129.16",),
    "unspecified and IPv4-compatible": ("::", "::2", "::127.0.0.1", "::8.8.8.8"),
    "mapped": ("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:100.64.0.1"),
    "translated": ("::ffff:0:127.0.0.1", "::ffff:0:10.0.0.1"),
    "NAT64 of what is not public": ("64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::127.0.0.1"),
    "local NAT64": ("64:ff9b:1::1", "64:ff9b:1::a00:1", "64:ff9b:1:a9fe:a9:fe00::", "64:ff9b:1:ffff::8.8.8.8"),
    "discard": ("100::1", "100:0:0:1::1"),
    "protocol assignments of IPv6": ("2001::1", "2001:1::1", "2001:10::1", "2001:20::1", "2001:1ff::1"),
    "6to4": ("2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::1", "2002:808:808::1"),
    "segment routing": ("5f00::1", "5f00:ffff::1"),
    "unique local": ("fc00::1", "fd00:ec2::254"),
    "site-local": ("fec0::1", "feff::1"),
    "6bone": ("3ffe::1",),
    "not given out": ("64:ff9b:2::1", "200::1", "400::1", "1fff::1", "4000::1", "8000::1", "e000::1"),
}  # fmt: skip
PUBLIC = (
    *("8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1"),
    *("198.17.255.255", "198.20.0.1", "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"),
    *("2001:200::1", "2001:4860:4860::8888", "2606:2800:220:1:248:1893:25c8:1946", "2a00:1450::1", "2620:fe::fe"),
)


@pytest.mark.parametrize("addresses", REFUSED.values(), ids=REFUSED)
def test_webhooks_to_special_addresses_are_refused(addresses: tuple[str, ...]) -> None:
    for address in addresses:
        with pytest.raises(AddressRefused, match="is not a public address"):
            check_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_webhooks_to_public_addresses_are_sent(address: str) -> None:
    check_public(address)
