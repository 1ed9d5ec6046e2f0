"""Says what is going on: one moving line on a terminal, some plain ones elsewhere."""

import re
import sys
import time

MODULE = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")
PLAIN_EVERY = 15  # seconds


def say(text: str) -> None:
    print(f"ground: {text}", file=sys.stderr, flush=True)


class Progress:
    """Progress of one long step, told by the lines of Odoo's log; use as a context manager."""

    def __init__(self, title: str):
        self.title = title
        self.tty = sys.stderr.isatty()
        self.detail = ""

    def __enter__(self):
        self.began = self.told = time.monotonic()
        if not self.tty:
            say(f"{self.title} ...")
        self._show()
        return self

    def __exit__(self, kind, *_):
        if self.tty:
            print("\r\033[K", end="", file=sys.stderr)
        say(f"{self.title}: {'failed after' if kind else 'done in'} {self.seconds:.0f} s")

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def feed(self, line: str) -> None:
        """Takes note of one line of Odoo's log."""
        if found := MODULE.search(line):
            module, number, total = found.groups()
            self.detail = f"{module} ({number}/{total})"
            self._show()

    def _show(self) -> None:
        if self.tty:
            text = f"ground: {self.title} ... {self.seconds:.0f} s {self.detail}"
            print(f"\r\033[K{text[:110]}", end="", file=sys.stderr, flush=True)
        elif self.detail and time.monotonic() - self.told > PLAIN_EVERY:
            self.told = time.monotonic()
            say(f"  {self.seconds:.0f} s, module {self.detail}")
