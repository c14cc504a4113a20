import { useAppSelector } from '../hooks/use_store';
import { t } from '../strings';
import { copyLink } from './copy_link';
import { useSay } from './notices_context';

/** Copies the room's link and says whether it worked. */
export function useCopyLink(): () => void {
  const roomId = useAppSelector((state) => state.room.currentRoom?.id ?? '');
  const say = useSay();
  return () => {
    void copyLink(roomId).then((copied) => say(copied ? t.room.linkCopied : t.room.copyFailed));
  };
}
