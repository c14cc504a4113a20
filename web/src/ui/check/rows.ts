/** The lines of a connection check: what each step has found, in words. Pure. */

import type { DeviceKind } from '../../media/outcome';
import type { PathFact, RateFact, Report, Step } from '../../check/report';
import {
  gradeDevice,
  gradePath,
  gradeRate,
  gradeRelays,
  gradeServer,
  type Grade,
} from '../../check/verdict';
import { t } from '../strings';

export interface Row {
  readonly id: string;
  readonly label: string;
  readonly status: 'waiting' | 'running' | Grade;
  /** What was found; empty before. */
  readonly words: string;
}

export function rowsOf(report: Report): Row[] {
  return [
    row('server', report.server, (fact) => ({
      status: gradeServer(fact),
      words: fact.isReached
        ? joined(t.check.reached, roundTripWords(fact.roundTrip))
        : t.check.notReached,
    })),
    deviceRow('microphone', report),
    deviceRow('camera', report),
    pathRow('udp', report.udp),
    pathRow('tcp', report.tcp),
    ...relayRows(report.relays),
    rateRow('upload', report.upload),
    rateRow('download', report.download),
  ];
}

type Found = Pick<Row, 'status' | 'words'>;
type StepId = keyof typeof t.check.steps;

function row<Fact>(id: StepId, step: Step<Fact>, found: (fact: Fact) => Found): Row {
  const label = t.check.steps[id];
  if (step.status === 'done') return { id, label, ...found(step.fact) };
  return { id, label, status: step.status, words: '' };
}

function deviceRow(kind: DeviceKind, { devices }: Report): Row {
  return row(kind, devices, (facts) => {
    const { problem } = facts[kind];
    const words = problem === null ? t.check.works : t.prejoin.problems[kind][problem].title;
    return { status: gradeDevice(facts[kind]), words };
  });
}

function pathRow(id: 'udp' | 'tcp', step: Step<PathFact>): Row {
  return row(id, step, (fact) => ({
    status: gradePath(fact),
    words:
      fact.outcome === 'works'
        ? joined(t.check.openedIn(fact.milliseconds), roundTripWords(fact.roundTrip))
        : t.check.paths[fact.outcome],
  }));
}

function relayRows(step: Report['relays']): Row[] {
  if (step.status !== 'done' || !step.fact.length) {
    return [row('relay', step, () => ({ status: 'unknown', words: t.check.noRelay }))];
  }
  return step.fact.map((fact, index) => ({
    id: `relay-${index}`,
    label: t.check.protocols[fact.protocol],
    status: gradeRelays([fact]),
    words: t.check.relays[fact.outcome],
  }));
}

function rateRow(id: 'upload' | 'download', step: Step<RateFact>): Row {
  return row(id, step, (fact) => ({
    status: gradeRate(fact),
    words:
      fact.bitsPerSecond === null
        ? t.check.notMeasured
        : joined(
            t.check.atLeast((fact.bitsPerSecond / 1e6).toFixed(1)),
            fact.loss >= 0.005 ? t.check.loss((fact.loss * 100).toFixed(0)) : '',
          ),
  }));
}

function roundTripWords(milliseconds: number | null): string {
  return milliseconds === null ? '' : t.check.roundTrip(milliseconds);
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part).join(' · ');
}
