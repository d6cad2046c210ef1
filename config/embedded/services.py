"""Both services of one `var`, prepared, started and stopped together."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from config.embedded import postgres, redis
from config.embedded.account import Account, account_for, give
from config.embedded.places import SYSTEM_FOLDER, Places, places_of
from config.program import Process, Program, StartFailed


@dataclass
class Services:
    """`durable=False` trades a power cut's safety for speed: for tests."""

    var: Path
    durable: bool = True
    running: list[Process] = field(default_factory=list)

    @property
    def places(self) -> Places:
        return places_of(self.var)

    def database(self) -> Program:
        """PostgreSQL, for a supervisor to start; its folders and an empty database are made now."""
        where, account = self._claimed()
        program = postgres.program(where, account, durable=self.durable)
        program.before()
        postgres.initialise(where, account, durable=self.durable)
        return program

    def redis(self) -> Program:
        """Redis, for a supervisor to start; its folders are made now."""
        where, _ = self._claimed()
        give(where.redis, None)
        return redis.program(where)

    def start(self) -> None:
        """Start both and wait until they answer; what they say goes to files in `var/log`."""
        log = give(self.places.var / "log", None)
        try:
            for program in (self.database(), self.redis()):
                with (log / f"{program.name}.log").open("ab") as output:
                    process = program.start(output)
                self.running.append(process)
                process.wait_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        while self.running:
            self.running.pop().stop()

    def healthy(self) -> bool:
        return postgres.answers(self.places) and redis.answers(self.places)

    def erase(self) -> None:
        """Stop both and remove everything they ever wrote."""
        self.stop()
        where = self.places
        for folder in (where.sockets, where.postgres, where.home, where.var):
            shutil.rmtree(folder, ignore_errors=True)

    def _claimed(self) -> tuple[Places, Account | None]:
        where = self.places
        account = account_for(where.var)
        _claim(where, account)
        give(where.sockets, account)
        return where, account

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _claim(where: Places, account: Account | None) -> None:
    """Make `var` and `home`, and see that no copy of this `var` shares the home with it."""
    if where.home == where.var:
        give(where.var, account)
        return
    give(where.var, None)
    owner = where.home / "var"
    if owner.is_symlink() and owner.readlink() != where.var and (owner / "postgres").resolve() == where.postgres:
        raise StartFailed(
            f"{where.var} is a copy of {owner.readlink()}, and both would use the database in {where.home}. "
            f"Remove {where.var} to start this one with a database of its own."
        )
    give(SYSTEM_FOLDER, None, 0o755)
    give(where.home, None, 0o755)
    owner.unlink(missing_ok=True)
    owner.symlink_to(where.var)
