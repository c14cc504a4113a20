/** Puts the page together: the engine, the store and services, and what draws them. */

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'react-redux';

import { RunningCheck } from './check/connection_check';
import { browserEnvironment } from './check/environment';
import { pictureFrom } from './media/picture';
import { MeshSession } from './mesh/mesh_session';
import { icePolicyFrom } from './session/ice_policy';
import { loadAhead } from './sfu/device';
import { codecFrom } from './sfu/encodings';
import { SfuSession } from './sfu/sfu_session';
import { exposeApi, selectRoomToken, startCrossover } from './store';
import { App } from './ui/app';
import { CheckContext } from './ui/check/check_context';
import { ServicesContext } from './ui/hooks/use_services';
import './ui/styles/index.css';

/**
 * For engineers: what cameras are sent in (`?codec=vp9`), and no larger (`?picture=160x120@15`), and
 * whether media must pass a TURN server (`?ice=relay`).
 */
const codec = codecFrom(window.location.search);
const picture = pictureFrom(window.location.search);
const icePolicy = icePolicyFrom(window.location.search);

const crossover = startCrossover({
  createSession: (mode, context) =>
    mode === 'mesh'
      ? new MeshSession({ ...context, icePolicy })
      : new SfuSession({ ...context, codec, icePolicy }),
  loadAhead,
  picture,
});
exposeApi(crossover);

const token = () => selectRoomToken(crossover.store.getState());
const createCheck = () => new RunningCheck(browserEnvironment(token));

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <Provider store={crossover.store}>
      <ServicesContext value={crossover.services}>
        <CheckContext value={createCheck}>
          <App />
        </CheckContext>
      </ServicesContext>
    </Provider>
  </StrictMode>,
);
