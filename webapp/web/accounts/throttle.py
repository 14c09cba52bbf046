"""Limits attempts to sign in, per name and per address."""

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from webapp.web.addresses import site_of
from webapp.web.errors import TooManyAttempts

WINDOW_MINUTES = 15
# NIST SP 800-63B allows 100 failures in a row; that would be a quarter of a day here.
PER_NAME = RateLimitItemPerMinute(10, WINDOW_MINUTES, namespace="name")
# Higher, because all visitors behind one router, or one proxy that is not believed, are one.
PER_ADDRESS = RateLimitItemPerMinute(60, WINDOW_MINUTES, namespace="address")


class Throttle:
    """Counts attempts in this process, for all of its threads.

    Processes count separately, so with several of them the limit is that many times higher.
    """

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def count(self, name: str, address: str) -> None:
        """Count an attempt before its password is looked at. Raises TooManyAttempts."""
        for limit, key in ((PER_ADDRESS, site_of(address)), (PER_NAME, name)):
            if not self._limiter.hit(limit, key):
                reset = self._limiter.get_window_stats(limit, key).reset_time
                seconds = max(1, math.ceil(reset - time.time()))
                raise TooManyAttempts(
                    "Too many sign-in attempts. Please try again in %(minutes)s min.",
                    seconds,
                    minutes=math.ceil(seconds / 60),
                )

    def forget(self, name: str) -> None:
        """Start again for a name whose password was right."""
        self._limiter.clear(PER_NAME, name)
