import { describe, expect, it } from 'vitest';

import { restoreGuest } from './middleware/auth';
import { login, logout } from './slices/auth';
import { createWorld } from './testing/fake_backstage';

describe('a guest', () => {
  it('is remembered, and forgotten by all tabs at once', () => {
    const world = createWorld();
    world.store.dispatch(login({ name: ' Ada ' }));
    expect(world.store.getState().auth).toMatchObject({
      isAuthenticated: true,
      user: { name: 'Ada' },
    });
    world.store.dispatch(logout());
    expect(world.localStorage.items.size).toBe(0);
    world.localStorage.setItem('crossover:guest', '{"id":"g","name":"Bob"}');
    world.changeElsewhere('crossover:guest');
    expect(world.store.getState().auth.user?.name).toBe('Bob');
    world.localStorage.removeItem('crossover:guest');
    world.changeElsewhere(null);
    expect(world.store.getState().auth.isAuthenticated).toBe(false);
  });

  it('is nobody when the browser remembers nonsense', () => {
    const world = createWorld();
    for (const text of ['{', 'null', '[]', '{"id":1}']) {
      world.localStorage.setItem('crossover:guest', text);
      restoreGuest(world.auth, world.store.dispatch);
    }
    expect(world.store.getState().auth.isAuthenticated).toBe(false);
  });
});
