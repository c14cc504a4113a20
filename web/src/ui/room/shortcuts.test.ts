import { describe, expect, it } from 'vitest';

import { shortcutFor } from './shortcuts';

function press(key: string, markup = '<main></main>', parts: KeyboardEventInit = {}) {
  document.body.innerHTML = markup;
  const target = document.body.querySelector('[data-here]') ?? document.body.firstElementChild!;
  let found: ReturnType<typeof shortcutFor> = null;
  const listen = (event: KeyboardEvent) => (found = shortcutFor(event));
  document.addEventListener('keydown', listen, { once: true });
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...parts }));
  return found;
}

describe('shortcutFor', () => {
  it.each([
    ['m', 'microphone'],
    ['V', 'camera'],
    ['c', 'chat'],
    ['p', 'people'],
    ['g', 'layout'],
    ['?', 'help'],
    [' ', 'talk'],
    ['Escape', 'close'],
    ['x', null],
    ['Enter', null],
  ])('%j means %s', (key, shortcut) => {
    expect(press(key)).toBe(shortcut);
  });

  it.each(['<input>', '<textarea></textarea>', '<p contenteditable="true"><b data-here></b></p>'])(
    'leaves letters to whoever types into %s',
    (markup) => {
      expect(press('m', markup)).toBeNull();
      expect(press(' ', markup)).toBeNull();
      expect(press('Escape', markup)).toBe('close');
    },
  );

  it('leaves the space bar to what it presses', () => {
    expect(press(' ', '<button></button>')).toBeNull();
    expect(press('m', '<button></button>')).toBe('microphone');
  });

  it('leaves combinations to the browser', () => {
    expect(press('c', '<main></main>', { ctrlKey: true })).toBeNull();
    expect(press('v', '<main></main>', { metaKey: true })).toBeNull();
  });
});
