import {
  ChevronUp,
  Keyboard,
  Link,
  MessageSquare,
  MonitorUp,
  MonitorX,
  MoreVertical,
  PhoneOff,
  Settings,
  SlidersHorizontal,
  SmilePlus,
  Activity,
  Users,
  type LucideIcon,
} from 'lucide-react';
import type { ComponentProps, MouseEvent } from 'react';

import { DevicePickers } from '../devices/device_pickers';
import { DeviceTroubles } from '../devices/device_troubles';
import { CameraToggle, MicrophoneToggle } from '../devices/media_toggle';
import { selectGrants, toggleScreenShare } from '../../store';
import { useMediaQuery } from '../hooks/use_browser';
import { useCapture } from '../hooks/use_services';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { MenuList, Popover, type MenuItem } from '../parts/menu';
import { t } from '../strings';
import { useCopyLink } from './use_copy_link';
import { Reactions } from './reactions';
import { LAYOUT_ICONS, layoutItems } from './layout_menu';
import type { RoomUi } from './use_room_ui';

interface ControlBarProps {
  readonly ui: RoomUi;
  readonly onLeave: () => void;
}

interface RoundButtonProps extends ComponentProps<'button'> {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly tip?: string;
}

function RoundButton({
  icon: Icon,
  label,
  tip,
  className = '',
  children,
  ...rest
}: RoundButtonProps) {
  return (
    <button
      type="button"
      className={`round-button ${className}`}
      aria-label={label}
      data-tip={tip ?? label}
      {...rest}
    >
      <Icon size={22} aria-hidden="true" />
      {children}
    </button>
  );
}

/** A press with the mouse leaves the focus where it is: the space bar is for talking. */
function keepFocus(event: MouseEvent) {
  event.preventDefault();
}

const words = t.room.controls;

/** Everything one does in a call, at the bottom centre. */
export function ControlBar({ ui, onLeave }: ControlBarProps) {
  const unread = useAppSelector((state) => state.messages.unreadCount);
  const { data } = useAppSelector(selectGrants);
  // What does not fit, beside an open panel or on a phone that lies, is in the menu.
  const wide = useMediaQuery(ui.panel === null ? '(min-width: 600px)' : '(min-width: 960px)');
  const low = useMediaQuery('(max-height: 480px)');
  const roomy = wide && !low;
  return (
    <div className="control-bar" role="toolbar" aria-label={words.bar} onMouseDown={keepFocus}>
      <OwnMedia roomy={roomy} />
      <div className="control-group">
        <ShareButton />
        <RoundButton
          icon={MessageSquare}
          label={unread > 0 ? words.chatUnread(unread) : words.chat}
          tip={words.chat}
          aria-pressed={ui.panel === 'chat'}
          data-testid="open-chat"
          onClick={() => ui.togglePanel('chat')}
        >
          {unread > 0 && (
            <span className="count" data-testid="unread-count" aria-hidden="true">
              {unread > 99 ? '99+' : unread}
            </span>
          )}
        </RoundButton>
        <PeopleButton ui={ui} />
        {roomy && <LayoutMenu ui={ui} />}
        {roomy && data && <ReactionMenu />}
        <MoreMenu ui={ui} roomy={roomy} />
      </div>
      <RoundButton
        icon={PhoneOff}
        className="round-button-leave"
        label={words.leave}
        data-testid="leave"
        onClick={onLeave}
      />
    </div>
  );
}

/** What we send, where we may send anything. */
function OwnMedia({ roomy }: { readonly roomy: boolean }) {
  const { publish } = useAppSelector(selectGrants);
  if (!publish) return null;
  return (
    <div className="control-group">
      <MicrophoneToggle />
      <CameraToggle />
      {roomy && <DeviceMenu />}
    </div>
  );
}

function LayoutMenu({ ui }: { readonly ui: RoomUi }) {
  return (
    <Popover
      kind="menu"
      label={words.layout}
      className="layout-menu"
      button={(attributes) => (
        <RoundButton
          {...attributes}
          icon={LAYOUT_ICONS[ui.layout]}
          label={words.layoutNow(t.room.layouts[ui.layout])}
          tip={words.layout}
          data-testid="open-layout"
        />
      )}
    >
      <MenuList label={words.layout} items={layoutItems(ui)} />
    </Popover>
  );
}

function PeopleButton({ ui }: { readonly ui: RoomUi }) {
  const people = useAppSelector((state) => state.participants.list.length) + 1;
  return (
    <RoundButton
      icon={Users}
      label={words.peopleCount(people)}
      tip={words.people}
      aria-pressed={ui.panel === 'people'}
      data-testid="open-people"
      onClick={() => ui.togglePanel('people')}
    >
      {people > 1 && (
        <span className="count count-quiet" aria-hidden="true">
          {people}
        </span>
      )}
    </RoundButton>
  );
}

/** Where there is a screen worth sharing: phones and tablets cannot, or hardly. */
function ShareButton() {
  const dispatch = useAppDispatch();
  const { publish } = useAppSelector(selectGrants);
  const { canShareScreen } = useCapture();
  const sharing = useAppSelector((state) => state.rtcConnection.screenSharing);
  const atDesk = useMediaQuery('(min-width: 600px) and (pointer: fine)');
  const canShare = publish && atDesk && canShareScreen;
  if (!sharing && !canShare) return null;
  return (
    <RoundButton
      icon={sharing ? MonitorX : MonitorUp}
      label={words.share}
      tip={sharing ? words.stopSharing : words.share}
      aria-pressed={sharing}
      data-testid="share-screen"
      onClick={() => dispatch(toggleScreenShare())}
    />
  );
}

function DeviceMenu() {
  return (
    <Popover
      kind="dialog"
      label={words.devices}
      className="device-menu"
      button={(attributes) => (
        <RoundButton
          {...attributes}
          icon={ChevronUp}
          className="round-button-slim"
          label={words.devices}
          data-testid="open-devices"
        />
      )}
    >
      <div className="device-menu-body">
        <DeviceTroubles />
        <DevicePickers side="above" />
      </div>
    </Popover>
  );
}

function ReactionMenu() {
  return (
    <Popover
      kind="dialog"
      label={t.room.reactions.title}
      className="reaction-menu"
      button={(attributes) => (
        <RoundButton
          {...attributes}
          icon={SmilePlus}
          label={t.room.reactions.title}
          data-testid="open-reactions"
        />
      )}
    >
      <Reactions />
    </Popover>
  );
}

interface MoreMenuProps {
  readonly ui: RoomUi;
  /** Whether the rest has its place in the bar. */
  readonly roomy: boolean;
}

function MoreMenu({ ui, roomy }: MoreMenuProps) {
  const copy = useCopyLink();
  const { data, publish } = useAppSelector(selectGrants);
  const menu = t.room.menu;
  const devices: MenuItem = {
    key: 'devices',
    label: menu.devices,
    icon: SlidersHorizontal,
    run: () => ui.setDialog('settings'),
  };
  const small: readonly MenuItem[] = [...layoutItems(ui), ...(publish ? [devices] : [])];
  const items: readonly MenuItem[] = [
    { key: 'link', label: menu.copyLink, icon: Link, run: copy },
    ...(roomy ? [] : small),
    {
      key: 'details',
      label: menu.details,
      icon: Activity,
      run: () => ui.showPanel('details'),
    },
    { key: 'settings', label: menu.settings, icon: Settings, run: () => ui.setDialog('settings') },
    {
      key: 'shortcuts',
      label: menu.shortcuts,
      icon: Keyboard,
      shortcut: '?',
      run: () => ui.setDialog('shortcuts'),
    },
  ];
  return (
    <Popover
      kind="menu"
      label={words.more}
      className="more-menu"
      button={(attributes) => (
        <RoundButton
          {...attributes}
          icon={MoreVertical}
          label={words.more}
          data-testid="open-more"
        />
      )}
    >
      <MenuList label={words.more} items={items} />
      {!roomy && data && <Reactions />}
    </Popover>
  );
}
