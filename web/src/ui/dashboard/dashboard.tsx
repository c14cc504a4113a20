import { CheckLink } from '../check/check_link';
import { useTitle } from '../hooks/use_browser';
import { Brand } from '../parts/brand';
import { ThemeToggle } from '../parts/theme';
import { t } from '../strings';
import { RoomList } from './room_list';
import { StartCard } from './start_card';

/** The way in: start a room, go to one, or find one that is open. */
export function Dashboard() {
  useTitle(t.dashboard.title);
  return (
    <div className="page">
      <header className="page-head">
        <Brand />
        <div className="page-head-tools">
          <CheckLink />
          <ThemeToggle />
        </div>
      </header>
      <main className="page-main">
        <div className="hero">
          <div className="hero-words">
            <h1>{t.dashboard.headline}</h1>
            <p className="hero-pitch">{t.dashboard.pitch}</p>
          </div>
          <StartCard />
        </div>
        <RoomList />
      </main>
    </div>
  );
}
