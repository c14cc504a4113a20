import { createContext, use } from 'react';

/** Says something to the person for a moment. */
export type Say = (text: string) => void;

export const SayContext = createContext<Say>(() => undefined);

export function useSay(): Say {
  return use(SayContext);
}
