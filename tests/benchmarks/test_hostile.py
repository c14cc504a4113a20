from benchmarks.load.hostile import count_exceptions


def test_what_counts_as_an_exception() -> None:
    log = (
        "Crossover is ready: open http://127.0.0.1:1\n"
        "2026-01-02 03:04:05,678 WARNING signaling: refused\n"
        "2026-01-02 03:04:05,678 ERROR aiohttp.server: Error handling request\n"
        "Traceback (most recent call last):\n"
        "  File ...\n"
        "ValueError: no\n"
    )
    assert count_exceptions(log) == 2
    assert count_exceptions("") == 0
