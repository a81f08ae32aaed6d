"""The job: which backup of a VM was at work while the VM stood still."""

from datetime import timedelta

from commands.context import Context
from storage.backups import last_backups
from storage.vms import Vm
from verdict.clock import UNMEASURED
from verdict.facts import Backup, Phase, Stun

LONGEST = timedelta(days=1)
"""A run whose end was never learnt is not taken to go on for longer."""

NOT_ITS_WORK = (Phase.MIGRATION, Phase.OTHER)


def job_of(context: Context, vm: Vm, stun: Stun) -> Backup | None:
    """Give the backup that ran when a VM was stunned; None where no backup stuns so, or none ran.

    Raises UserError.
    """
    if stun.phase in NOT_ITS_WORK:
        return None
    found = last_backups(context.store, vm, stun.end + UNMEASURED)
    return next((one for one in found if _ran(one, stun)), None)


def job_name(job: Backup) -> str:
    """Name a job as its owner does: 'Veeam "SQL Nightly"'."""
    return f'{job.product} "{job.job}"'


def _ran(backup: Backup, stun: Stun) -> bool:
    ends = backup.end + UNMEASURED if backup.end else backup.start + LONGEST
    return backup.start - UNMEASURED <= stun.end and stun.start <= ends
