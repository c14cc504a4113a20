import { useEffect, useRef, useState } from 'react';

interface VideoProps {
  readonly stream: MediaStream | null;
  readonly mirrored?: boolean;
  readonly className?: string;
  readonly onPlaying?: () => void;
}

/**
 * A picture without sound: voices are played elsewhere, once per person. While there is no
 * stream the last frame stays.
 *
 * Another stream is played behind the one that is seen, until it has a frame to show: an element
 * that is given another stream, or another track, takes some frames' time to show anything.
 */
export function Video({ stream, ...common }: VideoProps) {
  const [seen, setSeen] = useState(stream);
  if (stream && !seen) setSeen(stream);
  const next = stream && stream !== seen ? stream : null;
  return (
    <>
      {next && <Picture key={next.id} stream={next} onFrame={() => setSeen(next)} {...common} />}
      {seen && <Picture key={seen.id} stream={seen} {...common} />}
    </>
  );
}

interface PictureProps extends Omit<VideoProps, 'stream'> {
  readonly stream: MediaStream;
  /** It has a frame, or would never say so. */
  readonly onFrame?: () => void;
}

/** The last of those in one place is seen. */
function Picture({ stream, onFrame, mirrored = false, className = '', onPlaying }: PictureProps) {
  const ref = useRef<HTMLVideoElement>(null);
  const waiting = useRef(onFrame);
  useEffect(() => {
    waiting.current = onFrame;
  });
  useEffect(() => {
    const video = ref.current;
    if (!video) return undefined;
    video.srcObject = stream;
    if (!waiting.current) return undefined;
    const hasFrame = () => waiting.current?.();
    // Hidden pages present nothing, and nobody looks.
    if (!stream.getVideoTracks().length || document.hidden || !canTell(video)) {
      hasFrame();
      return undefined;
    }
    const handle = video.requestVideoFrameCallback(hasFrame);
    document.addEventListener('visibilitychange', hasFrame);
    return () => {
      video.cancelVideoFrameCallback(handle);
      document.removeEventListener('visibilitychange', hasFrame);
    };
  }, [stream]);
  return (
    <video
      ref={ref}
      className={`${className} ${mirrored ? 'mirrored' : ''}`}
      autoPlay
      playsInline
      muted
      disablePictureInPicture
      aria-hidden="true"
      onPlaying={onPlaying}
    />
  );
}

function canTell(video: HTMLVideoElement): boolean {
  return 'requestVideoFrameCallback' in video;
}
