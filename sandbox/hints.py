"""What an administrator can do where this machine has no better sandbox."""

from pathlib import Path

from sandbox.identity import private_sources
from sandbox.interpreter import own_binds

_SETTINGS = {  # file of /proc/sys: (value that forbids, what to do)
    "kernel/apparmor_restrict_unprivileged_userns": (
        "1",
        "Ubuntu keeps user namespaces from programs without an AppArmor profile. Run Sagewright as root, or allow "
        "them to everybody: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    "kernel/unprivileged_userns_clone": (
        "0",
        "User namespaces are switched off. Run Sagewright as root, or: sudo sysctl kernel.unprivileged_userns_clone=1",
    ),
    "user/max_user_namespaces": (
        "0",
        "User namespaces are switched off. Run Sagewright as root, or: sudo sysctl user.max_user_namespaces=15000",
    ),
}
_CONTAINER = (
    "This is a container whose runtime forbids namespaces. Give it what they need: "
    "docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined"
)


def hints() -> list[str]:
    """Return sentences on what keeps namespaces from this machine, as far as its settings tell."""
    texts = []
    for name, (value, text) in _SETTINGS.items():
        try:
            if Path("/proc/sys", name).read_text().strip() == value:
                texts.append(text)
        except OSError:
            continue
    if not texts and any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv")):
        texts.append(_CONTAINER)
    return texts


def identity_hints() -> list[str]:
    """Return sentences on why sandboxes have no user of their own although this process is root."""
    if not (sources := private_sources(own_binds())):
        return []
    names = " ".join(map(str, sources))
    return [
        "Only root can read the code of this installation, so code runs as root without capabilities, and not as a "
        f"user of its own. Let everybody read it, and start Sagewright again: chmod -R go+rX {names}"
    ]
