/** Puts the page together: the engine, the store and services, and what draws them. */

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'react-redux';

import { MeshSession } from './mesh/mesh_session';
import { codecFrom } from './sfu/encodings';
import { SfuSession } from './sfu/sfu_session';
import { startCrossover } from './store';
import { App } from './ui/app';
import { ServicesContext } from './ui/hooks/use_services';
import './ui/styles/index.css';

/** Which codec a server forwards is for engineers to choose: `?codec=vp9`. */
const codec = codecFrom(window.location.search);

const { store, services } = startCrossover({
  createSession: (mode, context) =>
    mode === 'mesh' ? new MeshSession(context) : new SfuSession({ ...context, codec }),
});

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <Provider store={store}>
      <ServicesContext value={services}>
        <App />
      </ServicesContext>
    </Provider>
  </StrictMode>,
);
