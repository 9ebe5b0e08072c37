"""The proof of work, by ALTCHA's protocol (version 2): a device counts for a moment, so that many places cost much.

The challenge names the slip it is for: one solution is good for one slip.
"""

import json
import secrets

import altcha

from services.gateway.slips import Slip

ALGORITHM, COST = "SHA-256", 1  # one hash a try: the script needs no more than that, and no `crypto.subtle`


class Proof:
    """Makes and checks challenges. `hashes`: the most that a device has to compute, and at least half of it."""

    def __init__(self, key: bytes, hashes: int) -> None:
        self._key = key
        self._hashes = hashes

    def challenge(self, slip: Slip) -> str:
        """Return the challenge for a slip as JSON. Its solution is chosen here, so that its effort has a bound."""
        half = self._hashes // 2
        counter = half + secrets.randbelow(half + 1)
        made = altcha.create_challenge(
            ALGORITHM, COST, counter=counter, data={"slip": slip.number}, hmac_secret=self._key
        )
        return json.dumps(made.to_dict(), separators=(",", ":"))

    def is_solution(self, slip: Slip, solution: str) -> bool:
        """Tell whether this solves a challenge of ours for this slip. `solution`: as ALTCHA's payload, base 64."""
        if not altcha.verify_solution(solution, self._key).verified:
            return False
        return altcha.Payload.from_base64(solution).challenge.parameters.data == {"slip": slip.number}
