import { MicOff, Move, RotateCw, WifiOff } from 'lucide-react';
import { useRef, useState, type CSSProperties } from 'react';

import {
  reconnectPeers,
  selectLocalParticipant,
  selectParticipant,
  selectPeerStats,
  selectPictureLimited,
  type ParticipantView,
} from '../../store';
import { useDelayed } from '../hooks/use_browser';
import { usePicture, useSpeaking } from '../hooks/use_services';
import { useViewReport } from '../hooks/use_view_report';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import type { Rect } from '../layout/grid';
import type { Place } from '../layout/stage';
import { Avatar } from '../parts/avatar';
import { Button, IconButton, Spinner } from '../parts/button';
import { Video } from '../parts/video';
import { t } from '../strings';
import { judge, type TileStatus } from './figures';
import { HandBadge } from './hand_badge';
import { PinButton } from './pin_button';
import { TileReactions } from './reactions';
import { SignalBadge } from './signal_badge';
import { tileStatus } from './tile_status';
import type { CornerDrag } from './use_corner_drag';
import { useRing } from './use_ring';

interface TileProps {
  readonly id: string;
  readonly isLocal: boolean;
  readonly place: Place;
  /** How one's own tile is moved between corners. */
  readonly drag: CornerDrag;
}

/** One person, for as long as the person is there. */
export function Tile({ id, isLocal, place, drag }: TileProps) {
  const participant = useAppSelector((state) =>
    isLocal ? selectLocalParticipant(state) : selectParticipant(state, id),
  );
  if (!participant) return null;
  return <TileOf participant={participant} place={place} drag={drag} />;
}

export function styleOf(place: Rect): CSSProperties {
  return {
    transform: `translate(${place.x}px, ${place.y}px)`,
    width: place.width,
    height: place.height,
  };
}

/** Whose connection keeps a picture from coming, as words; null: nothing does. */
function usePaused({ id, videoEnabled }: ParticipantView, status: TileStatus): string | null {
  const limit = useAppSelector((state) => selectPictureLimited(state, id, 'camera'));
  // A network that changes its mind says nothing.
  const lasting = useDelayed(limit?.paused === true && videoEnabled, 1000);
  if (!lasting || !limit || status !== 'connected') return null;
  return t.room.tile.paused[limit.by];
}

function tileLabel(
  participant: ParticipantView,
  status: TileStatus,
  paused: string | null,
): string {
  const { name, isLocal, audioEnabled, raisedAt } = participant;
  const words = t.room.tile;
  const parts = [isLocal ? words.selfLabel(name) : name];
  parts.push(audioEnabled ? words.microphoneOn : words.microphoneOff);
  if (raisedAt !== null) parts.push(t.room.hand.up);
  if (status !== 'connected') parts.push(words[status]);
  if (paused !== null) parts.push(paused);
  return words.label(parts);
}

interface TileOfProps extends Omit<TileProps, 'id' | 'isLocal'> {
  readonly participant: ParticipantView;
}

function TileOf({ participant, place, drag }: TileOfProps) {
  const { id, isLocal, streamId, audioEnabled } = participant;
  const root = useRef<HTMLDivElement>(null);
  const speaking = useSpeaking(streamId);
  useRing(root, streamId);
  useViewReport(root, streamId, isLocal ? null : 'camera', place);
  const status = tileStatus(participant);
  const paused = usePaused(participant, status);
  return (
    <div
      ref={root}
      className="tile"
      role="group"
      aria-label={tileLabel(participant, status, paused)}
      style={styleOf(place)}
      data-testid="tile"
      data-member-id={id}
      data-self={isLocal}
      data-status={status}
      data-paused={paused !== null}
      data-floating={place.floating}
      data-speaking={speaking && audioEnabled}
      {...(place.floating ? drag.handlers : {})}
    >
      <Frame participant={participant} status={status} paused={paused} />
      {!isLocal && <PinButton id={id} source="camera" name={participant.name} />}
      <HandBadge id={id} />
      <TileReactions id={id} />
      {!isLocal && <Signal id={id} name={participant.name} status={status} />}
      {place.floating && (
        <IconButton
          className="tile-move"
          label={t.room.tile.move}
          icon={Move}
          onClick={drag.nextCorner}
        />
      )}
    </div>
  );
}

interface FrameProps {
  readonly participant: ParticipantView;
  readonly status: TileStatus;
  readonly paused: string | null;
}

/** The picture, or initials in its place, and the name. */
function Frame({ participant, status, paused }: FrameProps) {
  const { id, name, isLocal, streamId, audioEnabled, videoEnabled } = participant;
  const picture = usePicture(streamId, 'camera');
  const [played, setPlayed] = useState(false);
  const pictured = videoEnabled && played;
  return (
    <div className="tile-frame" data-pictured={pictured}>
      <Video
        stream={picture}
        mirrored={isLocal}
        className={pictured ? '' : 'hidden-picture'}
        onPlaying={() => setPlayed(true)}
      />
      <div className="tile-middle">
        {!pictured && <Avatar name={name} id={id} />}
        <TileState id={id} status={status} />
        {paused !== null && (
          <p className="tile-progress tile-paused" data-testid="paused" aria-hidden="true">
            <WifiOff size={16} />
            <span>{paused}</span>
          </p>
        )}
      </div>
      <p className="name-plate" aria-hidden="true">
        {!audioEnabled && <MicOff size={14} />}
        <span className="truncate">{isLocal ? t.room.tile.self : name}</span>
      </p>
    </div>
  );
}

interface SignalProps {
  readonly id: string;
  readonly name: string;
  readonly status: TileStatus;
}

/** Signal bars, only where the link is not good. */
function Signal({ id, name, status }: SignalProps) {
  const stats = useAppSelector((state) => selectPeerStats(state, id));
  const limit = useAppSelector((state) => selectPictureLimited(state, id, 'camera'));
  const mode = useAppSelector((state) => state.room.currentRoom?.mode ?? 'mesh');
  const verdict = judge(status, stats, limit);
  // A single bad second is nothing to show.
  const lasting = useDelayed(verdict.quality !== 'good', 2500);
  if (!lasting) return null;
  return <SignalBadge name={name} verdict={verdict} stats={stats} mode={mode} limit={limit} />;
}

/** What is to say over the picture while there is no connection. */
function TileState({ id, status }: { readonly id: string; readonly status: TileStatus }) {
  const dispatch = useAppDispatch();
  const late = useDelayed(status !== 'connected', 400);
  if (!late) return null;
  if (status === 'apart') return <p className="tile-progress">{t.room.tile.apart}</p>;
  return (
    <div className="tile-state">
      {status === 'failed' ? (
        <>
          <p>{t.room.tile.failed}</p>
          <Button icon={RotateCw} onClick={() => dispatch(reconnectPeers(id))}>
            {t.room.tile.retry}
          </Button>
        </>
      ) : (
        <p className="tile-progress">
          <Spinner size={16} />
          {status === 'reconnecting' ? t.room.tile.reconnecting : t.room.tile.connecting}
        </p>
      )}
    </div>
  );
}
