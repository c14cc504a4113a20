"""How many people does one core of signaling serve, and what does a message cost?

The server has one core, the load another. Where a peer is compared with, both servers run all the
time on the same core and are loaded in turn, by the same client with the same frames.
"""

import contextlib
import resource
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop

from benchmarks import metering, processes
from benchmarks.load import crowd, entrances, hostile, relay
from benchmarks.load.client import Client
from benchmarks.progress import Steps
from benchmarks.record import Bar, Figure, Findings, Record
from benchmarks.stats import median, percentile

PACE = 1000.0
"""Messages a second, over all sockets, of the paced loads."""

BATCH = 10
"""Messages in one write of the burst loads."""

SEED = 6455


@dataclass(frozen=True)
class Scale:
    """How much of everything.

    Attributes:
        idle: Connections that do nothing.
        room_size: People in the rooms that are joined.
        fan_outs: Joins whose announcement is timed, one after the other.
        joiners: Idle clients that enter rooms all at once.
        sockets: Senders and receivers of the relay, in rooms of ``relay_room``.
        burst: Messages per socket in batches, as fast as they are delivered.
        paced: Messages per socket at a steady pace.
        repetitions: Of each relay load on each server, interleaved.
        hostile: Frames thrown at the server while two members chat.
    """

    idle: int = 5000
    room_size: int = 8
    fan_outs: int = 500
    joiners: int = 2000
    sockets: int = 100
    relay_room: int = 10
    burst: int = 1000
    paced: int = 50
    repetitions: int = 3
    hostile: int = 10_000


FULL = Scale()
QUICK = Scale(fan_outs=200, burst=200, paced=20)


def answer(quick: bool, steps: Steps) -> Findings:
    """Measures at full or quick scale, beside the Node relay where npm can install it."""
    if not processes.has_ws_relay():
        processes.install_ws_relay()
    return measure(QUICK if quick else FULL, steps)


def measure(scale: Scale, steps: Steps) -> Findings:
    """Measures at any scale, beside the Node relay if it is installed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with processes.pinned_to(metering.cores()[1]):
            return uvloop.run(_measure(scale, steps))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def _measure(scale: Scale, steps: Steps) -> Findings:
    findings = Findings(parameters=asdict(scale), figures=[], samples={})
    findings.parameters |= {"pace": PACE, "batch": BATCH, "seed": SEED}
    with processes.crossover(metering.cores()[0]) as server:
        await _crowd(server, scale, findings, steps)
    await _relay(scale, findings, steps)
    with processes.crossover(metering.cores()[0]) as server:
        await _siege(server, scale, findings, steps)
    return findings


# ---- a crowd that does nothing, and joins among it -----------------------------------------


async def _crowd(server: processes.Server, scale: Scale, found: Findings, steps: Steps) -> None:
    growth = await _connect(server, scale, found, steps)
    steps.begin("asking each of them", 1)
    answering = await crowd.count_answering(growth.clients)
    memory = metering.memory(server.pid)
    per_connection = (memory.pss - growth.before.pss) / scale.idle
    steps.begin("joins, one by one", scale.fan_outs)
    fan_outs = await entrances.fan_out(server, scale.room_size, scale.fan_outs, steps)
    steps.begin("joins, all at once", scale.joiners - scale.joiners // scale.room_size)
    rate = await entrances.rate(server, growth.clients[: scale.joiners], scale.room_size, steps)
    for client in growth.clients:
        client.abort()
    found.samples["join_fan_out_ms"] = _rounded(fan_outs)
    found.figures += [
        _figure("idle connections served", answering, "", _exactly(scale.idle)),
        _figure("server memory per idle connection", per_connection, "KiB", _at_most(25)),
        _figure("connections opened per second", scale.idle / growth.seconds, ""),
        _figure("CPU per connection opened", growth.cpu.ran / scale.idle / 1000, "µs"),
        _figure("a join is known to its room, p50", percentile(fan_outs, 50), "ms"),
        _figure("a join is known to its room, p99", percentile(fan_outs, 99), "ms", _below(50)),
        _figure("joins per second", rate.joins / rate.seconds, ""),
        _figure("CPU per join", rate.cpu.ran / rate.joins / 1000, "µs"),
    ]


@dataclass(frozen=True)
class _Growth:
    """Connections, and what it took to get them."""

    clients: list[Client]
    before: metering.Memory
    seconds: float
    cpu: metering.CpuTime


async def _connect(
    server: processes.Server, scale: Scale, found: Findings, steps: Steps
) -> _Growth:
    """Opens the idle connections in ten parts, and weighs the server after each."""
    steps.begin("idle connections", scale.idle)
    clients: list[Client] = []
    before, cpu, seconds = metering.memory(server.pid), metering.cpu_time(server.pid), 0.0
    held, weight = [0.0], [float(before.pss)]
    for part in range(1, 11):
        missing = scale.idle * part // 10 - len(clients)
        started = time.perf_counter()
        clients += await crowd.connect(server.url, missing, steps.advance)
        seconds += time.perf_counter() - started
        held.append(len(clients))
        weight.append(metering.memory(server.pid).pss)
    found.samples |= {"idle_connections": held, "idle_pss_kib": weight}
    return _Growth(clients, before, seconds, metering.cpu_time(server.pid) - cpu)


# ---- relay, ours beside theirs -------------------------------------------------------------


async def _relay(scale: Scale, found: Findings, steps: Steps) -> None:
    with contextlib.ExitStack() as running:
        core = metering.cores()[0]
        servers = [running.enter_context(processes.crossover(core))]
        if processes.has_ws_relay():
            servers.append(running.enter_context(processes.ws_relay(core)))
            found.peer = servers[1].name
        else:
            found.notes.append("Without the Node relay: npm could not install its package.")
        arenas = [
            await relay.Arena.open(server, scale.sockets, scale.relay_room) for server in servers
        ]
        for kind in relay.Kind:
            for shape, load in _loads(kind, scale).items():
                steps.begin(f"{kind.value}, {shape}", scale.repetitions * len(arenas))
                runs: list[list[relay.Run]] = [[] for _ in arenas]
                for _ in range(scale.repetitions):
                    for arena, kept in zip(arenas, runs, strict=True):
                        kept.append(await arena.run(load))
                        steps.advance()
                _note_relay(f"{kind.value}, {shape}", runs, found, paced=load.per_second > 0)
        for arena in arenas:
            arena.close()


def _loads(kind: relay.Kind, scale: Scale) -> dict[str, relay.Load]:
    rooms = (kind, scale.sockets)
    return {
        "bursts": relay.Load(*rooms, scale.burst, scale.relay_room, batch=BATCH),
        "paced": relay.Load(*rooms, scale.paced, scale.relay_room, per_second=PACE),
    }


def _note_relay(name: str, runs: list[list[relay.Run]], found: Findings, paced: bool) -> None:
    """Figures and samples of one load; the first of ``runs`` is ours."""
    costs = [[run.cpu_us_per_delivery for run in kept] for kept in runs]
    for who, kept, cost in zip(("ours", "peer"), runs, costs, strict=False):
        found.samples[f"{name}, {who}: cpu_us"] = _rounded(cost)
        found.samples[f"{name}, {who}: per_second"] = _rounded(
            [run.delivered / run.seconds for run in kept]
        )
        found.samples[f"{name}, {who}: client_cpu_us"] = _rounded(
            [run.client_cpu_ns / run.delivered / 1000 for run in kept]
        )
        if paced:
            latencies = [value for run in kept for value in run.latencies]
            found.samples[f"{name}, {who}: latency_ms"] = _rounded(latencies)
    limit = Bar(kind="at most", limit=1.2, times_peer=True)
    found.figures.append(
        _beside(f"{name}: CPU per delivered message", [median(c) for c in costs], "µs", limit)
    )
    if paced:
        for percent in (50, 99):
            values = [
                percentile([v for run in kept for v in run.latencies], percent) for kept in runs
            ]
            found.figures.append(_beside(f"{name}: latency p{percent}", values, "ms"))
    else:
        rates = [median([run.delivered / run.seconds for run in kept]) for kept in runs]
        found.figures.append(_beside(f"{name}: delivered per second", rates, ""))
        found.notes.append(_disturbance(name, runs))


def _disturbance(name: str, runs: list[list[relay.Run]]) -> str:
    """Whether the load generator, or other programs on the core, were in the way."""
    every = [run for kept in runs for run in kept]
    share = max(run.client_cpu_ns / run.cpu.ran for run in every)
    waited = sum(run.cpu.waited for run in every) / sum(run.seconds for run in every) / 1e9
    return (
        f"During {name} the load generator used at most {share:.0%} of the CPU time that the "
        f"server it loaded did; other programs kept the servers from their core for {waited:.0%} "
        f"of the time."
    )


# ---- enemies ---------------------------------------------------------------------------------


async def _siege(server: processes.Server, scale: Scale, found: Findings, steps: Steps) -> None:
    steps.begin("hostile frames", scale.hostile)
    result = await hostile.siege(server, scale.hostile, SEED, steps)
    found.figures += [
        _figure(
            "hostile frames: exceptions in the server's log", result.exceptions, "", _exactly(0)
        ),
        _figure("hostile frames: lost chat messages", result.said - result.heard, "", _exactly(0)),
    ]
    found.notes.append(
        f"During the {result.frames:,} hostile frames one member said {result.said:,} things to "
        f"the other, and the server hung up on {result.dismissals:,} connections."
    )


# ---- figures ---------------------------------------------------------------------------------


def _figure(name: str, value: float, unit: str, bar: Bar | None = None) -> Figure:
    return Figure(name=name, value=value, unit=unit, bar=bar)


def _beside(name: str, values: list[float], unit: str, bar: Bar | None = None) -> Figure:
    peer = values[1] if len(values) > 1 else None
    return Figure(name=name, value=values[0], unit=unit, peer=peer, bar=bar)


def _at_most(limit: float) -> Bar:
    return Bar(kind="at most", limit=limit)


def _below(limit: float) -> Bar:
    return Bar(kind="below", limit=limit)


def _exactly(limit: float) -> Bar:
    return Bar(kind="exactly", limit=limit)


def _rounded(samples: list[float]) -> list[float]:
    return [round(sample, 4) for sample in samples]


# ---- plots -----------------------------------------------------------------------------------


def draw(record: Record, folder: Path) -> None:
    """Memory as connections grow, joins, CPU per message, latencies."""
    from benchmarks import plots  # matplotlib takes a second to load, which a listing need not

    found, samples = record.findings, record.findings.samples
    drawn, (memory, fan_out, cost, latency) = plots.sheet("Signaling on one core", 4)
    memory.plot(
        samples["idle_connections"],
        [kib / 1024 for kib in samples["idle_pss_kib"]],
        marker=".",
        color=plots.OURS,
    )
    memory.set(title="Server memory", xlabel="idle connections", ylabel="MiB (PSS)", ylim=(0, None))
    plots.distribution(fan_out, samples["join_fan_out_ms"], "Crossover", plots.OURS)
    fan_out.set(title="Join until the room knows", xlabel="ms")
    loads = [name.partition(", ours: ")[0] for name in samples if name.endswith(", ours: cpu_us")]
    plots.pairs(
        cost,
        {
            load.replace(", ", "\n"): (
                samples[f"{load}, ours: cpu_us"],
                samples.get(f"{load}, peer: cpu_us", []),
            )
            for load in loads
        },
    )
    cost.set(title="Server CPU per delivered message", ylabel="µs")
    for who, label, colour in (
        ("ours", "Crossover", plots.OURS),
        ("peer", found.peer, plots.THEIRS),
    ):
        if found_latencies := samples.get(f"chat, paced, {who}: latency_ms"):
            plots.distribution(latency, found_latencies, label, colour)
    latency.set(title="Chat, paced: from write to arrival", xlabel="ms")
    latency.legend()
    plots.save(drawn, folder, record.question)
