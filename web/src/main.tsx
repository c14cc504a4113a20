/** Puts the page together: the engine, the store and services, and what draws them. */

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'react-redux';

import { MeshSession } from './mesh/mesh_session';
import { startCrossover } from './store';
import { App } from './ui/app';
import { ServicesContext } from './ui/hooks/use_services';
import './ui/styles/index.css';

const { store, services } = startCrossover({
  createSession: (context) => new MeshSession(context),
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
