/** Streams as far as engines use them. */
export class FakeStream {
  static #count = 0;
  readonly #tracks: MediaStreamTrack[] = [];

  readonly id = `stream ${(FakeStream.#count += 1)}`;

  constructor(tracks: readonly MediaStreamTrack[] = []) {
    this.#tracks.push(...tracks);
  }

  getTracks(): MediaStreamTrack[] {
    return [...this.#tracks];
  }

  getVideoTracks(): MediaStreamTrack[] {
    return this.#tracks.filter(({ kind }) => kind === 'video');
  }

  addTrack(track: MediaStreamTrack): void {
    if (!this.#tracks.includes(track)) this.#tracks.push(track);
  }

  removeTrack(track: MediaStreamTrack): void {
    const index = this.#tracks.indexOf(track);
    if (index >= 0) this.#tracks.splice(index, 1);
  }
}
