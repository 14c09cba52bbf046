"""Attempts to sign in are bounded, for a name and for an address, whoever comes at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from webapp.web.accounts.throttle import PER_ADDRESS, PER_NAME, Throttle
from webapp.web.addresses import site_of
from webapp.web.errors import TooManyAttempts


def refused(throttle: Throttle, name: str, address: str) -> bool:
    try:
        throttle.count(name, address)
    except TooManyAttempts:
        return True
    return False


def test_threads_at_once_get_no_attempt_more() -> None:
    throttle = Throttle()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: refused(throttle, "alice", f"192.0.2.{n}"), range(50)))
    assert answers.count(False) == PER_NAME.amount


def test_an_address_is_bounded_over_all_names() -> None:
    throttle = Throttle()
    answers = [refused(throttle, f"name{n}", "192.0.2.1") for n in range(PER_ADDRESS.amount + 5)]
    assert answers == [False] * PER_ADDRESS.amount + [True] * 5
    assert not refused(throttle, "name0", "192.0.2.2")


def test_a_name_that_was_right_starts_again_and_its_address_does_not() -> None:
    throttle = Throttle()
    for number in range(PER_ADDRESS.amount):
        throttle.count("alice", "192.0.2.1")
        if number % 5 == 0:
            throttle.forget("alice")
    assert refused(throttle, "alice", "192.0.2.1")
    assert not refused(throttle, "alice", "192.0.2.2")


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("", "nowhere"),
        ("unix", "unix"),
    ],
)
def test_a_network_of_one_customer_counts_as_one(address: str, site: str) -> None:
    assert site_of(address) == site
