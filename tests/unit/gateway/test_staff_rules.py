"""Rules of signing in that need nothing but values: passwords, waits, codes, what a provider's claims mean."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.gateway import demo, mapping
from services.gateway.attempts import LONGEST, counted_as, wait_after
from services.gateway.mapping import ProviderFile, SignInRefused, person_of
from services.gateway.passwords import fault, new_password
from services.gateway.second_factor import step_of
from services.gateway.settings import GatewaySettings
from services.gateway.vault import Vault
from shared import tenants
from shared.settings import BadSetting
from tests.harness.inprocess import moved_clock

# RFC 6238, appendix B (SHA-1), whose codes have eight digits: the last six of them.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # noqa: S105
RFC = [(1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")]
FILE = ProviderFile(
    issuer="https://login.example", client_id="x", roles_claim="realm_access.roles",
    roles={"a": ["clerk"], "b": ["admin", "manager"]}, offices_claim="places", offices={"Mitte": ["mitte"]},
)  # fmt: skip


@pytest.mark.parametrize(
    "password",
    ["elevenchars", "passwort1234", "aaaaaaaaaaaaaaa", "erika.muster", "erika.mustererika.muster1", "x" * 201],
)
def test_what_is_too_short_too_long_or_easy_to_guess_is_no_password(password: str) -> None:
    assert fault(password, "erika.muster")


@pytest.mark.parametrize("password", ["twelve chars", "vier worte mit abstand", "Ü" * 6 + "ß-ok-12"])
def test_anything_else_is(password: str) -> None:
    assert fault(password, "erika.muster") is None


def test_a_new_one_that_is_given_out_is() -> None:
    assert fault(new_password(), "erika.muster") is None


def test_waits_grow_to_a_quarter_of_an_hour_and_no_further() -> None:
    waits = [wait_after(failures) // timedelta(minutes=1) for failures in range(12)]
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15]
    assert wait_after(10**6) == LONGEST


@pytest.mark.parametrize(("second", "code"), RFC)
def test_codes_are_those_of_the_rfc_one_step_early_or_late_too_and_once(second: int, code: str) -> None:
    step = second // 30
    for late, found in ((-60, None), (-30, step), (0, step), (30, step), (60, None)):
        with moved_clock(datetime.fromtimestamp(second + late, UTC)):
            assert step_of(RFC_SECRET, code, 0) == found
    with moved_clock(datetime.fromtimestamp(second, UTC)):
        assert step_of(RFC_SECRET, f"{code[:3]} {code[3:]}", step - 1) == step
        assert step_of(RFC_SECRET, code, step) is None


def test_what_is_sealed_for_one_purpose_or_with_another_key_stays_shut() -> None:
    sealed = Vault("a key", b"one").seal(b"secret")
    assert Vault("other key", b"one").open(sealed) is None
    assert Vault("a k\ney", b"one").open(sealed) == b"secret"
    assert Vault("a key", b"other").open(sealed) is None
    assert Vault("a key", b"one").open(b"") is None


def test_claims_become_a_person() -> None:
    claims: dict[str, Any] = {
        "sub": "1", "preferred_username": "Erika", "realm_access": {"roles": ["b", "unknown"]},
        "places": ["Mitte", "Nord"],
    }  # fmt: skip
    person = person_of(FILE, claims)
    assert (person.login, person.name) == ("erika", "erika")
    assert (person.roles, person.offices) == (["manager", "admin"], ["mitte"])
    assert person.subject == "https://login.example 1"


def test_text_in_a_claim_is_one_value_blanks_and_all() -> None:
    file = FILE.model_copy(update={"offices": {"Standort Mitte": ["mitte"], "Mitte": ["elsewhere"]}})
    claims = {"sub": "1", "preferred_username": "erika", "realm_access": {"roles": "a"}, "places": "Standort Mitte"}
    assert person_of(file, claims).offices == ["mitte"]
    with pytest.raises(SignInRefused):
        person_of(file, claims | {"realm_access": {"roles": "former b"}})


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"), ("a socket", "a socket"),
    ],
)  # fmt: skip
def test_addresses_of_one_household_are_counted_as_one(address: str, counted: str) -> None:
    assert counted_as(address) == counted


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "1", "preferred_username": "erika"},
        {"sub": "1", "preferred_username": "erika", "realm_access": "a"},
        {"sub": "1", "preferred_username": "erika", "realm_access": {"roles": ["c"]}},
        {"sub": "1", "realm_access": {"roles": ["a"]}},
        {"sub": "1", "preferred_username": "a b\0", "realm_access": {"roles": ["a"]}},
    ],
)
def test_without_a_role_or_a_usable_name_nobody_comes_in(claims: dict[str, Any]) -> None:
    with pytest.raises(SignInRefused):
        person_of(FILE, claims)


@pytest.mark.parametrize("text", ["no equals sign", "tenant=", "=secret"])
def test_secrets_of_another_form_are_refused_without_telling_them(text: str) -> None:
    with pytest.raises(BadSetting, match="tenant=secret") as refused:
        mapping.read_secrets(text)
    assert text not in str(refused.value).replace("tenant=secret", "")


@pytest.mark.parametrize("wrong", ["issuer: http://login.example", "roles: {a: [god]}", "surprise: 1"])
def test_a_faulty_section_is_named(tmp_path: Path, wrong: str) -> None:
    text = Path("deploy/tenants/musterstadt.yml").read_text(encoding="utf-8")
    section = {"issuer": "https://login.example", "client_id": "x", "roles_claim": "r", "roles": "{a: [clerk]}"}
    name, _, value = wrong.partition(": ")
    lines = "".join(f"  {key}: {found}\n" for key, found in {**section, name: value}.items())
    (tmp_path / "musterstadt.yml").write_text(f"{text}\nstaff_oidc:\n{lines}", encoding="utf-8")
    with pytest.raises(BadSetting, match=f"musterstadt.yml, staff_oidc: {name}"):
        mapping.read_files(tmp_path, tenants.load(tmp_path))


@pytest.mark.parametrize(
    ("host", "fine"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("gateway", False)],  # noqa: S104
)
def test_demo_accounts_are_refused_where_another_machine_could_reach_them(host: str, *, fine: bool) -> None:
    settings = GatewaySettings(demo_logins=True, embedded=True, host=host, identity_private_key="x")
    if fine:
        demo.check(settings)
    else:
        with pytest.raises(BadSetting, match="HOST must be an address of this machine"):
            demo.check(settings)
    demo.check(settings.model_copy(update={"demo_logins": False}))


def test_demo_accounts_are_refused_without_the_embedded_start() -> None:
    settings = GatewaySettings(demo_logins=True, host="127.0.0.1", identity_private_key="x")
    with pytest.raises(BadSetting, match="only the embedded start"):
        demo.check(settings)


def test_the_compose_file_has_no_demo_accounts() -> None:
    compose = Path("docker-compose.yml").read_text(encoding="utf-8")
    assert "DEMO_LOGINS" not in compose
    assert "EMBEDDED" not in compose


def test_a_mistyped_role_that_needs_a_second_factor_is_refused() -> None:
    with pytest.raises(ValidationError, match="there is no role amdin; there are admin, clerk"):
        GatewaySettings(staff_totp_roles="amdin, manager", identity_private_key="x")
    assert GatewaySettings(staff_totp_roles="", identity_private_key="x").staff_totp_roles == ""
