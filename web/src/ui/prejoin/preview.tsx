import { selectGrants } from '../../store';
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
  const { publish } = useAppSelector(selectGrants);
  const shown = videoEnabled && camera.status === 'live' && picture !== null;
  const asking = useDelayed(camera.status === 'asking' || microphone.status === 'asking', 400);
  return (
    <div className="preview">
      <Video stream={picture} mirrored className={shown ? '' : 'hidden-picture'} />
      {!shown && (
        <div className="preview-off" role="status">
          <PreviewOff name={name} asking={asking} />
        </div>
      )}
      {publish && (
        <div className="preview-controls">
          <MicrophoneToggle />
          <CameraToggle />
        </div>
      )}
    </div>
  );
}

interface PreviewOffProps extends PreviewProps {
  readonly asking: boolean;
}

/** What stands where there is no picture. */
function PreviewOff({ name, asking }: PreviewOffProps) {
  const { publish } = useAppSelector(selectGrants);
  const userId = useAppSelector((state) => state.auth.user?.id ?? '');
  if (asking) {
    return (
      <>
        <p className="preview-title">{t.prejoin.asking}</p>
        <p>{t.prejoin.askingAdvice}</p>
      </>
    );
  }
  return (
    <>
      <Avatar name={name} id={userId || name} />
      {publish ? (
        <p>{t.prejoin.cameraOff}</p>
      ) : (
        <>
          <p className="preview-title" data-testid="listener">
            {t.prejoin.listener}
          </p>
          <p>{t.prejoin.listenerAdvice}</p>
        </>
      )}
    </>
  );
}
