"""The product behind a snapshot."""

import pytest

from sources.backup_product import product_of


@pytest.mark.parametrize(
    ("snapshot", "product"),
    [
        ("VEEAM BACKUP TEMPORARY SNAPSHOT", "Veeam"),  # Veeam KB1790
        ("__GX_BACKUP__", "Commvault"),  # vCheck-vSphere, "VCB Garbage"
        ("NBU_SNAPSHOT SRV-VC 1718000000", "NetBackup"),  # vCheck-vSphere, "VCB Garbage"
        # avtar session log of Avamar 7.5.1, last_snap_name
        ("Avamar-1570024846f73adf5e4b0dbe2f385c61c20fce38008cfbd58a", "Avamar"),
        ("before upgrade", None),
        ("backup of Avamar-server", None),
        (None, None),
    ],
)
def test_the_snapshots_name_gives_the_product_away(
    snapshot: str | None, product: str | None
) -> None:
    assert product_of(None, snapshot) == product


@pytest.mark.parametrize(
    ("user", "product"),
    [
        ("VSPHERE.LOCAL\\veeam", "Veeam"),
        ("svc-rubrik01@corp.local", "Rubrik"),
        ("CORP\\svc_Cohesity", "Cohesity"),
        ("CORP\\nakivo", "NAKIVO"),
        ("CORP\\jan", None),
        ("VEEAM\\jan", None),
        ("jan@rubrik.corp.local", None),
        ("", None),
    ],
)
def test_the_account_counts_but_never_its_domain(user: str, product: str | None) -> None:
    assert product_of(user, None) == product


def test_the_name_of_the_snapshot_counts_before_the_account() -> None:
    assert product_of("CORP\\svc-rubrik", "VEEAM BACKUP TEMPORARY SNAPSHOT") == "Veeam"
