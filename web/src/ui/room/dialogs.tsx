import type { Theme } from '../../store';
import { DevicePickers } from '../devices/device_pickers';
import { DeviceTroubles } from '../devices/device_troubles';
import { useAppSelector } from '../hooks/use_store';
import { useChooseTheme } from '../hooks/use_theme';
import { Dialog } from '../parts/dialog';
import { t } from '../strings';
import { SHORTCUTS } from './shortcuts';
import type { RoomUi } from './use_room_ui';

const THEMES: readonly Theme[] = ['light', 'dark'];

/** Whichever dialog is open. */
export function RoomDialogs({ ui }: { readonly ui: RoomUi }) {
  const close = () => ui.setDialog(null);
  if (ui.dialog === 'settings') return <SettingsDialog onClose={close} />;
  if (ui.dialog === 'shortcuts') return <ShortcutsDialog onClose={close} />;
  return null;
}

function SettingsDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title={t.room.settings.title} onClose={onClose}>
      <section className="settings-section">
        <h3>{t.room.settings.devices}</h3>
        <DeviceTroubles />
        <DevicePickers />
      </section>
      <ThemeChoice />
    </Dialog>
  );
}

function ThemeChoice() {
  const choose = useChooseTheme();
  const theme = useAppSelector((state) => state.dashboard.theme);
  return (
    <fieldset className="settings-section">
      <legend>{t.common.theme}</legend>
      <div className="segments">
        {THEMES.map((each) => (
          <label key={each} className="segment">
            <input
              type="radio"
              name="theme"
              className="visually-hidden"
              checked={each === theme}
              onChange={() => choose(each)}
            />
            <span>{t.common.themes[each]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title={t.room.shortcuts.title} onClose={onClose}>
      <dl className="shortcuts">
        {SHORTCUTS.map(([, shortcut, shown]) => (
          <div key={shortcut}>
            <dt>{t.room.shortcuts[shortcut]}</dt>
            <dd>
              <kbd className="key">{shown}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
