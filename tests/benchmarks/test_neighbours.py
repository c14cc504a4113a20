import subprocess
import sys
import time

from benchmarks.neighbours import Neighbours


def test_what_we_do_ourselves_is_no_neighbour() -> None:
    watched = Neighbours()
    begun = time.thread_time()
    while time.thread_time() - begun < 0.3:
        pass
    assert 0 <= watched.share <= 1


def test_what_ended_meanwhile_is_one() -> None:
    watched = Neighbours()
    subprocess.run([sys.executable, "-c", "sum(range(10**7))"], check=True)
    assert watched.share > 0
