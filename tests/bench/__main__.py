"""`make bench`: measures, prints a table, and fails when a floor is not reached.

Everything runs on this one machine, load generator included, so that only ratios within a run tell something.
"""

import asyncio
import contextlib
import os
import sys
import time
from contextlib import AsyncExitStack
from datetime import datetime

from deploy import migrate
from tests.bench import events, lighthouse, pages, pgbench, rush, slots, tenant, uploads, waiting
from tests.bench.load import Result, run_clients, run_rate
from tests.harness.citizen import Mailbox
from tests.harness.installation import Installation
from tests.harness.parts import Parts
from tests.harness.waiting import eventually

CLIENTS = 16
SECONDS = int(os.environ.get("BENCH_SECONDS", "10"))
EVENTS = int(os.environ.get("BENCH_EVENTS", "40000"))
MAILS_A_SECOND = 50

Row = tuple[str, str, str, bool]
ROWS: list[Row] = []


def report(what: str, figure: str, floor: str = "", *, met: bool = True) -> None:
    """Print a figure at once and keep it for the table."""
    ROWS.append((what, figure, floor, met))
    print(f"{what:<58} {figure:>24}   {floor}{'' if met else '   MISSED'}", flush=True)


async def new_installation(parts: Parts, stack: AsyncExitStack) -> Installation:
    """Return an installation with the bench tenant."""
    directory = parts.directory / "tenants"
    tenant.write(directory)
    made = await Installation.create(parts, TENANTS_DIR=str(directory), LOG_LEVEL="WARNING")
    stack.push_async_callback(made.stop)
    owner = parts.database.url("booking_owner", f"booking_{made.name}")
    await migrate.seed("booking", owner, directory)
    return made


async def bench_bookings(parts: Parts) -> None:
    """Bookings a second beside pgbench with the same statements on the same database."""
    async with AsyncExitStack() as stack:
        made = await new_installation(parts, stack)
        await made.start("notifications", "booking", "gateway")
        await made.children.pop("notifications").stop()  # it has announced its key; the rest is not measured here
        limits = []
        requests = tenant.Requests(email="a{}@example.org")
        limits.append(await pgbench.run(made, requests, CLIENTS, SECONDS))
        await run_clients(made.ports["booking"], CLIENTS, 2, requests)  # warm
        direct = await run_clients(made.ports["booking"], CLIENTS, SECONDS, requests)
        gateway = await run_clients(
            made.ports["gateway"], CLIENTS, SECONDS, tenant.GatewayRequests(email="a{}@example.org")
        )
        limits.append(await pgbench.run(made, requests, CLIENTS, SECONDS))
        limit = sum(limits) / len(limits)
        report("pgbench, same tables, constraint, policies, statements", f"{limit:.0f}/s")
        report(
            "bookings through booking's API",
            f"{direct.rate:.0f}/s = {direct.rate / limit:.3f}",
            "floor 0.25",
            met=direct.rate / limit >= 0.25,
        )
        report("  p50 / p99", f"{direct.percentile(0.5) * 1000:.1f} / {direct.percentile(0.99) * 1000:.1f} ms")
        report("  answers", answers(direct))
        report("bookings through the gateway", f"{gateway.rate:.0f}/s = {gateway.rate / limit:.3f}")
        report("  p50 / p99", f"{gateway.percentile(0.5) * 1000:.1f} / {gateway.percentile(0.99) * 1000:.1f} ms")
        report("  answers", answers(gateway))


async def bench_slots(parts: Parts) -> None:
    """Free times at booking's API: 60 days, 20 desks, a long appointment; then with ten times the bookings."""
    async with AsyncExitStack() as stack:
        made = await new_installation(parts, stack)
        await made.start("notifications", "booking")
        await made.children.pop("notifications").stop()
        medians = []
        for share in (0.03, 0.3):
            booked = await slots.fill(made, share)
            result, free = await slots.measure(made, SECONDS / 2)
            p50, p95, p99 = (result.percentile(part) * 1000 for part in (0.5, 0.95, 0.99))
            medians.append(p50)
            report(
                f"free times: {free}, with {booked} booked, p50 / p95 / p99",
                f"{p50:.1f} / {p95:.1f} / {p99:.1f} ms",
                "floors p95 50 ms, p99 150 ms",
                met=p95 <= 50 and p99 <= 150,
            )
            report("  answers", answers(result))
        ratio = medians[1] / medians[0]
        report("  ten times the bookings", f"× {ratio:.2f}", "floor × 2", met=ratio < 2)


async def bench_events(parts: Parts) -> None:
    """Events a second from the outbox to Kafka, and from Kafka to a consumer's committed effects."""
    async with AsyncExitStack() as stack:
        made = await new_installation(parts, stack)
        await events.fill_outbox(made, EVENTS)
        made.children["booking"] = await made.spawn("booking", {})
        rate = await events.measure(made, "booking", f"SELECT {EVENTS} - count(*) AS n FROM outbox", EVENTS)
        report("events outbox → Kafka, one relay", f"{rate:.0f}/s")
        await made.stop()
        made.children["statistics"] = await made.spawn("statistics", {})
        rate = await events.measure(made, "statistics", "SELECT count(*) AS n FROM inbox", EVENTS)
        report("events Kafka → inbox and facts, one process", f"{rate:.0f}/s", "floor 5000/s", met=rate >= 5000)
        made.children["notifications"] = await made.spawn("notifications", {})
        rate = await events.measure(made, "notifications", "SELECT count(*) AS n FROM inbox", EVENTS)
        report("events Kafka → inbox and mails to send, one process", f"{rate:.0f}/s")


async def bench_mail(parts: Parts) -> None:
    """From the request to the mail's arrival, at a steady rate of bookings through the gateway."""
    async with AsyncExitStack() as stack:
        made = await new_installation(parts, stack)
        await made.start("mailbox", "notifications", "booking", "gateway", "statistics")
        requests = tenant.GatewayRequests(email="mail{}@example.org")
        # Warm: the first mails after a start pay for connections, caches and the compiler of Kafka's Java.
        await run_rate(made.ports["gateway"], MAILS_A_SECOND, SECONDS / 2, requests)
        asked_at: dict[str, float] = {}

        def timed(number: int) -> tuple[str, dict[str, str], dict[str, object]]:
            path, headers, body = requests(number + 1000)
            asked_at[str(body["email"])] = time.time()
            return path, headers, body

        result = await run_rate(made.ports["gateway"], MAILS_A_SECOND, 2 * SECONDS, timed)
        box = Mailbox.of(made)
        stack.push_async_callback(box.close)
        booked = result.statuses[201]

        async def arrived() -> dict[str, float]:
            found = {
                mail["To"][0]["Address"]: datetime.fromisoformat(mail["Created"]).timestamp()
                for mail in await box.summaries()
            }
            mine = {address: at for address, at in found.items() if address in asked_at}
            return mine if len(mine) >= booked else {}

        arrivals = await eventually(arrived, within=30, every=0.5)
        delays = Result(1, latencies=[at - asked_at[address] for address, at in arrivals.items()])
        p50, p99 = delays.percentile(0.5), delays.percentile(0.99)
        report(f"booking → mail at {MAILS_A_SECOND}/s, {len(arrivals)} mails, p50", f"{p50 * 1000:.0f} ms")
        report("  p99", f"{p99 * 1000:.0f} ms", "floor 500 ms", met=p99 <= 0.5)
        report("  answers", answers(result))


async def bench_pages(parts: Parts) -> None:
    """Whole journeys through the pages, then what a phone makes of them."""
    async with AsyncExitStack() as stack:
        made = await new_installation(parts, stack)
        await start_pages(made)
        await pages.journeys(made.ports["gateway"], CLIENTS, 2)  # warm
        result, tally = await pages.journeys(made.ports["gateway"], CLIENTS, SECONDS)
        home = await pages.homepage(made.ports["gateway"], CLIENTS, SECONDS)
    report("whole journeys/s through the pages", f"{result.rate:.1f}/s")
    report("  p50 / p99", f"{result.percentile(0.5) * 1000:.0f} / {result.percentile(0.99) * 1000:.0f} ms")
    each = tally.requests / len(result.latencies)
    report("  requests", f"{tally.requests / result.seconds:.0f}/s, {each:.1f} a journey")
    report("  answers", answers(tally))
    report("  the load generator's own share of a core", f"{tally.processor / result.seconds:.2f}")
    failed = sum(tally.failures.values())
    why = ", ".join(f"{count} × {reason}" for reason, count in tally.failures.items())
    report("  journeys that failed", f"{failed} of {len(result.latencies)}", why or "floor 0", met=not failed)
    report("homepage alone", f"{home.rate:.0f}/s")
    report("  answers", answers(home), met=set(home.statuses) == {200})
    await bench_phone(parts)


async def bench_phone(parts: Parts) -> None:
    """Lighthouse's figures of the pages up to the details, with an example Jobcenter."""
    if missing := lighthouse.missing():
        report("Lighthouse, mobile", "not installed", missing, met=False)
        return
    async with AsyncExitStack() as stack:
        made = await Installation.create(parts, LOG_LEVEL="WARNING")
        stack.push_async_callback(made.stop)
        await start_pages(made)
        with contextlib.closing(pages.Browser(made.ports["gateway"], pages.Tally())) as browser:
            await pages.book(browser)  # gives the homepage something to count
        for name, address in zip(("home", "concern", "time", "details"), browser.shown, strict=False):
            scores = await lighthouse.measure(made.url("gateway") + address)
            figure = f"LCP {scores.lcp:.0f} ms, CLS {scores.cls:.3f}, accessibility {scores.accessibility:.2f}"
            floor = f"floors {lighthouse.MOST_LCP} ms, {lighthouse.MOST_CLS}, 1 {' '.join(scores.faults)}"
            report(f"Lighthouse, mobile, {name}", figure, floor, met=scores.good)
            report("  TBT", f"{scores.tbt:.0f} ms", f"good: up to {lighthouse.GOOD_TBT} ms")


async def bench_uploads(parts: Parts) -> None:
    """Files into the database; and whether half-open connections delay anybody."""
    async with uploads.town(parts) as town:
        await uploads.send(town, 2, 1)  # warm
        disk = uploads.write(town.installation.directory, 20)
        report("8 MB encrypted and written to this disk, flushed", f"{disk:.0f} MB/s")
        for at_once in (1, 4):
            rate = await uploads.send(town, 20, at_once)
            report(f"files of 8 MB through the gateway, {at_once} at a time", f"{rate:.1f} MB/s = {rate / disk:.3f}")
        result = await uploads.asked_meanwhile(town, SECONDS)
        worst = max(result.latencies)
        report(
            f"offices, with {uploads.HALF_OPEN} half-open uploads, p50 / worst",
            f"{result.percentile(0.5) * 1000:.1f} / {worst * 1000:.0f} ms",
            "floor 500 ms",
            met=worst <= 0.5 and set(result.statuses) == {200},
        )


async def bench_rush(parts: Parts) -> None:
    """Ten times as many people as times within a minute, the waiting room set as suits two cores."""
    desks, times, arrivals, seconds = 20, 50, 10_000, 60
    made = await rush.open_office(
        parts, desks, times, RUSH_ARRIVALS_PER_MINUTE=100, RUSH_ADMITTED_PER_MINUTE=1000, RUSH_PROOF_HASHES=2
    )
    try:
        with contextlib.closing(rush.Rush(made.ports["gateway"])) as seen:
            await seen.run(arrivals, seconds)
            processor = [seen.processor_seconds(made, service) for service in ("gateway", "booking")]
            faults = await seen.faults(made, desks * times)
    finally:
        await made.stop()
    last = max(seen.booked.values(), default=0)
    report(f"rush: {arrivals} arrivals in {seconds} s, booked", f"{len(seen.booked)}", "each of 1,000 times once")
    report("  until all are booked / have left", f"{last:.0f} / {seen.seconds:.0f} s")
    report("  p50 / p99 of all answers", f"{seen.percentile(0.5) * 1000:.1f} / {seen.percentile(0.99) * 1000:.1f} ms")
    report("  answers", answers(seen))
    report("  processor time of gateway / booking", " / ".join(f"{one:.0f} s" for one in processor))
    report("  5xx", f"{seen.failed:.3%}", "floor 0.1 %", met=seen.failed < rush.MOST_FAILED)
    report("  what is not as it must be", "; ".join(faults) or "nothing", met=not faults)


async def bench_waiting(_: Parts) -> None:
    """Simulated days: how long appointments are delayed, and how right people were told how long they will wait."""
    by_team = await asyncio.to_thread(waiting.simulate)
    for day in waiting.KINDS:
        seen = waiting.all_teams(by_team, day)
        p50, p90 = seen.delay(0.5), seen.delay(0.9)
        report(f"{day}, delay of {len(seen.delays)} appointments, p50 / p90", f"{p50:.1f} / {p90:.1f} min",
               "floors 5 and 10 min", met=p50 <= 5 and p90 <= 10)  # fmt: skip
        report(f"  waits of {len(seen.told)} others inside what they were told", f"{seen.right:.1%}",
               "floor 75 to 90 %", met=0.75 <= seen.right <= 0.9)  # fmt: skip
        report("  of those who waited longer than two minutes", f"{seen.right_of_long:.1%}")
        report("  they waited / width of the range, mean", f"{seen.waited:.1f} / {seen.width:.1f} min")
        report("  mean error of its middle / of ZMS's formula", f"{seen.error:.1f} / {seen.formula_error:.1f} min",
               "less than the formula's", met=seen.error < seen.formula_error)  # fmt: skip
        report("  told nothing: they may not be called before closing", f"{seen.untold_part:.1%}")
        for team, by_day in by_team.items():
            own = by_day[day]
            figures = f"{own.delay(0.5):.1f} / {own.delay(0.9):.1f} min, {own.right:.0%} inside"
            report(f"  {team}: delay p50 / p90, waits inside", figures)
    took = waiting.milliseconds()
    report("one estimate, 10 desks and 40 waiting", f"{took:.0f} ms", "floor 30 ms", met=took <= 30)


async def start_pages(made: Installation) -> None:
    """Start what the pages need."""
    await made.start("notifications", "booking", "statistics", "gateway", RUSH_ARRIVALS_PER_MINUTE="0")
    await made.children.pop("notifications").stop()  # it has announced its key; mails are not measured here


def answers(result: Result | pages.Tally) -> str:
    """Return how often which status was answered."""
    return ", ".join(f"{count} × {status}" for status, count in sorted(result.statuses.items()))


async def main() -> int:
    """Measure what is named on the command line, or everything; 1 when a floor was missed."""
    steps = {
        "bookings": bench_bookings,
        "slots": bench_slots,
        "events": bench_events,
        "mail": bench_mail,
        "pages": bench_pages,
        "rush": bench_rush,
        "waiting": bench_waiting,
        "uploads": bench_uploads,
    }
    parts = await Parts.start()
    try:
        for name in sys.argv[1:] or steps:
            await steps[name](parts)
    finally:
        await parts.stop()
    return int(not all(met for *_, met in ROWS))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
