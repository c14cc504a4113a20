import { useLayoutEffect } from 'react';

import { setLayout, type StageLayout } from '../../store';
import { LAYOUTS } from '../layout/stage';
import { recall, remember } from './remembered';
import { useAppDispatch, useAppSelector } from './use_store';

const KEY = 'crossover:layout';

/** How people are laid out: as it was chosen last. */
export function useLayout(): [StageLayout, (layout: StageLayout) => void] {
  const dispatch = useAppDispatch();
  const layout = useAppSelector((state) => state.stage.layout);
  useLayoutEffect(() => {
    const remembered = recall(KEY, LAYOUTS);
    if (remembered) dispatch(setLayout(remembered));
  }, [dispatch]);
  const choose = (next: StageLayout) => {
    remember(KEY, next);
    dispatch(setLayout(next));
  };
  return [layout, choose];
}

/** The layout after this one, around. */
export function layoutAfter(layout: StageLayout): StageLayout {
  return LAYOUTS[(LAYOUTS.indexOf(layout) + 1) % LAYOUTS.length] ?? 'grid';
}
