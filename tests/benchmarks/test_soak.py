import pytest

from benchmarks.soak import Sample, Soaked, quarters


def soaked(
    memory: list[int], delays: list[float], lost: int = 0, dropped: int = 0, faults: int = 0
) -> Soaked:
    samples = [
        Sample(at=5.0 * place, memory_kib=kib, p50_ms=delay, p99_ms=delay, share=0.5, packets=1)
        for place, (kib, delay) in enumerate(zip(memory, delays, strict=True))
    ]
    return Soaked(
        load="load",
        expected=1,
        lost=lost,
        faults=faults,
        exceptions=0,
        samples=samples,
        dropped=dropped,
    )


def test_quarters_leave_the_warm_up_out() -> None:
    assert quarters([100.0, 1, 1, 1, 5, 5, 5, 5, 9, 9]) == (1, 9)
    assert quarters([3.0]) == (3, 3)
    with pytest.raises(ValueError, match="nothing"):
        quarters([])


def test_steady_is_flat_memory_steady_delay_and_no_loss() -> None:
    flat, steady = [1000] * 20, [0.5] * 20
    assert soaked(flat, steady).steady
    assert not soaked(flat, steady, lost=1).steady
    assert not soaked([1000 + 10 * place for place in range(20)], steady).steady
    assert not soaked(flat, [0.5 + 0.2 * place for place in range(20)]).steady
    assert soaked(flat, [0.1] * 10 + [0.3] * 10).steady  # a difference that nobody notices


def test_a_busy_machine_may_delay_and_drop_but_not_make_memory_grow() -> None:
    flat, drifting = [1000] * 20, [0.5 + 0.2 * place for place in range(20)]
    busy = soaked(flat, drifting, lost=3, dropped=4)
    assert busy.sound
    assert not busy.steady
    assert not soaked(flat, drifting, lost=5, dropped=4).sound
    assert not soaked(flat, drifting, faults=1).sound
    assert not soaked([1000 + 10 * place for place in range(20)], drifting).sound
