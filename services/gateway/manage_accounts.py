"""Manages accounts of the staff from the server's command line; the first admin is made so.

`python -m services.gateway.manage_accounts add --tenant T --login L --name N --role admin --all-offices`
"""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Sequence

from pydantic import ValidationError

from services.gateway import accounts, managing, passwords
from services.gateway.accounts import Account
from services.gateway.backend import Backend, ServiceAway
from services.gateway.settings import GatewaySettings
from shared import tenants
from shared.db import Database, DatabaseAway, Session, is_not_migrated
from shared.identity import Signer
from shared.serve import sentence
from shared.settings import BadSetting

WHO = "command"


class Refused(Exception):
    """What was asked for is not possible; the sentence says why and what to do."""


class Command:
    """One call of the command."""

    def __init__(self, settings: GatewaySettings, wanted: argparse.Namespace) -> None:
        self.settings, self.wanted = settings, wanted
        self.database = Database(settings.database, 1)

    async def run(self) -> str:
        """Do it; return the sentence to print. Raises `Refused`."""
        known = tenants.load(self.settings.tenants_dir).by_id
        if self.wanted.tenant not in known:
            raise Refused(f"There is no tenant {self.wanted.tenant}. There are: {', '.join(sorted(known))}.")
        try:
            does = {"add": self.add, "reset-password": self.reset_password, "disable": self.disable}
            return await does[self.wanted.command]()
        except managing.AccountRefused as error:
            raise Refused(error.detail) from error
        except ServiceAway as error:
            raise Refused(
                "Which offices there are is told by booking, which does not answer. Start it first."
            ) from error
        except DatabaseAway as error:
            raise Refused("The gateway's database does not answer. Start it, or check DATABASE_URL.") from error
        except Exception as error:
            if is_not_migrated(error):
                raise Refused("The gateway's database is not set up. Run the migrate step first.") from error
            raise
        finally:
            await self.database.close()

    async def add(self) -> str:
        """Make an account."""
        login = accounts.normal(self.wanted.login)
        if not accounts.LOGIN.fullmatch(login):
            raise Refused("--login: use 3 to 64 small letters, digits, dots, hyphens or underscores.")
        offices = await self._offices()
        hashed = await self._new_password(login)

        async def work(session: Session) -> Account:
            # Nobody else is there yet: who types the first account's password is the one who will sign in with it.
            is_own = sys.stdin.isatty() and all(one["is_demo"] for one in await accounts.list_all(session))
            values = {"roles": self.wanted.role, "offices": offices, "must_change_password": not is_own}
            return await managing.create(session, WHO, login, self.wanted.name, password_hash=hashed, **values)

        made = await self.database.run(work, self.wanted.tenant)
        where = ", ".join(offices) or "no office"
        roles = ", ".join(self.wanted.role)
        then = " The password is changed at the first sign-in." if made["must_change_password"] else ""
        return f"Made the account {login} ({roles}; {where}).{then}"

    async def reset_password(self) -> str:
        """Give an account another password."""
        found = await self._found()
        if found["password_hash"] is None:
            raise Refused(f"The account {found['login']} has no password here: its person signs in at the provider.")
        hashed = await self._new_password(found["login"])

        async def work(session: Session) -> Account:
            if self.wanted.remove_second_factor:
                await managing.remove_second_factor(session, WHO, found["id"])
            return await managing.reset_password(session, WHO, found["id"], hashed)

        await self.database.run(work, self.wanted.tenant)
        return f"The account {found['login']} has a new password, which is changed at the next sign-in."

    async def disable(self) -> str:
        """Let nobody sign in with an account any more."""
        found = await self._found()

        async def work(session: Session) -> None:
            await managing.disable(session, WHO, found["id"])

        await self.database.run(work, self.wanted.tenant)
        return f"The account {found['login']} is disabled, and signed out everywhere."

    async def _found(self) -> Account:
        async with self.database.transaction(self.wanted.tenant) as session:
            found = await accounts.find(session, self.wanted.login)
        if found is None:
            raise Refused(f"There is no account {self.wanted.login} in {self.wanted.tenant}.")
        return found

    async def _offices(self) -> list[str]:
        signer = Signer(self.settings.identity_private_key.get_secret_value())
        booking = Backend("booking", self.settings.booking_url, signer, self.settings.backend_timeout_seconds, 1)
        try:
            known = [office["id"] for office in await booking.get("/offices", self.wanted.tenant)]
        finally:
            await booking.close()
        if self.wanted.all_offices:
            return known
        if unknown := sorted(set(self.wanted.office) - set(known)):
            raise Refused(f"There is no office {', '.join(unknown)}. There are: {', '.join(known)}.")
        return list(self.wanted.office)

    async def _new_password(self, login: str) -> str:
        if sys.stdin.isatty():
            password = getpass.getpass("Password (at least 12 characters): ")
            if password != getpass.getpass("Once more: "):
                raise Refused("The two passwords differ. Nothing was changed.")
        else:
            password = sys.stdin.readline().rstrip("\r\n")
        if fault := passwords.fault(password, login):
            raise Refused(fault)
        return await asyncio.to_thread(passwords.hash_of, password)


def read(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what is wanted; ends with a usage message when it cannot be understood."""
    parser = argparse.ArgumentParser(
        prog="python -m services.gateway.manage_accounts",
        description="Manages accounts of the staff. Passwords are asked for, or read from standard input.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="make an account")
    reset = commands.add_parser("reset-password", help="give an account a password that is changed at the next sign-in")
    disable = commands.add_parser("disable", help="let nobody sign in with an account any more")
    for one in (add, reset, disable):
        one.add_argument("--tenant", required=True, help="the tenant's id, as in its file")
        one.add_argument("--login", required=True, help="name of the account")
    add.add_argument("--name", required=True, help="name of the person")
    add.add_argument(
        "--role", required=True, action="append", choices=accounts.ROLES, help="may be given several times"
    )
    where = add.add_mutually_exclusive_group(required=True)
    where.add_argument("--office", action="append", default=[], help="id of an office; may be given several times")
    where.add_argument("--all-offices", action="store_true")
    reset.add_argument("--remove-second-factor", action="store_true", help="when phone and recovery codes are lost")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 1 when it is refused."""
    wanted = read(arguments)
    try:
        said = asyncio.run(Command(GatewaySettings(), wanted).run())
    except (ValidationError, BadSetting, OSError) as error:
        sys.stderr.write(f"{sentence(error, GatewaySettings)}\n")
        return 1
    except Refused as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{said}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
