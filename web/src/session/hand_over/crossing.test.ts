import { describe, expect, it } from 'vitest';

import { AFTERGLOW_MS, awaitsTime, LINGER_MS, MARGIN_MS, PATIENCE_MS } from './crossing';
import { course, health, inMesh, Machine, onSfu, prepare, switched } from './testing/machine';

describe('entering', () => {
  it.each(['mesh', 'sfu'] as const)('a %s opens the one engine, and tells nobody', (mode) => {
    const machine = new Machine().take(course(mode, 4));
    expect(machine.done()).toEqual([`prefer ${mode}`, `open ${mode} live`, `aim ${mode}`]);
    machine.take(switched(true), health(mode, 'ready'), health(mode, 'failed')).pass(20_000);
    expect(machine.done()).toEqual([]);
    expect(awaitsTime(machine.state)).toBe(false);
  });

  it('answers once whoever waits for those who have entered already', () => {
    const machine = new Machine().take(course('sfu', 4), prepare('sfu', 4));
    expect(machine.phase).toBe('settled');
    expect(machine.done()).toEqual(['prefer sfu', 'open sfu live', 'aim sfu']);
    machine.take(switched(true), health('sfu', 'ready'));
    expect(machine.done()).toEqual(['tell hand-over-ready 4']);
    machine.take(course('sfu', 4), prepare('sfu', 4)).pass(20_000);
    expect(machine.done()).toEqual([]);
    expect(awaitsTime(machine.state)).toBe(false);
  });

  it('says that the SFU is out of reach, and when it can be reached after all', () => {
    const machine = new Machine().take(course('sfu', 4), switched(true));
    machine.done();
    expect(machine.take(health('sfu', 'failed')).done()).toEqual(['tell sfu unreachable']);
    expect(machine.take(health('sfu', 'ready')).done()).toEqual(['tell sfu reached']);
    expect(machine.take(health('sfu', 'failed'), health('sfu', 'ready')).done()).toEqual([]);
  });
});

describe('a hand-over', () => {
  it('makes before it breaks, and breaks only when told', () => {
    const machine = inMesh().take(prepare('sfu', 2));
    expect(machine.done()).toEqual(['open sfu live', 'aim sfu']);
    expect(machine.take(health('sfu', 'ready')).done()).toEqual([]);
    expect(machine.take(switched(true)).done()).toEqual(['tell hand-over-ready 2']);
    expect(machine.pass(60_000).done()).toEqual([]);
    expect(machine.take(course('sfu', 2)).done()).toEqual(['prefer sfu']);
    expect(machine.phase).toBe('lingering');
    expect(machine.pass(AFTERGLOW_MS - 1).done()).toEqual([]);
    expect(machine.pass(1).done()).toEqual(['over mesh to sfu 2 in 0', 'close mesh']);
    expect(machine.phase).toBe('settled');
  });

  it('is ready without those who never show, after a while', () => {
    const machine = inMesh().take(prepare('sfu', 2), health('sfu', 'ready'));
    machine.done();
    expect(machine.pass(PATIENCE_MS - 1).told()).toEqual([]);
    expect(machine.pass(1).told()).toEqual(['tell hand-over-ready 2']);
  });

  it('lets the old way linger for those who are slow, and no longer', () => {
    const machine = inMesh().take(prepare('sfu', 2), health('sfu', 'ready')).pass(3_000);
    machine.take(course('sfu', 2)).done();
    expect(machine.pass(LINGER_MS - 1).done()).toEqual([]);
    expect(machine.pass(1).done()).toEqual(['over mesh to sfu 2 in 9000', 'close mesh']);
  });

  it('counts the last who changed over after the decision', () => {
    const machine = inMesh().take(prepare('sfu', 2), health('sfu', 'ready')).pass(3_000);
    machine.take(course('sfu', 2)).pass(1_000).take(switched(true)).done();
    expect(machine.pass(AFTERGLOW_MS - 1).done()).toEqual([]);
    expect(machine.pass(1).done()).toEqual(['over mesh to sfu 2 in 4000', 'close mesh']);
  });

  it.each(['failed', 'opening'] as const)('is failed with an engine that is %s', (is) => {
    const machine = inMesh().take(prepare('sfu', 2), health('sfu', is), switched(true));
    if (is === 'opening') {
      expect(machine.pass(5_000 - MARGIN_MS - 1).told()).toEqual([]);
      machine.pass(1);
    }
    expect(machine.told()).toEqual(['tell hand-over-failed 2']);
    expect(machine.take(health('sfu', 'ready')).told()).toEqual(['tell sfu reached']);
  });

  it('goes on with an engine that is slow, once the time is up', () => {
    const machine = inMesh().take(prepare('sfu', 2), health('sfu', 'slow'), switched(true));
    expect(machine.pass(5_000 - MARGIN_MS - 1).told()).toEqual([]);
    expect(machine.pass(1).told()).toEqual(['tell hand-over-ready 2']);
  });

  it('may be answered when it is decided already', () => {
    const machine = inMesh().take(prepare('sfu', 2), course('sfu', 2));
    machine.done();
    machine.take(switched(true), health('sfu', 'ready'));
    expect(machine.told()).toEqual(['tell hand-over-ready 2']);
  });

  it('that is called off lets nobody go who is shown by the new way only, and is none', () => {
    const machine = inMesh().take(prepare('sfu', 2), health('sfu', 'ready'), switched(false));
    machine.done();
    expect(machine.take(course('mesh', 3)).done()).toEqual(['aim mesh']);
    expect(machine.phase).toBe('lingering');
    expect(
      machine
        .pass(2_000)
        .take(switched(true))
        .pass(AFTERGLOW_MS - 1)
        .done(),
    ).toEqual([]);
    expect(machine.pass(1).done()).toEqual(['close sfu']);
    expect([machine.phase, awaitsTime(machine.state)]).toEqual(['settled', false]);
  });

  it('that is called off is over some time, whoever is not shown again', () => {
    const machine = inMesh().take(prepare('sfu', 2), course('mesh', 3));
    machine.done();
    expect(machine.pass(LINGER_MS - 1).done()).toEqual([]);
    expect(machine.pass(1).done()).toEqual(['close sfu']);
  });

  it('that is called off, and begins again: the server is the same, a mesh is made anew', () => {
    const machine = inMesh().take(prepare('sfu', 2), course('mesh', 3));
    machine.done();
    expect(machine.take(prepare('sfu', 4)).done()).toEqual(['aim sfu']);
    const other = onSfu().take(prepare('mesh', 2), course('sfu', 3));
    other.done();
    expect(other.take(prepare('mesh', 4)).done()).toEqual([
      'close mesh',
      'open mesh live',
      'aim mesh',
    ]);
  });

  it('goes from the SFU to a mesh the same way', () => {
    const machine = onSfu().take(prepare('mesh', 2));
    expect(machine.done()).toEqual(['open mesh live', 'aim mesh']);
    machine.take(health('mesh', 'ready'), switched(true), course('mesh', 2));
    expect(machine.pass(500).done()).toEqual([
      'tell hand-over-ready 2',
      'prefer mesh',
      'over sfu to mesh 2 in 0',
      'close sfu',
    ]);
  });
});

describe('a mesh that may outgrow itself', () => {
  it('reaches for the SFU, and tells whether it does', () => {
    const machine = inMesh().take(course('mesh', 1, { prewarm: true }));
    expect(machine.done()).toEqual(['open sfu idle']);
    expect(machine.take(health('sfu', 'ready')).done()).toEqual(['tell sfu reached']);
    expect(machine.take(health('sfu', 'opening')).done()).toEqual([]);
    expect(machine.take(health('sfu', 'failed')).done()).toEqual(['tell sfu unreachable']);
    expect(machine.take(course('mesh', 1)).done()).toEqual(['close sfu']);
  });

  it('hands over to the engine it has', () => {
    const machine = inMesh({ prewarm: true }).take(health('sfu', 'ready'));
    machine.done();
    expect(machine.take(prepare('sfu', 2)).done()).toEqual(['set-live sfu live', 'aim sfu']);
    expect(machine.take(switched(true)).done()).toEqual(['tell hand-over-ready 2']);
    expect(machine.take(course('sfu', 2)).pass(500).done()).toEqual([
      'prefer sfu',
      'over mesh to sfu 2 in 0',
      'close mesh',
    ]);
  });

  it('keeps it when the hand-over is called off, or the room shrinks', () => {
    const machine = inMesh({ prewarm: true }).take(prepare('sfu', 2));
    machine.done();
    machine.take(course('mesh', 3, { prewarm: true }), switched(true));
    expect(machine.done()).toEqual(['aim mesh']);
    expect(machine.pass(AFTERGLOW_MS).done()).toEqual(['set-live sfu idle']);
    const smaller = onSfu().take(prepare('mesh', 2), course('mesh', 2, { prewarm: true }));
    smaller.done();
    smaller.take(switched(true));
    expect(smaller.pass(500).done()).toEqual(['over sfu to mesh 2 in 0', 'set-live sfu idle']);
  });
});

describe('the SFU is lost', () => {
  it('a mesh is made at once, beside the last pictures', () => {
    const machine = onSfu().take(course('mesh', 2));
    expect(machine.done()).toEqual(['prefer mesh', 'open mesh live', 'aim mesh']);
    machine.take(health('sfu', 'failed')).pass(900).take(health('mesh', 'ready'), switched(true));
    expect(machine.pass(500).done()).toEqual(['over sfu to mesh 2 in 900', 'close sfu']);
  });

  it('right after it was gone over to: no link of before is taken up by some only', () => {
    const machine = inMesh().take(prepare('sfu', 2), course('sfu', 2));
    machine.done();
    machine.take(course('mesh', 3));
    expect(machine.done()).toEqual([
      'over mesh to sfu 2 in 0',
      'close mesh',
      'prefer mesh',
      'open mesh live',
      'aim mesh',
    ]);
    expect(machine.phase).toBe('lingering');
  });

  it('and is wanted again while its last pictures are shown: the engine goes on', () => {
    const machine = onSfu().take(course('mesh', 2));
    machine.done();
    machine.take(prepare('sfu', 3));
    expect(machine.done()).toEqual(['over sfu to mesh 2 in 0', 'aim sfu']);
    expect(machine.phase).toBe('preparing');
  });
});

describe('messages that come twice, late or in disorder', () => {
  it.each([
    ['a decision again', [course('sfu', 2), course('sfu', 2)]],
    ['a preparation again', [prepare('sfu', 2), course('sfu', 2), prepare('sfu', 2)]],
    ['a preparation after its decision', [course('sfu', 2), prepare('sfu', 2)]],
    ['an older decision', [course('sfu', 2), course('mesh', 1)]],
    ['an older preparation', [course('sfu', 4), prepare('mesh', 3)]],
    ['two preparations', [prepare('sfu', 2), prepare('sfu', 4), course('sfu', 4)]],
    [
      'an older preparation than the one under way',
      [prepare('sfu', 4), prepare('sfu', 2), course('sfu', 4)],
    ],
  ])('%s', (_name, events) => {
    const machine = inMesh().take(...events, health('sfu', 'ready'), switched(true));
    expect(machine.state.course?.mode).toBe('sfu');
    expect(machine.pass(LINGER_MS).phase).toBe('settled');
    expect(machine.state.engines).toMatchObject({ mesh: null, sfu: { isLive: true } });
    expect(machine.done().filter((word) => word.startsWith('open'))).toHaveLength(1);
  });

  it('an answered preparation again', () => {
    const machine = inMesh().take(prepare('sfu', 2), health('sfu', 'ready'), switched(true));
    expect(machine.told()).toEqual(['tell hand-over-ready 2']);
    expect(machine.take(prepare('sfu', 2)).pass(5_000).done()).toEqual([]);
  });

  it('a decision that is overtaken by the next preparation', () => {
    const machine = inMesh().take(prepare('sfu', 2), prepare('mesh', 3), course('sfu', 2));
    expect(machine.phase).toBe('preparing');
    machine.take(course('mesh', 3), switched(true)).pass(LINGER_MS);
    expect(machine.phase).toBe('settled');
    expect(machine.state.engines).toMatchObject({ mesh: { isLive: true }, sfu: null });
  });

  it('news of a decision that is in force change nothing else', () => {
    const machine = inMesh().take(prepare('sfu', 2));
    machine.done();
    machine.take(course('mesh', 1, { core: ['a'] }));
    expect(machine.phase).toBe('preparing');
    expect(machine.state.course?.core).toEqual(['a']);
    expect(machine.done()).toEqual([]);
  });
});
