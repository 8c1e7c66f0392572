"""The root folder of a walled sandbox: the system read-only, the sandbox's own folder, and nothing else."""

import os
import stat
from pathlib import Path

from sandbox import linux
from sandbox.linux import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_REC, MS_REMOUNT
from sandbox.spec import ROOT, SandboxError, Spec

NEW = "/tmp"  # any folder that every machine has; only this mount namespace sees it covered
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SETTINGS = (  # of /etc/ssl and /etc/pki what is public: some have the private keys of servers beside it
    "/etc/alternatives", "/etc/ca-certificates", "/etc/crypto-policies", "/etc/fonts", "/etc/ld.so.cache",
    "/etc/localtime", "/etc/mime.types", "/etc/nsswitch.conf", "/etc/pki/ca-trust", "/etc/pki/tls/cert.pem",
    "/etc/pki/tls/certs", "/etc/pki/tls/openssl.cnf", "/etc/ssl/cert.pem", "/etc/ssl/certs", "/etc/ssl/openssl.cnf",
)  # fmt: skip
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_FOLDERS = ("/dev/pts", "/dev/shm", "/etc", "/home", "/old", "/proc", "/root", "/run", "/tmp", "/var/tmp")
_LINKS = {
    "/dev/fd": "/proc/self/fd", "/dev/stdin": "/proc/self/fd/0", "/dev/stdout": "/proc/self/fd/1",
    "/dev/stderr": "/proc/self/fd/2", "/dev/ptmx": "pts/ptmx", "/var/run": "/run",
}  # fmt: skip
_INODES = 200_000


def build(spec: Spec, uid: int, gid: int) -> list[int]:
    """Make the new root and go there; return descriptors of its /tmp and /dev/shm. Raises OSError.

    The process is the first of new mount and PID namespaces. The old root stays at /old until `leave_old`.
    """
    linux.mount(None, "/", None, MS_REC | linux.MS_PRIVATE)
    sources = [(target, _open(source), flags) for source, target, flags in _binds(spec)]  # the new root may cover them
    linux.mount("tmpfs", NEW, "tmpfs", MS_NOSUID | MS_NODEV, "size=16m,nr_inodes=20k,mode=0755")
    for folder in _FOLDERS:
        Path(NEW + folder).mkdir(parents=True)
    for name, target in _LINKS.items():
        Path(NEW + name).symlink_to(target)
    for name, content in _files(spec, uid, gid).items():
        Path(NEW + name).write_text(content)
    size = f"size={spec.limits.tmp or '50%'},nr_inodes={_INODES},mode=1777"
    linux.mount("tmpfs", NEW + "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, size)
    linux.mount("tmpfs", NEW + "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, size)
    linux.mount(NEW + "/tmp", NEW + "/var/tmp", None, MS_BIND)
    terminals = "newinstance,ptmxmode=0666,mode=0620"
    linux.mount("devpts", NEW + "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, terminals)
    for target, opened, flags in sources:
        _show(opened, NEW + target, flags, uid)
        os.close(opened)
    linux.mount("proc", NEW + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)  # while the old one can be seen
    linux.restrict_mount(NEW + "/proc", MS_RDONLY)  # neither /proc/sys nor its own oom_score_adj
    os.chdir(NEW)
    linux.pivot_root(".", "old")
    os.chdir("/")
    return [os.open(folder, os.O_RDONLY | os.O_DIRECTORY) for folder in ("/tmp", "/dev/shm")]


def leave_old() -> None:
    """Make the old root unreachable, and the new one read-only."""
    linux.unmount("/old", linux.MNT_DETACH)
    Path("/old").rmdir()
    linux.mount(None, "/", None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)


def _binds(spec: Spec) -> list[tuple[Path, str, int]]:
    """Every (source, target, flags of the mount), a folder before what lies in it."""
    wanted: list[tuple[Path, str, int]] = [(spec.folder, ROOT, MS_NOSUID | MS_NODEV)]
    for name in (*SYSTEM, *SETTINGS):
        if os.path.lexists(name):
            wanted.append((Path(name), name, MS_RDONLY | MS_NOSUID | MS_NODEV))
    wanted += [(Path(name), name, MS_NOSUID | MS_NOEXEC) for name in DEVICES]
    for bind in spec.binds:
        wanted.append((bind.source, bind.target, MS_NOSUID | MS_NODEV | (0 if bind.writable else MS_RDONLY)))
    return sorted(wanted, key=lambda one: one[1].count("/"))


def _files(spec: Spec, uid: int, gid: int) -> dict[str, str]:
    hosts = "".join(f"{address} {name}\n" for name, address in spec.hosts.items())
    own = "" if spec.hostname in spec.hosts else f" {spec.hostname}"
    return {
        "/etc/passwd": f"root:x:0:0::/root:/bin/sh\nalgo:x:{uid}:{gid}::{ROOT}:/bin/sh\n",
        "/etc/group": f"root:x:0:\nalgo:x:{gid}:\n",
        "/etc/hosts": f"127.0.0.1 localhost{own}\n::1 localhost\n{hosts}",
        "/etc/resolv.conf": "",
        "/etc/hostname": f"{spec.hostname}\n",
    }


def _open(source: Path) -> int:
    follow = 0 if source.is_symlink() and str(source) in SYSTEM else 1
    try:
        return os.open(source, os.O_PATH | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW))
    except OSError as e:
        raise SandboxError(f"{source} cannot be shown in the sandbox: {e.strerror}.") from e


def _show(opened: int, target: str, flags: int, uid: int) -> None:
    """Bind; of a folder that the sandbox's own user could not enter, such as root's with mode 0700, all in it."""
    status = os.fstat(opened)
    is_open = stat.S_IROTH | stat.S_IXOTH
    if uid in (os.geteuid(), status.st_uid) or not stat.S_ISDIR(status.st_mode) or status.st_mode & is_open == is_open:
        _bind(opened, target, flags)
        return
    _refuse_links(Path(target))
    Path(target).mkdir(parents=True, exist_ok=True)
    for path in Path(f"/proc/self/fd/{opened}").iterdir():
        entry = os.open(path, os.O_PATH | os.O_CLOEXEC | os.O_NOFOLLOW)
        _bind(entry, f"{target}/{path.name}", flags)
        os.close(entry)


def _bind(opened: int, target: str, flags: int) -> None:
    mode = os.fstat(opened).st_mode
    path = Path(target)
    if stat.S_ISLNK(mode):  # /bin, where it leads to /usr/bin
        path.symlink_to(os.readlink("", dir_fd=opened))
        return
    _refuse_links(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if stat.S_ISDIR(mode):
        path.mkdir(exist_ok=True)
    elif not path.exists():
        path.touch()
    linux.mount(f"/proc/self/fd/{opened}", target, None, MS_BIND | MS_REC)
    linux.restrict_mount(target, flags)


def _refuse_links(path: Path) -> None:
    """Raise SandboxError if a link is on the way: it would lead out of the new root, which is not yet the root."""
    for part in (path, *path.parents):
        if part.is_symlink():
            raise SandboxError(f"{str(part).removeprefix(NEW)} is a link, and nothing can be shown there. Remove it.")
