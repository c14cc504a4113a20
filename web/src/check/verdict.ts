/** What the facts of a connection check mean for somebody who wants to call. Pure. */

import type { DeviceFact, PathFact, RateFact, RelayFact, Report, ServerFact, Step } from './report';

/** `unknown`: could not be tried; neither good nor bad. */
export type Grade = 'good' | 'weak' | 'bad' | 'unknown';

/** Bits per second: a picture of middle size and a voice, and a small picture and a voice. */
export const COMFORTABLE = 1_500_000;
export const SUFFICIENT = 400_000;
/** Share of lost packets from which on pictures suffer, and from which on voices do. */
const NOTICEABLE_LOSS = 0.02;
const HEAVY_LOSS = 0.1;
/** Milliseconds there and back at which people begin to talk over each other. */
const SLOW_ROUND_TRIP = 400;

export function gradeServer({ isReached, roundTrip }: ServerFact): Grade {
  if (!isReached) return 'bad';
  return (roundTrip ?? 0) > SLOW_ROUND_TRIP ? 'weak' : 'good';
}

/** A call can do without either device: others are seen and heard all the same. */
export function gradeDevice({ problem }: DeviceFact): Grade {
  return problem === null ? 'good' : 'weak';
}

export function gradePath(fact: PathFact): Grade {
  if (fact.outcome === 'works') {
    return (fact.roundTrip ?? 0) > SLOW_ROUND_TRIP ? 'weak' : 'good';
  }
  return fact.outcome === 'blocked' ? 'bad' : 'unknown';
}

export function gradeRelays(facts: readonly RelayFact[]): Grade {
  if (!facts.length) return 'unknown';
  const working = facts.filter(({ outcome }) => outcome === 'works').length;
  if (working === facts.length) return 'good';
  return working ? 'weak' : 'bad';
}

export function gradeRate({ bitsPerSecond, loss }: RateFact): Grade {
  if (bitsPerSecond === null) return 'unknown';
  if (bitsPerSecond < SUFFICIENT || loss > HEAVY_LOSS) return 'bad';
  return bitsPerSecond < COMFORTABLE || loss > NOTICEABLE_LOSS ? 'weak' : 'good';
}

/**
 * The one sentence at the top, the first that applies:
 *
 * - `no-server`: nothing works before the server is reached
 * - `blocked`: no way for media is open
 * - `relay-only`, `tcp-only`: media gets through, by a detour
 * - `no-rate`, `little-rate`: it gets through, but not enough of it
 * - `devices`: others cannot see or hear us
 * - `untested`: nothing stands in the way as far as could be tried: no media server is reachable here
 * - `good`
 */
export type Verdict =
  | 'no-server'
  | 'blocked'
  | 'relay-only'
  | 'tcp-only'
  | 'no-rate'
  | 'little-rate'
  | 'devices'
  | 'untested'
  | 'good';

/** What to say of a check that is over; null while it runs, or before. */
export function verdictOf(report: Report): Verdict | null {
  const server = factOf(report.server);
  if (report.isRunning || !server) return null;
  if (!server.isReached) return 'no-server';
  return (
    waysVerdict(report) ?? rateVerdict(report) ?? devicesVerdict(report) ?? openVerdict(report)
  );
}

function waysVerdict({ udp, tcp, relays }: Report): Verdict | null {
  const outcomes = [factOf(udp)?.outcome, factOf(tcp)?.outcome];
  if (outcomes[0] === 'works') return null;
  if (outcomes[1] === 'works') return 'tcp-only';
  if (!outcomes.includes('blocked')) return null;
  const isRelayed = (factOf(relays) ?? []).some(({ outcome }) => outcome === 'works');
  return isRelayed ? 'relay-only' : 'blocked';
}

function rateVerdict({ upload, download }: Report): Verdict | null {
  const grades = [upload, download].map((step) => {
    const fact = factOf(step);
    return fact ? gradeRate(fact) : 'unknown';
  });
  if (grades.includes('bad')) return 'no-rate';
  return grades.includes('weak') ? 'little-rate' : null;
}

function devicesVerdict({ devices }: Report): Verdict | null {
  const found = factOf(devices);
  const isMissing = found && Object.values(found).some(({ problem }) => problem !== null);
  return isMissing ? 'devices' : null;
}

function openVerdict({ udp }: Report): Verdict {
  return factOf(udp)?.outcome === 'works' ? 'good' : 'untested';
}

export function factOf<Fact>(step: Step<Fact>): Fact | null {
  return step.status === 'done' ? step.fact : null;
}
