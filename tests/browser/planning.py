"""What a manager does at the plan editor in a browser."""

from playwright.async_api import Locator

from tests.harness.visitor import Visitor

PLAN = "/staff/offices/nord/plan"  # an office of the second Jobcenter, so that the first one's times stay as they are
HOST = "duesseldorf.localhost"


def named(someone: Visitor, name: str) -> Locator:
    """Return the input of a place in a plan."""
    return someone.page.locator(f'[name="{name}"]')


async def edit(someone: Visitor, office: str = PLAN) -> None:
    """Sign in and open the form."""
    await someone.sign_in("manager")
    await someone.open(f"{office}/edit")


async def look(someone: Visitor) -> None:
    """See what changes."""
    await someone.press("#send")


async def without_afternoon(someone: Visitor, office: str = PLAN) -> None:
    """Take Thursday's afternoon from the first team, and look at that."""
    await edit(someone, office)
    for edge in ("from", "to"):
        await named(someone, f"teams.eingang.hours.1.{edge}").fill("")
    await look(someone)
