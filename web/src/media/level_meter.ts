/** How loud a track of our own is, for the ring around our picture and the meter at the door. */

const INTERVAL_MS = 100;
/** Below this (dB full scale) is silence, at 0 dB the level is 1. */
const FLOOR_DB = -60;

/** An amplitude from 0 to 1 as ears hear it, again from 0 to 1. */
export function perceived(amplitude: number): number {
  if (!(amplitude > 0)) return 0;
  const decibels = 20 * Math.log10(amplitude);
  return Math.min(1, Math.max(0, 1 - decibels / FLOOR_DB));
}

export type AudioContextFactory = () => AudioContext;

/** Measures one track at a time; `report` gets a perceived level ten times a second. */
export class LevelMeter {
  readonly #createContext: AudioContextFactory;
  readonly #report: (level: number) => void;
  #context: AudioContext | null = null;
  #source: MediaStreamAudioSourceNode | null = null;
  #track: MediaStreamTrack | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(createContext: AudioContextFactory, report: (level: number) => void) {
    this.#createContext = createContext;
    this.#report = report;
  }

  measure(track: MediaStreamTrack | null): void {
    if (track === this.#track) return;
    this.#stop();
    this.#track = track;
    if (track) this.#start(track);
    else this.#report(0);
  }

  close(): void {
    this.#stop();
    this.#track = null;
    this.#context?.close().catch(() => undefined);
    this.#context = null;
  }

  #start(track: MediaStreamTrack): void {
    try {
      const context = (this.#context ??= this.#createContext());
      const analyser = context.createAnalyser();
      analyser.fftSize = 1024;
      this.#source = context.createMediaStreamSource(new MediaStream([track]));
      this.#source.connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      this.#timer = setInterval(() => {
        // A context made before the first click sleeps until it may run.
        if (context.state === 'suspended') context.resume().catch(() => undefined);
        analyser.getFloatTimeDomainData(samples);
        this.#report(perceived(rootMeanSquare(samples)));
      }, INTERVAL_MS);
    } catch {
      // No meter where there is no Web Audio.
    }
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#source?.disconnect();
    this.#source = null;
  }
}

export function rootMeanSquare(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, samples.length));
}
