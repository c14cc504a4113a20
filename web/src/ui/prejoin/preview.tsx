import { useDelayed } from '../hooks/use_browser';
import { useCapture, usePicture } from '../hooks/use_services';
import { useAppSelector } from '../hooks/use_store';
import { LOCAL } from '../../session/streams';
import { CameraToggle, MicrophoneToggle } from '../devices/media_toggle';
import { Avatar } from '../parts/avatar';
import { Video } from '../parts/video';
import { t } from '../strings';

interface PreviewProps {
  readonly name: string;
}

/** What the others will see: mirrored, as people know themselves, with both switches on it. */
export function Preview({ name }: PreviewProps) {
  const picture = usePicture(LOCAL, 'camera');
  const { camera, microphone } = useCapture();
  const videoEnabled = useAppSelector((state) => state.rtcConnection.videoEnabled);
  const userId = useAppSelector((state) => state.auth.user?.id ?? '');
  const shown = videoEnabled && camera.status === 'live' && picture !== null;
  const asking = useDelayed(camera.status === 'asking' || microphone.status === 'asking', 400);
  return (
    <div className="preview">
      <Video stream={picture} mirrored className={shown ? '' : 'hidden-picture'} />
      {!shown && (
        <div className="preview-off" role="status">
          {asking ? (
            <>
              <p className="preview-title">{t.prejoin.asking}</p>
              <p>{t.prejoin.askingAdvice}</p>
            </>
          ) : (
            <>
              <Avatar name={name} id={userId || name} />
              <p>{t.prejoin.cameraOff}</p>
            </>
          )}
        </div>
      )}
      <div className="preview-controls">
        <MicrophoneToggle />
        <CameraToggle />
      </div>
    </div>
  );
}
