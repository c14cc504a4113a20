/** Somebody in a model room, in one life: a hub, and what it has heard and owes. */

import { DataHub } from '../data_hub';

export interface Said {
  readonly number: number;
  readonly from: string;
  readonly life: number;
  readonly direct: boolean;
}

export class Person {
  readonly heard: Said[] = [];
  readonly lossy: Said[] = [];
  /** Numbers owed by this person's hub to each other, as that one's life was known. */
  readonly owed: { readonly to: string; readonly life: number; readonly said: Said }[] = [];
  readonly reached: string[] = [];
  losses = 0;
  readonly knownLives = new Map<string, number>();
  members: string[] = [];
  toldAt = 0;
  readonly fullUntil = { mesh: 0, sfu: 0 };
  readonly id: string;
  readonly life: number;
  readonly hub: DataHub;

  constructor(id: string, life: number, firstNumber: number) {
    this.id = id;
    this.life = life;
    this.hub = new DataHub({ memberId: id, instance: id, now: () => Date.now(), firstNumber });
    for (const topic of ['reliable', 'lossy'] as const) {
      this.hub.subscribe(topic, ({ from, payload, direct }) => {
        const said = { ...(payload as object), from, direct } as Said;
        (topic === 'lossy' ? this.lossy : this.heard).push(said);
      });
    }
    this.hub.onLoss(({ count }) => (this.losses += count));
  }
}
