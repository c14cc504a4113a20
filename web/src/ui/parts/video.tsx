import { useEffect, useRef } from 'react';

interface VideoProps {
  readonly stream: MediaStream | null;
  readonly mirrored?: boolean;
  readonly className?: string;
  readonly onPlaying?: () => void;
}

/**
 * A picture without sound: voices are played elsewhere, once per person. While there is no
 * stream the last frame stays.
 */
export function Video({ stream, mirrored = false, className = '', onPlaying }: VideoProps) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = ref.current;
    if (!video || !stream || video.srcObject === stream) return;
    video.srcObject = stream;
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
