"""Which backup product is behind a snapshot: by the snapshot's name, or by the account."""

import re

_SNAPSHOTS = (
    # Veeam KB1790
    (re.compile(r"VEEAM BACKUP TEMPORARY SNAPSHOT", re.IGNORECASE), "Veeam"),
    # vCheck-vSphere, plug-in "VCB Garbage" 1.4, lists the names backup products leave behind:
    # Commvault GX_BACKUP, NetBackup NBU_SNAPSHOT. Commvault's own validation: __GX_BACKUP__
    (re.compile(r"(?:^|_)GX_BACKUP", re.IGNORECASE), "Commvault"),
    (re.compile(r"NBU_SNAPSHOT", re.IGNORECASE), "NetBackup"),
    # avtar session log of Avamar 7.5.1, last_snap_name: epoch seconds and the client's id
    (re.compile(r"^Avamar-\d{10}", re.IGNORECASE), "Avamar"),
)
"""Marks that a public source shows; a name that merely contains "backup" proves nothing."""

_ACCOUNTS = {
    "veeam": "Veeam",
    "commvault": "Commvault",
    "netbackup": "NetBackup",
    "avamar": "Avamar",
    "nakivo": "NAKIVO",
    "rubrik": "Rubrik",
    "cohesity": "Cohesity",
}
"""Brand names by which service accounts are called. Only names that mean nothing else."""

_WORD = re.compile(r"[a-z]+")


def product_of(user: str | None, snapshot: str | None) -> str | None:
    r"""Name the product behind a snapshot, or None where nothing gives it away.

    The snapshot's name counts before the account that asked for it (`DOMAIN\account` or
    `account@domain`): the name is the product's own, the account was only called so by somebody.
    """
    for mark, product in _SNAPSHOTS:
        if snapshot and mark.search(snapshot):
            return product
    account = (user or "").rpartition("\\")[2].partition("@")[0].lower()
    for word in _WORD.findall(account):
        for brand, product in _ACCOUNTS.items():
            if brand in word:
                return product
    return None
