/** A picture that no encoder can make small: what is sent is what the network carries. */

const WIDTH = 640;
const HEIGHT = 360;
const FRAMES_PER_SECOND = 15;

export interface Noise {
  readonly track: MediaStreamTrack;
  readonly stop: () => void;
}

export function createNoise(): Noise {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext('2d');
  const [track] = canvas.captureStream(FRAMES_PER_SECOND).getVideoTracks();
  if (!context || !track) throw new Error('this browser cannot record a canvas');
  const image = context.createImageData(WIDTH, HEIGHT);
  const pixels = new Uint32Array(image.data.buffer);
  // Opaque: 0xff000000 in the byte order of all browsers.
  const draw = () => {
    for (let at = 0; at < pixels.length; at += 1) {
      pixels[at] = 0xff000000 | (Math.random() * 0xffffff);
    }
    context.putImageData(image, 0, 0);
  };
  draw();
  const timer = setInterval(draw, 1000 / FRAMES_PER_SECOND);
  return {
    track,
    stop: () => {
      clearInterval(timer);
      track.stop();
    },
  };
}
