"""What a process costs, for the measuring scripts beside this one."""

import json
import subprocess
import sys

# Runs the program of its arguments and prints the seconds and the most KiB that it took. A process of its
# own, since a program's peak is at least that of the process which started it.
PROGRAM = """
import json, os, sys, time
nowhere = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
begin = time.perf_counter()
process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[nowhere])
status, usage = os.wait4(process, 0)[1:]
print(json.dumps([time.perf_counter() - begin, usage.ru_maxrss]))
sys.exit(os.waitstatus_to_exitcode(status))
"""


def process_cost(command, path):
    """Seconds and MiB that `command` takes for the file `path` on its standard input."""
    with open(path, "rb") as text:
        result = subprocess.run([sys.executable, "-S", "-c", PROGRAM, *command], stdin=text,
                                capture_output=True, check=True)
    seconds, kibibytes = json.loads(result.stdout)
    return seconds, kibibytes / 1024
