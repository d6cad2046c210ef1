"""Become another program, one that ends when its parent does.

Run as a script, before the program's own privileges are dropped, because the account it will have may not be able to
read the interpreter:  python -IS launch.py SIGNAL PARENT ACCOUNT PROGRAM [ARGUMENT …]
"""

from __future__ import annotations

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(signal: int, parent: int) -> None:
    """Ask the kernel for `signal` when `parent` dies, however it dies. Linux only; elsewhere it does nothing."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal)


def become(name: str) -> None:
    account = pwd.getpwnam(name)
    os.initgroups(account.pw_name, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


if __name__ == "__main__":
    signal, parent, account, *command = sys.argv[1:]
    if account:
        become(account)
    end_with_parent(int(signal), int(parent))  # last: a change of account clears it
    os.execv(command[0], command)  # noqa: S606 - there is no shell to avoid
