"""`python -m console.store_upgrade PORT`: upgrades the store of the data folder, which runs on PORT.

Prints what a person should know; exits with 1 and what to do when it could not be finished.
"""

import subprocess
import sys

import aiohttp
import django

from console.supervisor.folder import Folder
from console.supervisor.store import Store
from sagewright.state import data_folder

FAILED = (
    "The objects of an earlier version could not be given their new names: {reason}\n"
    "Nothing is lost. Start again, and it goes on where it stopped. If it fails again, go back to the earlier version:"
    " replace {objects} by {backup}, which is as that version left it."
)
LEFT = (
    "{count} objects of an earlier version stay in the store under their old names and cannot be reached, because no"
    " name can be made of their keys: {keys}. The earlier version reads them with {backup} in the place of {objects}."
)


def main(port: int) -> int:
    """Rename everything; 0 when all is done."""
    from console.store_upgrade.upgrade import UpgradeError, upgrade

    store = Store(Folder(data_folder()), port)
    paths = {"objects": store.database, "backup": store.database_backup}
    try:
        left = upgrade(store)
    except (UpgradeError, subprocess.SubprocessError, OSError, aiohttp.ClientError) as e:
        print(FAILED.format(reason=e, **paths))
        return 1
    if left:
        print(LEFT.format(count=len(left), keys=", ".join(sorted(left)[:5]), **paths))
    return 0


if __name__ == "__main__":
    django.setup()
    sys.exit(main(int(sys.argv[1])))
