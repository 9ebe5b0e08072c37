"""Who asks: only the gateway can say it, for one service, for two minutes."""

import base64
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import OKPKey

from shared import identity
from shared.identity import Identity, IdentityMissing, IdentityRefused, Signer, Verifier, citizen
from shared.settings import BadSetting
from tests.harness.identity import PRIVATE_KEY, PUBLIC_KEYS
from tests.harness.inprocess import moved_clock

NOON = datetime(2026, 9, 7, 12, 0, tzinfo=UTC)
CITIZEN = citizen("musterstadt")
CLERK = Identity(subject="a-clerk", roles=("clerk", "manager"), offices=("mitte",), tenant="musterstadt")
CLAIMS = {
    "iss": "gateway",
    "aud": "booking",
    "exp": NOON.timestamp() + 60,
    "sub": "citizen",
    "roles": ["citizen"],
    "offices": [],
    "tenant": "musterstadt",
}
KEY = OKPKey.import_key(PRIVATE_KEY)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with moved_clock(NOON):
        yield


@pytest.fixture
def signer() -> Signer:
    return Signer(PRIVATE_KEY)


@pytest.fixture
def verifier() -> Verifier:
    return Verifier(PUBLIC_KEYS, "booking")


def made(claims: dict[str, Any], key: OKPKey = KEY) -> str:
    """Return a token as somebody who has this key would make it, under the gateway's key id."""
    return jwt.encode({"alg": "Ed25519", "kid": KEY.thumbprint()}, claims, key, ["Ed25519"])


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def refused(verifier: Verifier, token: str) -> str:
    with pytest.raises(IdentityRefused) as refusal:
        verifier.verify(token)
    return refusal.value.detail


@pytest.mark.parametrize("who", [CITIZEN, CLERK])
def test_what_the_gateway_signs_the_service_reads(signer: Signer, verifier: Verifier, who: Identity) -> None:
    token = signer.sign(who, "booking")
    assert verifier.verify(token) == who
    assert verifier.verify(token) == who, "the second time from memory"


def test_the_token_made_by_hand_here_would_pass(verifier: Verifier) -> None:
    assert verifier.verify(made(CLAIMS)) == CITIZEN


def test_no_token_is_no_identity(verifier: Verifier) -> None:
    with pytest.raises(IdentityMissing):
        verifier.verify("")


def test_a_token_ends_after_two_minutes_and_a_little_also_when_it_is_remembered(signer: Signer) -> None:
    token = signer.sign(CITIZEN, "booking")
    knows, meets_it_late = Verifier(PUBLIC_KEYS, "booking"), Verifier(PUBLIC_KEYS, "booking")
    knows.verify(token)
    with moved_clock(NOON + timedelta(seconds=128)):
        assert knows.verify(token) == CITIZEN
    with moved_clock(NOON + timedelta(seconds=131)):
        assert "expired" in refused(knows, token)
        assert "expired" in refused(meets_it_late, token)


def test_a_token_is_reused_for_a_minute(signer: Signer) -> None:
    first = signer.sign(CITIZEN, "booking")
    with moved_clock(NOON + timedelta(seconds=58)):
        assert signer.sign(CITIZEN, "booking") == first
    with moved_clock(NOON + timedelta(seconds=61)):
        assert signer.sign(CITIZEN, "booking") != first


def test_a_clock_that_was_set_back_makes_a_new_token(signer: Signer) -> None:
    first = signer.sign(CITIZEN, "booking")
    with moved_clock(NOON - timedelta(hours=1)):
        assert signer.sign(CITIZEN, "booking") != first


def test_another_identity_or_service_has_another_token(signer: Signer) -> None:
    asked = [(CITIZEN, "booking"), (CLERK, "booking"), (citizen("duesseldorf"), "booking"), (CITIZEN, "statistics")]
    assert len({signer.sign(who, audience) for who, audience in asked}) == len(asked)


def test_a_token_for_another_service_is_refused(signer: Signer, verifier: Verifier) -> None:
    assert "for this service" in refused(verifier, signer.sign(CITIZEN, "statistics"))


def test_another_key_than_the_gateways_is_refused(verifier: Verifier) -> None:
    other = Signer(identity.new_private_key())
    assert "not among IDENTITY_PUBLIC_KEYS" in refused(verifier, other.sign(CITIZEN, "booking"))
    refused(verifier, made(CLAIMS, OKPKey.generate_key("Ed25519")))


def test_while_the_key_changes_both_are_believed_and_then_only_the_new_one() -> None:
    new = identity.new_private_key()
    old_token, new_token = Signer(PRIVATE_KEY).sign(CITIZEN, "booking"), Signer(new).sign(CITIZEN, "booking")
    both = Verifier(f"{PUBLIC_KEYS}\n{identity.public_half(new)}", "booking")
    assert both.verify(old_token) == both.verify(new_token) == CITIZEN
    only_new = Verifier(identity.public_half(new), "booking")
    assert only_new.verify(new_token) == CITIZEN
    refused(only_new, old_token)


def test_no_algorithm_and_the_public_key_as_a_shared_secret_are_refused(verifier: Verifier) -> None:
    kid = KEY.thumbprint()
    refused(verifier, f"{part({'alg': 'none', 'kid': kid})}.{part(CLAIMS)}.")
    unsigned = f"{part({'alg': 'HS256', 'kid': kid})}.{part(CLAIMS)}"
    raw = KEY.public_key.public_bytes_raw()
    for secret in (PUBLIC_KEYS.encode(), PUBLIC_KEYS.strip().encode(), raw):
        mac = base64.urlsafe_b64encode(hmac.digest(secret, unsigned.encode(), "sha256")).rstrip(b"=").decode()
        refused(verifier, f"{unsigned}.{mac}")
    refused(verifier, f"{part({'alg': 'EdDSA', 'kid': kid})}.{made(CLAIMS).partition('.')[2]}")


def test_a_changed_payload_or_signature_is_refused(verifier: Verifier) -> None:
    header, payload, signature = made(CLAIMS).split(".")
    refused(verifier, f"{header}.{part(CLAIMS | {'tenant': 'duesseldorf'})}.{signature}")
    refused(verifier, f"{header}.{payload}.{'A' * len(signature)}")
    refused(verifier, f"{header}.{payload}.")


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_that_is_missing_or_of_another_kind_is_refused(verifier: Verifier, claim: str) -> None:
    refused(verifier, made({name: value for name, value in CLAIMS.items() if name != claim}))
    odds: list[Any] = [None, {}, True, [1], float("nan")]
    for odd in odds:
        refused(verifier, made(CLAIMS | {claim: odd}))


@pytest.mark.parametrize("payload", [[], "text", 1, None, [[]] * 3])
def test_a_signed_payload_that_is_no_object_is_refused(verifier: Verifier, payload: Any) -> None:
    header = {"alg": "Ed25519", "kid": KEY.thumbprint()}
    refused(verifier, jws.serialize_compact(header, json.dumps(payload), KEY, ["Ed25519"]))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(["alg", "kid", "Ed25519", KEY.thumbprint()]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["alg", "kid", "crit", "b64", "typ"]), inner),
)


@given(st.text(min_size=1) | st.lists(JSON.map(part), min_size=1, max_size=4).map(".".join))
def test_garbage_is_refused_and_nothing_else(garbage: str) -> None:
    refused(Verifier(PUBLIC_KEYS, "booking"), garbage)


def test_what_is_remembered_has_a_bound(signer: Signer, verifier: Verifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "MOST_REMEMBERED", 3)
    tokens = [signer.sign(citizen(f"tenant-{number}"), "booking") for number in range(5)]
    assert [verifier.verify(token).tenant for token in tokens] == [f"tenant-{number}" for number in range(5)]
    for token in tokens:
        assert len(verifier._verified) == len(signer._made) == 3  # noqa: SLF001  nothing else shows it
        assert verifier.verify(token).subject == "citizen"


EC_KEY = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----"
X25519 = OKPKey.generate_key("X25519")


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "a secret",
        PUBLIC_KEYS,
        X25519.as_pem(private=True).decode(),
        KEY.as_pem(private=True, password=PUBLIC_KEYS).decode(),
    ],
)
def test_what_is_no_private_key_is_refused_by_name_and_not_repeated(pem: str) -> None:
    with pytest.raises(BadSetting, match="IDENTITY_PRIVATE_KEY is no Ed25519 private key") as refusal:
        Signer(pem)
    assert len(str(refusal.value)) < 100


@pytest.mark.parametrize(
    "pem", ["", "a key", PRIVATE_KEY, EC_KEY, X25519.as_pem(private=False).decode(), PUBLIC_KEYS + PRIVATE_KEY]
)
def test_what_are_no_public_keys_is_refused_by_name(pem: str) -> None:
    with pytest.raises(BadSetting, match="IDENTITY_PUBLIC_KEYS"):
        Verifier(pem, "booking")
