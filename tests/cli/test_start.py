"""A start is quick: what only some commands need is loaded when they need it."""

import subprocess
import sys

# Pictures, workbooks, files from outside, encryption.
LATER = ("typst", "xlsxwriter", "python_calamine", "pyrage", "bot.sandbox", "bot.demo", "bot.roster.sheets")
PROCESSOR_SECONDS = 2.0
START = """
import sys, time
import bot.cli, bot.running
import json
print(json.dumps([time.process_time(), sorted(sys.modules)]))
"""


def test_a_start_loads_nothing_that_only_some_commands_need() -> None:
    told = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True, timeout=60)
    assert [name for name in LATER if f'"{name}"' in told.stdout] == []
    # Of the processor, so that a busy machine does not fail it.
    assert float(told.stdout[1:].split(",")[0]) < PROCESSOR_SECONDS
