"""`scoring demo`: fill an empty installation with a lender's simulated life."""

import time

import click

from entrypoints.cli.interruption import interruptible
from entrypoints.cli.main import settings_or_exit
from entrypoints.cli.progress_bar import ProgressBar
from entrypoints.demonstration.demonstration import APPLICATIONS, Plan

_INTERRUPTED = (
    "Interrupted: the demonstration is incomplete, and cannot be continued. To start again, stop the service and "
    "use an empty installation: another SCORING_DATA_DIR, or another database."
)


@click.command("demo")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed makes other applications.")
@click.option(
    "--applications",
    type=click.IntRange(50, 20_000),
    default=APPLICATIONS,
    show_default=True,
    help="Applications of the last six months.",
)
def command(seed: int, applications: int) -> None:
    """Fill an empty installation with six months of a lender's simulated life.

    Applications, referral cases, notices and loans are made up, and marked as synthetic everywhere. The service
    may run meanwhile. An installation in which anything was decided is refused.
    """
    from entrypoints.composition.processes.demonstration import fill_installation  # noqa: PLC0415 - slow to import

    settings = settings_or_exit()
    began = time.monotonic()
    with interruptible(_INTERRUPTED), ProgressBar("Simulating") as bar:
        done = fill_installation(settings, lambda end: Plan(end, seed, applications), bar.show)
    seconds = time.monotonic() - began
    click.echo(
        f"{done.decisions:,} decisions, {done.loans:,} accepted loans in {seconds:.0f} s; all are synthetic.\n"
        f"The audit trail is verified: {done.verification.violation_count} integrity errors.\n"
        + "".join(f"{remark}\n" for remark in done.remarks)
        + "\n"
        "Users, with passwords that are shown only this once; people choose another at the first login:"
    )
    for added in done.users:
        password = added.password or "(unchanged: the user existed)"
        click.echo(f"  {added.user.name:<8}{added.user.role.value:<20}{password}")
    scheme = "https" if settings.tls_files else "http"
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    address = f"{scheme}://{host}:{settings.ui_port}{settings.root_path}"
    click.echo(
        f"\nNext, with the service running (scripts/up): log in at {address} as\n"
        "  uma    to work a referral and issue its letter: Cases, Next case; then Notices\n"
        "  sara   to give second approvals: Cases, Awaiting second approval\n"
        "  carla  to see which letters are due, and one that is overdue: Notices\n"
        "  rita   to see figures: Overview, Overrides, Outcomes\n"
        "  ada    to verify the audit trail"
    )
