import { Link, Maximize2, Mic, MicOff, RotateCw, Video as VideoIcon, VideoOff } from 'lucide-react';

import {
  pinParticipant,
  reconnectPeers,
  selectHands,
  selectLocalParticipant,
  selectParticipants,
  selectPeerStats,
  selectPictureLimited,
  type ParticipantView,
} from '../../store';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { Avatar } from '../parts/avatar';
import { Button, IconButton } from '../parts/button';
import { t } from '../strings';
import { bitrate, judge, latency, percent } from './figures';
import { HandBadge } from './hand_badge';
import { tileStatus } from './tile_status';
import { useCopyLink } from './use_copy_link';

const words = t.room.people;

/** Who is here, with the state and figures of each connection. */
export function People() {
  const local = useAppSelector(selectLocalParticipant);
  const others = useAppSelector(selectParticipants);
  const capacity = useAppSelector((state) => state.room.currentRoom?.capacity ?? 0);
  const copy = useCopyLink();
  const hands = useAppSelector(selectHands);
  const all = handsFirst(local ? [local, ...others] : others, hands);
  return (
    <div className="people">
      <div className="people-head">
        <p className="muted">{words.count(all.length, capacity)}</p>
        <Button icon={Link} data-testid="copy-link-people" onClick={copy}>
          {words.invite}
        </Button>
      </div>
      <ul aria-label={words.list}>
        {all.map((participant) => (
          <Person key={participant.id} participant={participant} />
        ))}
      </ul>
    </div>
  );
}

/** Who wants to speak, in the order in which they said so; then all others. */
function handsFirst(
  all: readonly ParticipantView[],
  hands: readonly string[],
): readonly ParticipantView[] {
  const raised = hands.flatMap((id) => all.filter((one) => one.id === id));
  return [...raised, ...all.filter(({ raisedAt }) => raisedAt === null)];
}

interface PersonProps {
  readonly participant: ParticipantView;
}

function Person({ participant }: PersonProps) {
  const dispatch = useAppDispatch();
  const { id, name, isLocal } = participant;
  return (
    <li className="person" data-testid="person" data-member-id={id}>
      <Avatar name={name} id={id} />
      <div className="person-words">
        <PersonName participant={participant} />
        {!isLocal && <LinkBadge participant={participant} />}
      </div>
      {!isLocal && (
        <IconButton
          className="person-show"
          label={words.show(name)}
          icon={Maximize2}
          onClick={() => dispatch(pinParticipant(id))}
        />
      )}
      <PersonMedia participant={participant} />
    </li>
  );
}

function PersonName({ participant }: PersonProps) {
  const { id, name, isLocal, isModerator, status } = participant;
  const chips = [
    isLocal ? words.you : null,
    isModerator ? words.host : null,
    !isLocal && status !== 'active' ? words.status[status] : null,
  ].filter((chip) => chip !== null);
  return (
    <p className="person-name">
      <span className="truncate">{name}</span>
      {chips.map((chip) => (
        <span key={chip} className="chip">
          {chip}
        </span>
      ))}
      <HandBadge id={id} />
    </p>
  );
}

function PersonMedia({ participant }: PersonProps) {
  const { audioEnabled, videoEnabled } = participant;
  const MicIcon = audioEnabled ? Mic : MicOff;
  const CameraIcon = videoEnabled ? VideoIcon : VideoOff;
  return (
    <>
      <span className="person-media" data-off={!audioEnabled}>
        <MicIcon size={18} aria-hidden="true" />
        <span className="visually-hidden">
          {audioEnabled ? words.microphoneOn : words.microphoneOff}
        </span>
      </span>
      <span className="person-media" data-off={!videoEnabled}>
        <CameraIcon size={18} aria-hidden="true" />
        <span className="visually-hidden">{videoEnabled ? words.cameraOn : words.cameraOff}</span>
      </span>
    </>
  );
}

/** The badge of one link: its state in a colour and a word, and how good it is. */
function LinkBadge({ participant }: { readonly participant: ParticipantView }) {
  const dispatch = useAppDispatch();
  const stats = useAppSelector((state) => selectPeerStats(state, participant.id));
  const { id, name, connectionStatus, isApart } = participant;
  const limit = useAppSelector((state) => selectPictureLimited(state, participant.id, 'camera'));
  const { quality } = judge(tileStatus(participant), stats, limit);
  const figures =
    stats && connectionStatus === 'connected'
      ? t.room.figures.badge(
          latency(stats.latency),
          percent(stats.packetLoss),
          bitrate(stats.bandwidth),
        )
      : null;
  if (isApart && connectionStatus !== 'connected') {
    return <p className="link-badge">{t.room.tile.apart}</p>;
  }
  return (
    <div className="link-badge" data-status={connectionStatus} data-quality={quality}>
      <span className="status-dot" aria-hidden="true" />
      <span>{figures ?? words.connection[connectionStatus]}</span>
      {figures !== null && (
        <span className="visually-hidden">{words.connection[connectionStatus]}</span>
      )}
      {(connectionStatus === 'failed' || connectionStatus === 'disconnected') && (
        <button
          type="button"
          className="link-button"
          aria-label={words.reconnect(name)}
          onClick={() => dispatch(reconnectPeers(id))}
        >
          <RotateCw size={14} aria-hidden="true" />
          {t.common.retry}
        </button>
      )}
    </div>
  );
}
